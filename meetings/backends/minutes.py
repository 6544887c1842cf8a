"""The summary and the agenda by a language model, joined from the parts of a long meeting."""

from collections.abc import Sequence
from itertools import pairwise

from meetings.analysis.agenda import UNKNOWN_PURPOSE, Agenda, AgendaItem
from meetings.analysis.summary import NOTHING_SAID, KeyPoint, Summary
from meetings.backends.base import BackendError
from meetings.backends.citations import clean_text
from meetings.backends.completion import ask
from meetings.backends.evidence import Court
from meetings.backends.prompts import SELECTION
from meetings.backends.schemas import AgendaAnswer, FoundTopic, SelectionAnswer, SummaryAnswer

MOST_SENTENCES, MOST_POINTS, MOST_TOPICS = 7, 12, 12
LONGEST_TITLE = 120


def join_summaries(court: Court, answers: Sequence[SummaryAnswer]) -> Summary:
    """The checked sentences of every part; of a long meeting those that matter for the whole."""
    sentences = [point for answer in answers for point in court.judge_points(answer.sentences)]
    points = [point for answer in answers for point in court.judge_points(answer.key_points)]
    if len(answers) > 1:
        sentences, points = _select(sentences, points)
    topics = [
        clean_text(topic, LONGEST_TITLE) for answer in answers for topic in answer.main_topics
    ]
    return Summary(
        summary=" ".join(sentence["text"] for sentence in sentences) or NOTHING_SAID,
        key_points=points[:MOST_POINTS],
        main_topics=list(dict.fromkeys(filter(None, topics)))[:MOST_TOPICS],
    )


def _select(
    sentences: list[KeyPoint], points: list[KeyPoint]
) -> tuple[list[KeyPoint], list[KeyPoint]]:
    """The reduce step: it only chooses, so what was checked stays checked."""
    lines = ["Sentences:", *(f"[{n}] {s['text']}" for n, s in enumerate(sentences))]
    lines += ["Key points:", *(f"[{n}] {p['text']}" for n, p in enumerate(points))]
    try:
        chosen = ask("selection", SELECTION, lines, SelectionAnswer)
    except BackendError:  # the parts are good without it
        return _thin(sentences, MOST_SENTENCES), _thin(points, MOST_POINTS)
    return (
        _pick(sentences, chosen.sentences) or _thin(sentences, MOST_SENTENCES),
        _pick(points, chosen.key_points) or _thin(points, MOST_POINTS),
    )


def _pick(entries: Sequence[KeyPoint], numbers: Sequence[int]) -> list[KeyPoint]:
    return [entries[number] for number in sorted({*numbers}) if 0 <= number < len(entries)]


def _thin(entries: Sequence[KeyPoint], most: int) -> list[KeyPoint]:
    """So many of them, evenly over the meeting."""
    step = max(1.0, len(entries) / most)
    return [entries[int(place * step)] for place in range(min(most, len(entries)))]


def join_agendas(court: Court, answers: Sequence[AgendaAnswer]) -> Agenda:
    items = [
        item
        for answer in answers
        for found in answer.agenda_items
        if (item := _judge(court, found))
    ]
    items.sort(key=lambda item: item["start"])
    joined: list[AgendaItem] = []
    for item in items:
        # A topic that goes on over the border of two parts is opened in both.
        if joined and joined[-1]["topic"].casefold() == item["topic"].casefold():
            joined[-1]["key_points"] += item["key_points"]
            joined[-1]["evidence"] += item["evidence"]
            continue
        joined.append(item)
    for item, following in pairwise(joined):
        item["end"] = max(item["start"], following["start"])
    if joined:
        joined[-1]["end"] = max(joined[-1]["start"], court.transcript.segments[-1].end)
    purposes = [clean_text(answer.meeting_purpose, 300) for answer in answers]
    return Agenda(
        agenda_items=joined,
        meeting_purpose=next(filter(None, purposes), UNKNOWN_PURPOSE),
        total_topics=len(joined),
    )


def _judge(court: Court, found: FoundTopic) -> AgendaItem | None:
    title, opening = clean_text(found.topic, LONGEST_TITLE), court.judge(found)
    if not title or not opening:
        return None
    points = court.judge_points(found.key_points)
    start = opening[0]["start"]
    return AgendaItem(
        topic=title,
        time_mentioned=start,
        start=start,
        end=opening[-1]["end"],
        key_points=[point["text"] for point in points],
        evidence=opening + [entry for point in points for entry in point["evidence"]],
    )
