"""The agenda as it was really followed: topics with their times and what was said about each."""

import re
from collections.abc import Collection, Sequence
from typing import TypedDict

from meetings.analysis.summary import choose_points
from meetings.analysis.text import Evidence, Unit, cite, find_names, split_units
from meetings.analysis.topics import Topic, find_topics
from meetings.analysis.wording import join_list, lower_first, polish
from transcription.types import Transcript

POINTS_PER_TOPIC = 3
SEARCHED_UNITS = 10
UNKNOWN_PURPOSE = "No purpose was stated."
PURPOSE = re.compile(
    r"\b(?:(?:the )?(?:purpose|goal|aim|objective|point) of (?:this|the|today's|our) (?:meeting"
    r"|call|session)"
    r" is(?: to)?|(?:we are|we're) (?:here|meeting)(?: today)? to|this meeting is (?:about|to)"
    r"|welcome to (?:the|our|this))\s+(?P<rest>[^.?!]{4,160})",
    re.I,
)


class AgendaItem(TypedDict):
    """One topic; ``time_mentioned``, ``start`` and ``end`` are seconds."""

    topic: str
    time_mentioned: float
    start: float
    end: float
    key_points: list[str]
    evidence: list[Evidence]


class Agenda(TypedDict):
    agenda_items: list[AgendaItem]
    meeting_purpose: str
    total_topics: int


def find_agenda(transcript: Transcript) -> Agenda:
    """Topics in order of time; no items where nothing was said."""
    units = split_units(transcript)
    names = find_names(units, transcript)
    topics = find_topics(units, names, transcript.language)
    told = [topic for topic in topics if not topic.is_closing]
    return Agenda(
        agenda_items=[_describe(topic, names) for topic in told],
        meeting_purpose=_find_purpose(units, told, names),
        total_topics=len(told),
    )


def _describe(topic: Topic, names: Collection[str]) -> AgendaItem:
    points = choose_points(topic, names, POINTS_PER_TOPIC)
    points.sort(key=lambda sentence: sentence.unit.index)
    opening = topic.units[0]
    return AgendaItem(
        topic=topic.title,
        time_mentioned=opening.start,
        start=opening.start,
        end=topic.units[-1].end,
        key_points=[point.text for point in points],
        evidence=cite([opening, *(point.unit for point in points if point.unit != opening)]),
    )


def _find_purpose(units: Sequence[Unit], topics: Sequence[Topic], names: Collection[str]) -> str:
    """The stated purpose and the topics; the topics alone where none was stated."""
    titles = [lower_first(topic.title) for topic in topics if topic.title != "General discussion"]
    subjects = f"discuss {join_list(titles[:5])}" if titles else ""
    for unit in units[:SEARCHED_UNITS]:
        stated = PURPOSE.search(unit.text)
        if not stated:
            continue
        rest = polish(stated["rest"], names)
        if not stated.group().lower().startswith("welcome"):
            return rest
        return f"{rest.rstrip('.')}: {subjects}." if subjects else rest
    return f"{subjects[0].upper()}{subjects[1:]}." if subjects else UNKNOWN_PURPOSE
