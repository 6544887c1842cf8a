"""The agent service: it summarises and extracts keywords; where they were said, we look up.

``POST /api/agents/analyze-text`` with ``{text, tasks}`` answers ``{success, results, errors}``;
``results`` has an entry by the name of each task, a text, a list or an object.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from pydantic import BaseModel, Field, ValidationError

from meetings.analysis.agenda import find_agenda
from meetings.analysis.entities import Keyword
from meetings.analysis.keywords import find_keywords
from meetings.analysis.summary import KeyPoint, Summary
from meetings.analysis.text import Evidence, is_content, stem
from meetings.backends.base import BackendConfused, Result, breaker
from meetings.backends.citations import clean_text, is_said, locate, read_words
from meetings.backends.wire import post_json
from transcription.types import Transcript

TASKS = {"summary": "summarize", "keywords": "extract_keywords"}
TIMEOUT_SECONDS = 30.0
# The share of a point's content words that one segment and its neighbour must have.
SUPPORT_SHARE = 0.5
MOST_POINTS, MOST_KEYWORDS, MOST_CITED = 12, 20, 10
TEXT_KEYS = ("summary", "text", "result", "content")
PHRASE_KEYS = ("text", "keyword", "phrase", "word", "name")


class AgentAnswer(BaseModel):
    success: bool
    results: dict[str, Any] = Field(default_factory=dict)
    errors: Any = None


def can_analyse(stage: str) -> bool:
    return bool(settings.AGENT_SERVICE_URL) and stage in TASKS and not breaker.is_open(address())


def address() -> str:
    return f"{settings.AGENT_SERVICE_URL.rstrip('/')}/api/agents/analyze-text"


def analyse(stage: str, transcript: Transcript) -> Result:
    """The shape of the local analysis, with ``dropped``: what was found nowhere in the transcript.

    Raises BackendError.
    """
    task = TASKS[stage]
    body = {"text": write_text(transcript), "tasks": [task]}
    try:
        answer = AgentAnswer.model_validate(post_json(address(), body, {}, TIMEOUT_SECONDS))
    except ValidationError as error:
        raise BackendConfused("the agent service answered in another shape") from error
    found = answer.results.get(task)
    if not answer.success or not found:
        raise BackendConfused(f"the agent service has no {task}: {answer.errors}"[:300])
    return {**READERS[stage](transcript, found), "engine": "agent"}


def write_text(transcript: Transcript) -> str:
    return "\n".join(
        f"{segment.speaker}: {segment.text}" if segment.speaker else segment.text
        for segment in transcript.segments
    )


def read_summary(transcript: Transcript, found: Any) -> dict[str, Any]:
    """Its summary; topics are ours where it names none. A key point found nowhere is dropped."""
    told = found if isinstance(found, dict) else {"summary": found}
    summary = clean_text(_read_text(told, TEXT_KEYS), 5_000)
    if not summary:
        raise BackendConfused("the agent service gave an empty summary")
    listed = [clean_text(_read_text(entry, TEXT_KEYS)) for entry in _read_list(told, "key_points")]
    points = [KeyPoint(text=text, evidence=find_support(transcript, text)) for text in listed]
    kept = [point for point in points if point["evidence"]][:MOST_POINTS]
    topics = [clean_text(_read_text(t, TEXT_KEYS), 120) for t in _read_list(told, "main_topics")]
    ours = [item["topic"] for item in find_agenda(transcript)["agenda_items"]]
    result = Summary(
        summary=summary, key_points=kept, main_topics=list(filter(None, topics)) or ours
    )
    return {**result, "dropped": sum(not point["evidence"] for point in points)}


def read_keywords(transcript: Transcript, found: Any) -> dict[str, Any]:
    """Its keywords in its order; one that nobody said is dropped. Theme and domain are ours."""
    listed = _read_list(found, "keywords") if isinstance(found, dict) else found
    if not isinstance(listed, list):
        raise BackendConfused("the agent service gave no list of keywords")
    phrases = [clean_text(_read_text(entry, PHRASE_KEYS), 80) for entry in listed]
    phrases = list(dict.fromkeys(filter(None, phrases)))[:MOST_KEYWORDS]
    said = [(phrase, find_phrase(transcript, phrase)) for phrase in phrases]
    kept = [
        Keyword(
            text=phrase,
            keyword=phrase,
            type="keyphrase" if " " in phrase else "keyword",
            relevance_score=round(1 - place / (len(phrases) + 1), 3),
            context=clean_text(transcript.segments[evidence[0]["segment"]].text, 300),
            evidence=evidence,
        )
        for place, (phrase, evidence) in enumerate(said)
        if evidence
    ]
    own = find_keywords(transcript)
    return {**own, "keywords": kept, "dropped": len(phrases) - len(kept)}


READERS: dict[str, Callable[[Transcript, Any], dict[str, Any]]] = {
    "summary": read_summary,
    "keywords": read_keywords,
}


def find_support(transcript: Transcript, text: str) -> list[Evidence]:
    """The segment that has most of the words, where it and the next one have half of them."""
    wanted = _read_terms(text, transcript.language)
    if not wanted or not transcript.segments:
        return []
    terms = [_read_terms(segment.text, transcript.language) for segment in transcript.segments]
    best = max(range(len(terms)), key=lambda number: len(wanted & terms[number]))
    around = terms[best].union(*terms[best + 1 : best + 2])
    if len(wanted & around) < SUPPORT_SHARE * len(wanted):
        return []
    return [locate(transcript.segments[best], best)]


def find_phrase(transcript: Transcript, phrase: str) -> list[Evidence]:
    words = read_words(phrase)
    return [
        locate(segment, number)
        for number, segment in enumerate(transcript.segments)
        if words and set(words) <= set(said := read_words(segment.text)) and is_said(words, said)
    ][:MOST_CITED]


def _read_terms(text: str, language: str) -> frozenset[str]:
    words = read_words(text)
    return frozenset(stem(word, language) for word in words if is_content(word, language))


def _read_text(entry: Any, keys: tuple[str, ...]) -> str:
    if isinstance(entry, dict):
        entry = next((entry[key] for key in keys if isinstance(entry.get(key), str)), "")
    return entry if isinstance(entry, str) else ""


def _read_list(told: dict[str, Any], key: str) -> list[Any]:
    value = told.get(key)
    return value if isinstance(value, list) else []
