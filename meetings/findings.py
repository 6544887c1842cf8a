"""What a check of the stores says."""

from collections.abc import Callable
from dataclasses import dataclass

Repair = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong and what mends it; ``meeting_id`` is empty where no meeting is concerned."""

    meeting_id: str
    code: str
    what: str
    fix: str
    repair: Repair | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """What is known and no disagreement: a hole, a purge, a check that could not be made."""

    meeting_id: str
    what: str


Result = Finding | Note
