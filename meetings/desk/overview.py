"""The strip above the list: meetings of each status, failures of a day, how long it takes."""

import statistics
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import DateTimeField, OuterRef, Subquery
from django.utils import timezone

from meetings.library.listing import count_statuses
from meetings.models import Meeting, Transition

LATEST = 200  # runs of the pipeline that the median is of
RECENT = timedelta(hours=24)
Status = Meeting.Status


@dataclass(frozen=True, slots=True)
class Overview:
    """``processing_seconds`` is the median of the latest runs; None before the first."""

    counts: dict[str, int]
    failed_recently: int
    processing_seconds: float | None


def read_overview() -> Overview:
    since = timezone.now() - RECENT
    failed = Transition.objects.filter(new=Status.FAILED, created_at__gte=since).order_by()
    return Overview(
        counts=count_statuses(Meeting.objects.all()),
        failed_recently=failed.values("meeting").distinct().count(),
        processing_seconds=measure_processing(),
    )


def measure_processing() -> float | None:
    """Seconds from the beginning of a processing to its success, the median of the latest."""
    begun = Transition.objects.filter(
        meeting=OuterRef("meeting"), new=Status.PROCESSING, pk__lt=OuterRef("pk")
    )
    latest = begun.order_by("-pk").values("created_at")[:1]
    runs = Transition.objects.filter(new=Status.COMPLETED).order_by("-pk")
    timed = runs.annotate(begun_at=Subquery(latest, output_field=DateTimeField()))
    pairs = timed.values_list("begun_at", "created_at")[:LATEST]
    took = [(end - begin).total_seconds() for begin, end in pairs if begin is not None]
    return statistics.median(took) if took else None
