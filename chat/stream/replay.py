"""What a room's viewers missed, from the event log."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings

from chat.frames import FrameText
from chat.models import Conversation, Event

PAGE = 200  # events in memory at once, however many sockets resume


@dataclass(frozen=True, slots=True)
class Missed:
    """Where a viewer who has ``after_seq`` stands, and whether the log can bring it up to date."""

    after_seq: int
    to_seq: int
    is_replayable: bool


def max_replayed() -> int:
    return settings.RESUME_MAX_EVENTS


def look_up_missed(session_id: str, after_seq: int) -> Missed:
    """Not replayable: too many, gone from the log, or of a future that never was."""
    to_seq = Conversation.objects.values_list("last_seq", flat=True).get(pk=session_id)
    count = to_seq - after_seq
    if not 0 <= count <= max_replayed():
        return Missed(after_seq, to_seq, is_replayable=False)
    missed = Event.objects.filter(conversation=session_id, seq__gt=after_seq, seq__lte=to_seq)
    return Missed(after_seq, to_seq, is_replayable=count == 0 or missed.count() == count)


def read_events(session_id: str, after_seq: int, to_seq: int, limit: int = PAGE) -> list[FrameText]:
    """The events after one and up to another, in order, at most ``limit``."""
    rows = (
        Event.objects.filter(conversation=session_id, seq__gt=after_seq, seq__lte=to_seq)
        .order_by("seq")
        .values_list("frame", "type", "seq")[:limit]
    )
    return [FrameText(*row) for row in rows]


def read_last_seqs(session_ids: Iterable[str]) -> dict[str, int]:
    """The newest event of each room."""
    rows = Conversation.objects.filter(pk__in=list(session_ids)).values_list("pk", "last_seq")
    return dict(rows)
