"""The order in which a person reads a meeting: what TXT, Markdown and DOCX have in common."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from meetings.exports.document import Action, Document, Line, Question, Topic
from meetings.exports.text import clean_line, format_date, format_moment

Kind = Literal["title", "notice", "fact", "heading", "text", "item", "detail", "speech", "missing"]
METRICS = {
    "word_count": "Words",
    "words_per_minute": "Words per minute",
    "speech_seconds": "Speech",
    "silence_seconds": "Silence",
    "turns": "Turns",
    "longest_monologue_seconds": "Longest monologue",
    "question_count": "Questions",
    "interruptions": "Interruptions",
    "engagement_score": "Engagement, 0 to 10",
}
MOODS = {
    "overall_mood": "Overall",
    "sentiment_score": "Score, -1 to 1",
    "emotional_tone": "Tone",
    "stress_level": "Stress",
    "engagement_level": "Engagement",
}


@dataclass(frozen=True, slots=True)
class Block:
    """One line of text; ``label`` is who or what it is about, ``at`` its second."""

    kind: Kind
    text: str
    label: str = ""
    at: float | None = None


def build_outline(document: Document) -> Iterator[Block]:
    """Everything about the meeting, each text cleaned to one line, empty sections left out."""
    for block in list_blocks(document):
        yield Block(block.kind, clean_line(block.text), clean_line(block.label), block.at)


def list_blocks(document: Document) -> Iterator[Block]:
    yield Block("title", clean_line(document.title) or "Meeting")
    if document.notice:
        yield Block("notice", document.notice)
    yield from list_facts(document)
    summary = [Block("text", document.summary)] if document.summary else []
    yield from head("Summary", summary)
    yield from head("Key points", [Block("item", it.text, at=it.at) for it in document.key_points])
    yield from head("Action items", map(describe_action, document.actions))
    yield from head("Decisions", [Block("item", it.text, at=it.at) for it in document.decisions])
    yield from head("Questions", [it for one in document.questions for it in ask(one)])
    yield from head("Agenda", [it for topic in document.agenda for it in describe_topic(topic)])
    keywords = [Block("text", ", ".join(document.keywords))] if document.keywords else []
    yield from head("Keywords", keywords)
    yield from head("Mood", list_values(document.mood, MOODS))
    yield from head("Metrics", list_metrics(document.metrics))
    yield from head("Transcript", map(describe_line, document.lines))


def head(title: str, blocks: Iterable[Block]) -> list[Block]:
    """The section under its heading; nothing where it is empty."""
    section = list(blocks)
    return [Block("heading", title), *section] if section else []


def list_facts(document: Document) -> Iterator[Block]:
    yield Block("fact", format_date(document.started_at), "Date")
    if document.duration:
        yield Block("fact", format_moment(document.duration), "Length")
    if document.speakers:
        yield Block("fact", ", ".join(document.speakers), "Speakers")
    if document.purpose:
        yield Block("fact", document.purpose, "Purpose")
    yield Block("fact", document.session_id, "Session")


def describe_action(action: Action) -> Block:
    due = f" ({action.due})" if action.due and action.due not in action.task else ""
    return Block("item", action.task + due, action.owner, action.at)


def ask(question: Question) -> Iterator[Block]:
    yield Block("item", question.text, question.speaker, question.at)
    if question.answer:
        yield Block("detail", question.answer, question.answered_by or "Answer")


def describe_topic(topic: Topic) -> Iterator[Block]:
    yield Block("item", topic.title, at=topic.at)
    for point in topic.points:
        yield Block("detail", point)


def list_values(values: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[Block]:
    """The named values in that order; one that could not be measured says why."""
    for key, name in names.items():
        if values.get(key) is not None:
            yield Block("fact", format_value(key, values[key]), name)


def format_value(key: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return f"not measurable: {value.get('reason', 'unknown reason')}"
    if key.endswith("_seconds") and isinstance(value, int | float):
        return format_moment(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def list_metrics(metrics: Mapping[str, Any]) -> Iterator[Block]:
    yield from list_values(metrics, METRICS)
    shares = metrics.get("talk_time")
    for share in shares if isinstance(shares, list) else ():
        seconds, part = format_moment(share["seconds"]), round(100 * share["share"])
        yield Block("fact", f"{seconds}, {part} %", f"Talk time of {share['speaker']}")


def describe_line(line: Line) -> Block:
    return Block("missing" if line.is_missing else "speech", line.text, line.speaker, line.start)
