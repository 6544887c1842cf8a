"""The frame of a stored segment, whether it was just finished or revised since."""

from typing import Literal

from chat import events
from meetings.models import Segment


def append_segment(log: events.EventLog, row: Segment, state: Literal["final", "revised"]) -> None:
    log.append(
        "segment",
        state=state,
        id=row.key,
        rev=row.rev,
        kind=row.kind,
        start_ms=row.start_ms,
        end_ms=row.end_ms,
        speaker=row.speaker or None,
        text=row.text,
        confidence=row.confidence,
    )
