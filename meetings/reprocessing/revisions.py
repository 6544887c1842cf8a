"""Earlier results of a meeting's stages: kept when they are replaced, read, counted."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings

from intellibooks.errors import NotFound
from meetings.models import Meeting, StageResult, StageRevision
from meetings.reprocessing.dependencies import REVISED

KEPT_PER_STAGE = 10
SHOWN = "shown"  # beside a transcript's own result: the segments as people saw them


class RevisionNotFound(NotFound):
    detail = "Revision not found"


def keep_result(row: StageResult) -> None:
    """The row's result as a revision, before another takes its place.

    The oldest beyond STAGE_REVISIONS are dropped. To be called in the transaction that replaces
    the result.
    """
    if not row.result or row.name not in REVISED:
        return
    shown = {SHOWN: list_shown(row.meeting)} if row.name == "transcript" else {}
    StageRevision.objects.create(
        meeting=row.meeting,
        name=row.name,
        generation=row.generation,
        engine=row.engine,
        result={**row.result, **shown},
        input_digest=row.input_digest,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
    rows = StageRevision.objects.filter(meeting=row.meeting, name=row.name).order_by("-id")
    kept = max(0, int(getattr(settings, "STAGE_REVISIONS", KEPT_PER_STAGE)))
    surplus = list(rows.values_list("pk", flat=True)[kept:])
    StageRevision.objects.filter(pk__in=surplus).delete()


def list_shown(meeting: Meeting) -> list[dict[str, Any]]:
    """The stored segments without their words."""
    facts = ("key", "kind", "start_ms", "end_ms", "speaker", "text", "is_edited")
    return list(meeting.segments.values(*facts))


def find_revision(meeting: Meeting, revision_id: int) -> StageRevision:
    """Raises RevisionNotFound."""
    found = StageRevision.objects.filter(meeting=meeting, pk=revision_id).first()
    if found is None:
        raise RevisionNotFound(f"This meeting has no revision {revision_id}.")
    return found


def read_earlier(meeting: Meeting, rows: Iterable[StageResult]) -> dict[str, StageRevision]:
    """For stages that a processing which is not complete has made anew: what they said before.

    So whoever reads meanwhile, or after it failed, gets the results of one processing.
    """
    completed_at = meeting.completed_at
    if completed_at is None or meeting.status == Meeting.Status.COMPLETED:
        return {}
    newer = [row.name for row in rows if row.finished_at and row.finished_at > completed_at]
    if not newer:
        return {}
    earlier = StageRevision.objects.filter(
        meeting=meeting, name__in=newer, finished_at__lte=completed_at
    )
    return {revision.name: revision for revision in earlier.order_by("id")}
