"""Everything that the page of one meeting shows, read once; the number of queries is constant."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Left

from chat.models import Event
from meetings import metadata
from meetings.desk import acts
from meetings.desk.subjects import read_subjects
from meetings.editing.renaming import read_history
from meetings.library.details import find_hint
from meetings.library.listing import encode_rows
from meetings.models import AudioChunk, Meeting, Segment, StageResult
from meetings.recording import place_meeting
from meetings.speaker_roster import Roster, read_roster
from meetings.timeline import Placed, format_clock

SEGMENTS_A_PAGE = 2000
MOST_CHUNKS = 2000  # over five hours; the list of chunks has the others
LATEST = 50  # of events, revisions, edits and deliveries
EXCERPT = 160  # characters of an event
VOICE_COLOURS = 8


@dataclass(frozen=True, slots=True)
class Line:
    """A segment as the page shows it; ``colour`` tells its voice, None where nobody speaks."""

    row: Segment
    clock: str
    start: float
    end: float
    colour: int | None


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in the recording; without a ``chunk`` nothing came for it.

    ``latency`` is how long the text took after the chunk had come, in seconds.
    """

    index: int
    clock: str
    seconds: float
    chunk: AudioChunk | None
    latency: float | None


@dataclass(frozen=True, slots=True)
class StageLine:
    row: Any
    hint: str
    again: acts.Act | None


def read_page(meeting: Meeting, user: Any, *, page: int = 1) -> dict[str, Any]:
    """The context of the template; ``page`` is of the transcript, from 1."""
    roster = read_roster(meeting)
    stages = list(meeting.stages.all())
    subject = read_subjects([meeting.pk])[0]
    pages = max(1, -(-subject.segments // SEGMENTS_A_PAGE))
    page = min(max(1, page), pages)
    return {
        "subject": subject,
        "facts": encode_rows([meeting])[0],
        "roster": roster,
        "lines": list_lines(meeting, roster, page),
        "page": page,
        "page_numbers": range(1, pages + 1),
        "found": read_findings(meeting, stages),
        "stages": list_stages(meeting, stages, user),
        "slots": list_slots(meeting),
        "acts": acts.list_possible(user, subject),
        "transitions": list(meeting.transitions.order_by("-pk")[:LATEST]),
        "raw": write_raw(meeting, stages),
        **read_history_of(meeting),
    }


def list_lines(meeting: Meeting, roster: Roster, page: int) -> list[Line]:
    colours = {voice.name: number for number, voice in enumerate(roster.speakers)}
    first = (page - 1) * SEGMENTS_A_PAGE
    rows = meeting.segments.defer("words").order_by("position")[first : first + SEGMENTS_A_PAGE]
    return [build_line(row, colours) for row in rows]


def build_line(row: Segment, colours: dict[str, int]) -> Line:
    colour = colours.get(row.speaker)
    start, end = row.start_ms / 1000, row.end_ms / 1000
    place = None if colour is None else colour % VOICE_COLOURS
    return Line(row, format_clock(start), start, end, place)


def read_findings(meeting: Meeting, stages: Iterable[StageResult]) -> dict[str, Any]:
    """What each analysis says, with speakers called as they are now."""
    rows = {row.name: row for row in stages}
    names = read_history(meeting)
    return {
        name: metadata.read_stage(rows.get(name), empty, names)
        for name, empty in metadata.EMPTY.items()
    }


def list_stages(meeting: Meeting, stages: Sequence[StageResult], user: Any) -> list[StageLine]:
    """With what would run each again, where this user may and it can be asked for."""
    is_over = meeting.status in {Meeting.Status.COMPLETED, Meeting.Status.FAILED}
    return [
        StageLine(
            row,
            find_hint(row.error) if row.error else "",
            find_again(meeting, row, user) if is_over else None,
        )
        for row in stages
    ]


def find_again(meeting: Meeting, row: StageResult, user: Any) -> acts.Act | None:
    is_failed = row.status == StageResult.Status.FAILED
    is_retry = is_failed and meeting.status == Meeting.Status.FAILED
    act = acts.BY_NAME.get(acts.RETRY if is_retry else acts.AGAIN.get(row.name, ""))
    return act if act and acts.may(user, act) else None


def list_slots(meeting: Meeting) -> list[Slot]:
    rows = {row.index: row for row in meeting.chunks.defer("heard")[:MOST_CHUNKS]}
    return [build_slot(place, rows.get(place.index)) for place in place_meeting(meeting)][
        :MOST_CHUNKS
    ]


def build_slot(place: Placed, chunk: AudioChunk | None) -> Slot:
    latency = None
    if chunk and chunk.transcribed_at:
        latency = (chunk.transcribed_at - chunk.received_at).total_seconds()
    seconds = place.end_seconds - place.start_seconds
    return Slot(place.index, format_clock(place.start_seconds), seconds, chunk, latency)


def read_history_of(meeting: Meeting) -> dict[str, Any]:
    events = Event.objects.filter(conversation=meeting.pk).order_by("-seq")
    revisions = meeting.stage_revisions.order_by("-pk")
    return {
        "events": list(take(events.defer("frame").annotate(excerpt=Left("frame", EXCERPT)))),
        "revisions": list(take(revisions.defer("result"))),
        "edits": list(take(meeting.edits.order_by("-pk").defer("old_words"))),
        "deliveries": list(take(meeting.deliveries.select_related("endpoint"))),
        "conflicts": list(take(meeting.conflicts.all())),
    }


def take(rows: QuerySet[Any]) -> Iterator[Any]:
    return iter(rows[:LATEST])


def write_raw(meeting: Meeting, stages: Iterable[StageResult]) -> str:
    """The results of the analyses as they are stored, to be copied."""
    results = {row.name: row.result for row in stages if row.name in metadata.EMPTY}
    told = {"session_id": meeting.pk, "status": meeting.status, "results": results}
    return json.dumps(told, ensure_ascii=False, indent=2)
