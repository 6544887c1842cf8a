"""The edits of people on segments that were built anew."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

from meetings.editing.placing import Edit, Part, apply_edits
from meetings.models import Meeting, Segment, SegmentEdit
from meetings.speakers import name_row, read_rules
from transcription.types import Word


def reapply_edits(meeting: Meeting, rows: Sequence[Segment]) -> list[Segment]:
    """The new rows, not stored yet, as people corrected the earlier ones.

    To be called before the earlier rows are deleted, under the room's lock. An edit becomes a
    segment of its own with its key and its time; nothing that a person wrote is lost.
    """
    edits = list(meeting.edits.standing())
    if not edits:
        return list(rows)
    spoken = [row for row in rows if row.kind == Segment.Kind.SPEECH]
    silent = [row for row in rows if row.kind != Segment.Kind.SPEECH]
    parts = apply_edits([read_part(row) for row in spoken], [read_edit(edit) for edit in edits])
    follow_keys(edits, parts)
    keys = {edit.segment_key for edit in edits}
    earlier = {row.key: row for row in meeting.segments.filter(key__in=keys)}
    built = name_rows(meeting, (build_row(part, spoken, earlier, meeting.pk) for part in parts))
    return sorted([*built, *silent], key=lambda row: row.start_ms)


def drop_edits(meeting: Meeting, author: str) -> int:
    """All edits undone, so that the next processing shows what the engines hear; how many.

    The segments stay as they are until then.
    """
    return meeting.edits.undo(author)


def read_part(row: Segment) -> Part:
    words = tuple(Word(**word) for word in row.words)
    return Part(row.key, row.start_ms, row.end_ms, row.text, words)


def read_edit(edit: SegmentEdit) -> Edit:
    return Edit(edit.segment_key, edit.start_ms, edit.end_ms, edit.new_text, edit.old_text)


def build_row(
    part: Part, rows: Sequence[Segment], earlier: Mapping[str, Segment], meeting_id: str
) -> Segment:
    """The row of a part: its facts are those of the row it came from."""
    source = earlier.get(part.key) if part.origin is None else rows[part.origin]
    if source is not None and part.edit is None and is_same(part, source):
        return source
    row = Segment(meeting_id=meeting_id, is_edited=part.edit is not None)
    for name in ("speaker_label", "confidence", "engine", "model"):
        setattr(row, name, getattr(source or row, name))
    row.key, row.start_ms, row.end_ms = part.key, part.start_ms, part.end_ms
    row.text, row.words = part.text, [asdict(word) for word in part.words]
    return row


def is_same(part: Part, row: Segment) -> bool:
    spot = (row.key, row.start_ms, row.end_ms, row.text)
    return spot == (part.key, part.start_ms, part.end_ms, part.text)


def name_rows(meeting: Meeting, rows: Iterable[Segment]) -> Iterable[Segment]:
    rules = read_rules(meeting)
    for row in rows:
        row.speaker = name_row(rules, row)
        yield row


def follow_keys(edits: Sequence[SegmentEdit], parts: Sequence[Part]) -> None:
    """Where an edit's key was given to another segment, the edit points to its own again."""
    for part in parts:
        if part.edit is None or part.key == edits[part.edit].segment_key:
            continue
        shown = edits[part.edit]
        stretch = {"start_ms": shown.start_ms, "end_ms": shown.end_ms}
        same = shown.meeting.edits.filter(segment_key=shown.segment_key, **stretch)
        same.update(segment_key=part.key)
