"""Bringing back what a stage said before; what it says now becomes a revision in its place."""

from chat import events
from meetings.models import Meeting, StageResult, StageRevision
from meetings.reprocessing.dependencies import find_dependents, in_order
from meetings.reprocessing.revisions import SHOWN, find_revision, keep_result
from meetings.reprocessing.service import (
    Plan,
    begin_processing,
    find_followers,
    mark_stages,
    require_finished,
)
from meetings.stages import list_stages


def restore_revision(meeting: Meeting, revision_id: int, *, author: str = "") -> Meeting:
    """The meeting with that earlier result as the current one.

    A transcript, or who spoke when, leads to segments and analyses: these are made anew, and the
    meeting is in processing meanwhile. Raises RevisionNotFound, MeetingNotFinished.
    """
    with events.record(meeting.pk) as log:
        current = require_finished(meeting)
        revision = find_revision(current, revision_id)
        name = revision.name
        put_back(current, revision)
        if not find_dependents([name]):
            log.append(
                "meeting", state="stage", stage=name, stages=list_stages(current), progress=1.0
            )
            return current
        followers = find_followers(current, [name])
        mark_stages(Plan(current, (), in_order(followers)))
        return begin_processing(log, current, author or "restore", stages=[name])


def put_back(meeting: Meeting, revision: StageRevision) -> None:
    """Swaps the stage's result with the revision's."""
    row, _ = StageResult.objects.get_or_create(
        meeting=meeting, name=revision.name, defaults={"status": StageResult.Status.COMPLETED}
    )
    keep_result(row)
    row.result = {key: value for key, value in revision.result.items() if key != SHOWN}
    row.status, row.error, row.is_asked = StageResult.Status.COMPLETED, "", False
    row.engine, row.input_digest = revision.engine, revision.input_digest
    row.started_at, row.finished_at = revision.started_at, revision.finished_at
    row.duration_seconds, row.generation = None, meeting.generation
    row.save()
    revision.delete()
