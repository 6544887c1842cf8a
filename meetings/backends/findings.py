"""Keywords, mood and actions by a language model, joined from the parts of a long meeting."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from meetings.analysis.actions import ActionItem, Actions
from meetings.analysis.decisions import Decision
from meetings.analysis.entities import Keyword
from meetings.analysis.keywords import Keywords
from meetings.analysis.mood import Mood, MoodEvidence, read_mood
from meetings.analysis.questions import Question
from meetings.backends.citations import check_quote, clean_text, read_words
from meetings.backends.evidence import Court
from meetings.backends.schemas import (
    ActionsAnswer,
    Feeling,
    FoundItem,
    FoundKeyword,
    FoundQuestion,
    KeywordsAnswer,
    MoodAnswer,
)

MOST_KEYWORDS, MOST_PASSAGES = 20, 3
LONGEST_PHRASE = 80
Entry = TypeVar("Entry")
Label = TypeVar("Label", bound=str)


def join_keywords(court: Court, answers: Sequence[KeywordsAnswer]) -> Keywords:
    """Each once, with all its evidence, the most relevant first."""
    joined: dict[tuple[str, ...], Keyword] = {}
    for found in (keyword for answer in answers for keyword in answer.keywords):
        keyword = _judge_keyword(court, found)
        if keyword is None:
            continue
        known = joined.setdefault(tuple(read_words(keyword["text"])), keyword)
        if known is not keyword:
            known["evidence"] += keyword["evidence"]
            known["relevance_score"] = max(known["relevance_score"], keyword["relevance_score"])
    ranked = sorted(joined.values(), key=lambda keyword: -keyword["relevance_score"])
    return Keywords(
        keywords=ranked[:MOST_KEYWORDS],
        main_theme=_first(clean_text(answer.main_theme, 200) for answer in answers) or "No subject",
        domain=_first(clean_text(answer.domain, 60).lower() for answer in answers) or "general",
    )


def _judge_keyword(court: Court, found: FoundKeyword) -> Keyword | None:
    text, evidence = clean_text(found.text, LONGEST_PHRASE), court.judge(found)
    if not text or not evidence:
        return None
    return Keyword(
        text=text,
        keyword=text,
        type=found.type,
        relevance_score=round(found.relevance, 3),
        context=court.quote(found),
        evidence=evidence,
    )


def join_moods(court: Court, answers: Sequence[MoodAnswer]) -> Mood:
    """Judgements by the model; the curves, a figure for every sentence, stay those of our own."""
    measured = read_mood(court.transcript)
    scores = [answer.sentiment_score for answer in answers]
    judged: Mood = {
        **measured,
        "overall_mood": _vote(answer.overall_mood for answer in answers),
        "sentiment_score": round(sum(scores) / len(scores), 3),
        "emotional_tone": _vote(clean_text(answer.emotional_tone, 60) for answer in answers)
        or measured["emotional_tone"],
        "stress_level": _vote(answer.stress_level for answer in answers),
        "engagement_level": _vote(answer.engagement_level for answer in answers),
        "most_positive": _judge_feelings(court, [f for a in answers for f in a.most_positive], -1),
        "most_negative": _judge_feelings(court, [f for a in answers for f in a.most_negative], 1),
    }
    return judged


def _judge_feelings(court: Court, found: Sequence[Feeling], sign: int) -> list[MoodEvidence]:
    """The strongest; ``sign`` is 1 where the lowest score is."""
    judged = [
        MoodEvidence(text=court.quote(feeling), score=round(feeling.score, 3), evidence=evidence)
        for feeling in found
        if (evidence := court.judge(feeling))
    ]
    return sorted(judged, key=lambda entry: sign * entry["score"])[:MOST_PASSAGES]


def join_actions(court: Court, answers: Sequence[ActionsAnswer]) -> Actions:
    """In the order in which they were said; what two parts tell is told once."""
    items = [i for a in answers for f in a.action_items if (i := _judge_item(court, f))]
    decisions = [
        Decision(text=point["text"], evidence=point["evidence"])
        for answer in answers
        for point in court.judge_points(answer.decisions)
    ]
    questions = [q for a in answers for f in a.questions if (q := _judge_question(court, f))]
    return Actions(
        action_items=_tell_once(items, lambda item: item["task"]),
        decisions=_tell_once(decisions, lambda decision: decision["text"]),
        questions=_tell_once(questions, lambda question: question["text"]),
    )


def _judge_item(court: Court, found: FoundItem) -> ActionItem | None:
    task, evidence = clean_text(found.task, 300), court.judge(found)
    if not task or not evidence:
        return None
    return ActionItem(
        task=task,
        owner=court.confirm_name(found.owner),
        due=court.confirm_due(found.due, evidence),
        text=court.quote(found),
        evidence=evidence,
    )


def _judge_question(court: Court, found: FoundQuestion) -> Question | None:
    text, evidence = clean_text(found.text, 300), court.judge(found)
    if not text or not evidence:
        return None
    answered = check_quote(court.transcript, found.answer_segments, found.answer_quote)
    court.dropped += bool(found.answer) and not answered
    return Question(
        text=text,
        speaker=court.name_speaker(evidence),
        answer=clean_text(found.answer) if answered else "",
        answered_by=court.name_speaker(answered),
        evidence=evidence,
        answer_evidence=answered,
    )


def _tell_once(entries: Iterable[Entry], read: Callable[[Entry], str]) -> list[Entry]:
    return list({tuple(read_words(read(entry))): entry for entry in entries}.values())


def _vote(labels: Iterable[Label]) -> Label:
    return Counter(labels).most_common(1)[0][0]


def _first(texts: Iterable[str]) -> str:
    return next(filter(None, texts), "")
