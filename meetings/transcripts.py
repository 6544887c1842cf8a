"""Reading what was said: the draft while the meeting runs, the finished text afterwards."""

from redis.exceptions import RedisError

from meetings import live
from meetings.models import Meeting
from meetings.models import Segment as SegmentRow
from transcription.types import Segment, Transcript, Word


def read_text(meeting: Meeting) -> str:
    """Everything understood so far, in the order in which it was said.

    Once finished it stays the finished text, also while the meeting is processed again.
    """
    if meeting.completed_at is not None:
        return meeting.transcript
    return join_texts(read_held_draft(meeting) or read_stored_draft(meeting))


def read_held_draft(meeting: Meeting) -> dict[int, str]:
    """The draft in Redis where it is whole; nothing where it is not, or Redis is away."""
    try:
        draft = live.read_draft(meeting.pk)
    except RedisError:
        return {}
    return draft if len(draft) == meeting.chunks_processed else {}


def read_stored_draft(meeting: Meeting) -> dict[int, str]:
    return dict(meeting.chunks.exclude(text="").values_list("index", "text"))


def join_texts(draft: dict[int, str]) -> str:
    return " ".join(draft[index] for index in sorted(draft) if draft[index])


def join_segments(meeting: Meeting) -> str:
    """The finished text, with every hole named where it is."""
    return " ".join(meeting.segments.exclude(text="").values_list("text", flat=True))


def read_language(meeting: Meeting) -> str:
    """What was asked for; where that is "auto", what the final pass heard, as far as it did."""
    if meeting.language != "auto":
        return meeting.language
    row = meeting.stages.filter(name="transcript").first()
    return row.result.get("language") or meeting.language if row else meeting.language


def read_transcript(meeting: Meeting) -> Transcript:
    """The finished segments, with seconds from the start of the meeting."""
    segments = tuple(
        Segment(
            start=row.start_ms / 1000,
            end=row.end_ms / 1000,
            text=row.text,
            confidence=row.confidence,
            words=tuple(Word(**word) for word in row.words),
            speaker=row.speaker or None,
        )
        for row in meeting.segments.filter(kind=SegmentRow.Kind.SPEECH).exclude(text="")
    )
    duration = meeting.duration_ms / 1000
    return Transcript(segments, duration=duration, language=read_language(meeting))
