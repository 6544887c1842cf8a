"""The draft of a running meeting: what each chunk is believed to say, beside its neighbours.

A chunk's ``heard`` is what the engine gave for it and the tail of the one before. Its ``text``
is the part of that which is believed, and changes when a neighbour is heard later.
"""

from collections.abc import Iterable
from math import inf
from typing import Any

from chat import events
from meetings.models import AudioChunk, Meeting
from meetings.recording import place_meeting
from meetings.stitching import find_seam, list_words, shift, trim
from meetings.timeline import SAMPLE_RATE
from transcription.types import Segment, Word

Believed = list[tuple[int, Segment]]


def name_segment(index: int, position: int) -> str:
    """The id of a segment: its chunk, and its place in what was heard there."""
    return f"{index:06d}-{position:02d}"


def read_heard(chunk: AudioChunk) -> list[Segment]:
    """The engine's segments, in seconds from the chunk's start; the tail before it is negative."""
    return [
        Segment(**{**heard, "words": tuple(Word(**word) for word in heard["words"])})
        for heard in chunk.heard
    ]


def believe_chunks(chunks: Iterable[AudioChunk]) -> dict[int, Believed]:
    """Index -> position and segment of what each chunk is believed to say.

    ``chunks`` are in order. A chunk whose neighbour is not among them is believed up to that end.
    """
    believed: dict[int, Believed] = {}
    before: AudioChunk | None = None
    heard: list[Segment] = []
    left = -inf
    for chunk in chunks:
        following = read_heard(chunk)
        right, next_left = inf, -inf
        if before is not None and before.index == chunk.index - 1:
            length = (before.samples or 0) / SAMPLE_RATE
            seam = find_seam(list_words(shift(heard, -length)), list_words(following))
            right, next_left = seam.before_until + length, seam.after_from
        if before is not None:
            believed[before.index] = list(trim(heard, left, right))
        before, heard, left = chunk, following, next_left
    if before is not None:
        believed[before.index] = list(trim(heard, left, inf))
    return believed


def restitch(log: events.EventLog, meeting: Meeting, index: int) -> dict[int, str]:
    """Writes the text of a chunk just heard and of its neighbours; index -> text that changed.

    Tells the room of every segment that is new, different or gone.
    """
    near = meeting.chunks.filter(index__gte=index - 2, index__lte=index + 2)
    rows = {row.index: row for row in near.exclude(samples=None).order_by("index")}
    believed = believe_chunks(rows.values())
    offsets: dict[int, float] = {}
    changed: dict[int, str] = {}
    for row in rows.values():
        text = " ".join(segment.text for _, segment in believed[row.index])
        if abs(row.index - index) > 1 or (text == row.text and row.index != index):
            continue
        offsets = offsets or {place.index: place.start_seconds for place in place_meeting(meeting)}
        rev = row.rev + 1
        AudioChunk.objects.filter(pk=row.pk).update(text=text, rev=rev)
        append_drafts(log, row, rev, believed[row.index], offsets[row.index])
        changed[row.index] = text
    return changed


def append_drafts(
    log: events.EventLog, row: AudioChunk, rev: int, believed: Believed, offset: float
) -> None:
    """A hole before them may still close and move these segments; a final never moves."""
    for position, segment in believed:
        log.append("segment", **describe_draft(row, position, segment, offset), rev=rev)
    gone = set(range(len(row.heard))) - {position for position, _ in believed}
    for position in sorted(gone) if rev > 1 else ():
        log.append("segment", state="removed", id=name_segment(row.index, position), rev=rev)


def describe_draft(
    row: AudioChunk, position: int, segment: Segment, offset: float
) -> dict[str, Any]:
    return {
        "state": "partial",
        "id": name_segment(row.index, position),
        "start_ms": max(0, round((offset + segment.start) * 1000)),
        "end_ms": round((offset + segment.end) * 1000),
        "speaker": segment.speaker,
        "text": segment.text,
        "confidence": segment.confidence,
    }
