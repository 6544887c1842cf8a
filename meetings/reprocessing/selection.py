"""Which meetings a command means: those named, or all that its filters leave."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from meetings.models import Meeting

# Others cannot be processed again; who names one is told so.
STATUSES = (Meeting.Status.COMPLETED, Meeting.Status.FAILED)


@dataclass(frozen=True, slots=True)
class Selection:
    """Filters; ``since`` and ``until`` are about the meeting's beginning, ``until`` excluded."""

    ids: Sequence[str] = ()
    is_all: bool = False
    status: str = ""
    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.ids or self.is_all or self.status or self.since or self.until)


def list_chosen(selection: Selection) -> list[str]:
    """Ids of the meetings, the newest first. Named ones are in whatever their status is."""
    among = {"pk__in": selection.ids} if selection.ids else {"status__in": STATUSES}
    rows = Meeting.objects.filter(**among).order_by("-created_at", "-pk")
    if selection.status:
        rows = rows.filter(status=selection.status)
    if selection.since:
        rows = rows.filter(created_at__gte=selection.since)
    if selection.until:
        rows = rows.filter(created_at__lt=selection.until)
    return list(rows.values_list("pk", flat=True)[: selection.limit])


def list_unknown(ids: Sequence[str]) -> list[str]:
    known = set(Meeting.objects.filter(pk__in=ids).values_list("pk", flat=True))
    return [meeting_id for meeting_id in dict.fromkeys(ids) if meeting_id not in known]
