"""The finished transcript as rows: the final pass, or the draft where it is kept; holes named."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from chat import events
from meetings import final_pass
from meetings.diarizing import place_speakers
from meetings.drafts import believe_chunks, name_segment
from meetings.editing.reapplying import reapply_edits
from meetings.models import FINAL_REV, AudioChunk, Meeting
from meetings.models import Segment as SegmentRow
from meetings.recording import place_meeting
from meetings.segment_frames import append_segment
from meetings.stages import Result
from meetings.timeline import Hole, Placed, find_holes
from transcription.types import Segment, SpeakerTurn, Word


def store_segments(meeting: Meeting, turns: Sequence[SpeakerTurn] = ()) -> Result:
    """Replaces the meeting's segments; viewers are told which drafts are gone."""
    rows = build_rows(meeting)
    kept = {row.key for row in rows}
    drafts = believe_chunks(read_chunks(meeting).values())
    keys = (name_segment(index, place) for index, part in drafts.items() for place, _ in part)
    rows = write_segments(meeting, rows, turns, [key for key in keys if key not in kept])
    spoken = [row for row in rows if row.kind == SegmentRow.Kind.SPEECH]
    return {"segments": len(spoken), "words": sum(len(row.text.split()) for row in spoken)}


def build_rows(meeting: Meeting) -> list[SegmentRow]:
    """The meeting's segments as far as they are known now, in order, not stored."""
    places = place_meeting(meeting)
    final = final_pass.read_final(meeting)
    spoken = build_drafted(meeting, places) if final is None else build_final(meeting, final)
    missing = (build_missing(meeting, hole) for hole in find_holes(places))
    return sorted([*spoken, *missing], key=lambda row: (row.start_ms, row.key))


def read_chunks(meeting: Meeting) -> dict[int, AudioChunk]:
    """Index -> chunk, for those that could be decoded."""
    return {chunk.index: chunk for chunk in meeting.chunks.exclude(samples=None)}


def write_segments(
    meeting: Meeting, built: list[SegmentRow], turns: Sequence[SpeakerTurn], gone: list[str]
) -> list[SegmentRow]:
    """One transaction: the rows as they are now, a frame for each, and for each that is gone.

    ``gone`` are drafts that the new rows replace; earlier rows are known here.
    """
    with events.record(meeting.pk) as log:
        rows = reapply_edits(meeting, place_speakers(meeting, built, turns))
        revs = dict(meeting.segments.values_list("key", "rev"))
        # Above all of before, so that a segment that goes and comes again is news each time.
        rev = max([FINAL_REV - 1, *revs.values()]) + 1
        for position, row in enumerate(rows):
            row.position, row.rev = position, rev
        meeting.segments.all().delete()
        SegmentRow.objects.bulk_create(rows)
        for key in sorted({*gone, *revs} - {row.key for row in rows}):
            log.append("segment", state="removed", id=key, rev=rev)
        for row in rows:
            append_segment(log, row, "final")
    return rows


def build_drafted(meeting: Meeting, places: Iterable[Placed]) -> Iterator[SegmentRow]:
    """What each chunk is believed to say, at its place in the meeting."""
    chunks = read_chunks(meeting)
    believed = believe_chunks(chunks.values())
    for place in places:
        if place.index not in chunks:
            continue
        chunk = chunks[place.index]
        for position, segment in believed[place.index]:
            key = name_segment(chunk.index, position)
            row = build_spoken(chunk.meeting_id, key, segment, place.start_seconds)
            row.engine, row.model = chunk.engine, chunk.model
            yield row


def build_final(meeting: Meeting, segments: list[Segment]) -> Iterator[SegmentRow]:
    """The final pass; a segment is named by its second, so that a rerun names it alike."""
    engine, model = final_pass.read_source(meeting)
    taken: set[str] = set()
    for segment in segments:
        key = stem = f"t{max(0, round(segment.start * 1000)):09d}"
        number = 1
        while key in taken:
            number += 1
            key = f"{stem}-{number}"
        taken.add(key)
        row = build_spoken(meeting.pk, key, segment, 0.0)
        row.engine, row.model = segment.engine or engine, segment.model or model
        yield row


def build_spoken(meeting_id: str, key: str, segment: Segment, offset: float) -> SegmentRow:
    return SegmentRow(
        meeting_id=meeting_id,
        key=key,
        start_ms=max(0, round((offset + segment.start) * 1000)),
        end_ms=max(0, round((offset + segment.end) * 1000)),
        text=segment.text,
        speaker=segment.speaker or "",
        words=[shift_word(word, offset) for word in segment.words],
        confidence=segment.confidence,
    )


def build_missing(meeting: Meeting, hole: Hole) -> SegmentRow:
    return SegmentRow(
        meeting=meeting,
        kind=SegmentRow.Kind.MISSING,
        key=f"{hole.first_index:06d}-missing",
        start_ms=round(hole.start * 1000),
        end_ms=round(hole.end * 1000),
        text=hole.text,
    )


def shift_word(word: Word, seconds: float) -> dict[str, Any]:
    start, end = round(word.start + seconds, 3), round(word.end + seconds, 3)
    return {"text": word.text, "start": start, "end": end, "probability": word.probability}
