"""Texts of segments written: the rows, their history, the frames, the whole text."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from chat import events
from meetings import transcripts
from meetings.editing.retiming import retime_words
from meetings.leases import new_key
from meetings.models import Meeting, Segment, SegmentEdit
from meetings.segment_frames import append_segment
from transcription.types import Word

BATCH_ROWS = 200  # of one UPDATE; SQLite allows a bounded number of parameters


@dataclass(frozen=True, slots=True)
class Change:
    """A segment, the text it had and the one it is to have; ``matches`` in it were replaced."""

    row: Segment
    before: str
    text: str
    matches: int = 0


def encode_segment(row: Segment) -> dict[str, Any]:
    return {
        "id": row.key,
        "rev": row.rev,
        "kind": row.kind,
        "start_ms": row.start_ms,
        "end_ms": row.end_ms,
        "speaker": row.speaker or None,
        "speaker_label": row.speaker_label or None,
        "text": row.text,
        "words": row.words,
        "confidence": row.confidence,
        "engine": row.engine,
        "edited": row.is_edited,
    }


def write_changes(
    log: events.EventLog, meeting: Meeting, changes: Sequence[Change], author: str
) -> None:
    """The new texts with the times of their words, and what they were before."""
    batch = new_key()
    edits = [
        SegmentEdit(
            meeting=meeting,
            batch=batch,
            segment_key=change.row.key,
            start_ms=change.row.start_ms,
            end_ms=change.row.end_ms,
            old_text=change.before,
            new_text=change.text,
            old_words=change.row.words,
            author=author[:150],
        )
        for change in changes
    ]
    SegmentEdit.objects.bulk_create(edits, batch_size=BATCH_ROWS)
    for change in changes:
        rewrite(change.row, change.text)
    store_rows(log, meeting, [change.row for change in changes])


def rewrite(row: Segment, text: str) -> None:
    """The row, not stored yet, with what a person wrote and the times of its words."""
    words = [Word(**word) for word in row.words]
    timed = retime_words(words, text, row.start_ms / 1000, row.end_ms / 1000)
    row.text, row.words, row.is_edited = text, [asdict(word) for word in timed], True


def store_rows(log: events.EventLog, meeting: Meeting, rows: Sequence[Segment]) -> None:
    if not rows:
        return
    for row in rows:
        row.rev += 1
        append_segment(log, row, "revised")
    fields = ["text", "words", "rev", "is_edited"]
    Segment.objects.bulk_update(rows, fields, batch_size=BATCH_ROWS)
    # A completed meeting keeps its text as a whole; one in processing gets it at the end.
    completed = Meeting.objects.filter(pk=meeting.pk, status=Meeting.Status.COMPLETED)
    completed.update(transcript=transcripts.join_segments(meeting))
