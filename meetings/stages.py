"""Running one stage of the pipeline: a checkpointed row, skipped once it is done.

What is to be done again stands in the rows too (pending, asked for or not), so a worker that
is killed takes none of it along.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from chat import events
from intellibooks import failpoints, tracing
from intellibooks.metrics import shared as counters
from meetings.leases import seconds_from_now
from meetings.models import Meeting, StageResult
from meetings.reprocessing.revisions import keep_result

logger = logging.getLogger(__name__)

# All of these but "diarize" must succeed; of the analyses each stands for itself.
STRUCTURE = ("gather", "recording", "transcript", "diarize", "segments")
ANALYSES = ("summary", "keywords", "mood", "agenda", "actions", "metrics")
STAGE_NAMES = STRUCTURE + ANALYSES

PAUSES_BEFORE_RETRY = (5, 30, 120)  # seconds; a failure after the last is the end
OVER = frozenset({StageResult.Status.COMPLETED, StageResult.Status.FAILED})
NO_RESULT: dict[str, Any] = {
    "result": {},
    "engine": "",
    "input_digest": "",
    "started_at": Now(),
    "finished_at": None,
    "duration_seconds": None,
}
Result = dict[str, Any]
Work = Callable[[], Result]
LONGEST_ERROR = 500  # characters that an operator reads


class Fenced(Exception):
    """This run lost the meeting to a successor; what it does from now on must not count."""


@dataclass(frozen=True, slots=True)
class Run:
    """One worker's go at a meeting: the row as it was claimed, and the token of the claim."""

    meeting: Meeting
    token: str
    is_ours: Callable[[], bool]

    def check_ownership(self) -> None:
        """Raises Fenced."""
        held = Meeting.objects.filter(pk=self.meeting.pk, lease_token=self.token)
        if not self.is_ours() or not held.exists():
            raise Fenced(self.meeting.pk)


def run_stage(run: Run, name: str, work: Work, *, input_digest: str = "") -> Result:
    """The stage's result, from its checkpoint or computed now. Raises what ``work`` raises.

    ``input_digest`` tells what it is made from: a stage that waits only because an earlier one
    ran again does not run if that is still the same.
    """
    row = find_current(run, name)
    if row is not None and row.status == StageResult.Status.COMPLETED:
        return read_result(row)
    if row is not None and is_unchanged(row, input_digest):
        settle_unchanged(run, name)
        return read_result(row)
    run.check_ownership()
    begin_stage(run, name)
    started = time.monotonic()
    try:
        with tracing.span(f"stage {name}"):
            result = work()
    except Exception as error:
        end_stage(run, name, started, error=describe_error(error))
        raise
    end_stage(run, name, started, result=result, input_digest=input_digest)
    return result


def try_stage(run: Run, name: str, work: Work, *, input_digest: str = "") -> Result:
    """The same for a stage whose failure must not hide the others: stored, and no result.

    One that failed is over for this processing; who asks for it anew sets it to pending.
    """
    row = find_current(run, name)
    if row is not None and row.status == StageResult.Status.FAILED:
        return {}
    try:
        return run_stage(run, name, work, input_digest=input_digest)
    except Fenced:
        raise
    except Exception:
        logger.exception("stage %s of meeting %s failed", name, run.meeting.pk)
        return {}


def find_current(run: Run, name: str) -> StageResult | None:
    """The stage's row, if this processing has reached it or was given it."""
    meeting = run.meeting
    rows = StageResult.objects.filter(meeting=meeting, name=name, generation=meeting.generation)
    return rows.first()


def read_result(row: StageResult) -> Result:
    result: Result = row.result
    return result


def is_unchanged(row: StageResult, input_digest: str) -> bool:
    """Whether a stage that waits would only find again what it found."""
    waits = row.status == StageResult.Status.PENDING and not row.is_asked
    return waits and bool(input_digest) and row.input_digest == input_digest


def is_asked(run: Run, name: str) -> bool:
    """Whether a person asked for this stage to run again."""
    row = find_current(run, name)
    is_over = row is None or row.status == StageResult.Status.COMPLETED
    return row is not None and row.is_asked and not is_over


def settle_unchanged(run: Run, name: str) -> None:
    """The stage is over without having run: nothing but its status changes. Raises Fenced."""
    with events.record(run.meeting.pk) as log:
        run.check_ownership()
        rows = StageResult.objects.filter(meeting=run.meeting, name=name)
        rows.update(status=StageResult.Status.COMPLETED, error="")
        announce_stage(log, run.meeting, name)


def describe_error(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:LONGEST_ERROR]


def begin_stage(run: Run, name: str) -> None:
    """The row says that the stage runs.

    A result of an earlier generation, which did not know all the sound, is put away; one of this
    generation stays until it is replaced.
    """
    meeting = run.meeting
    with events.turn_to_write(), transaction.atomic():
        row, _ = StageResult.objects.get_or_create(
            meeting=meeting, name=name, defaults={"status": StageResult.Status.RUNNING}
        )
        is_outdated = row.generation != meeting.generation
        if is_outdated:
            keep_result(row)
        StageResult.objects.filter(pk=row.pk).update(
            status=StageResult.Status.RUNNING,
            generation=meeting.generation,
            attempts=F("attempts") + 1,
            error="",
            **(NO_RESULT if is_outdated or not row.result else {}),
        )


def end_stage(
    run: Run,
    name: str,
    started: float,
    *,
    result: Result | None = None,
    error: str = "",
    input_digest: str = "",
) -> None:
    """Writes the checkpoint and tells the room how far we are. Raises Fenced."""
    failpoints.reach(f"stage.{name}.before_checkpoint")
    seconds = round(time.monotonic() - started, 3)
    with events.record(run.meeting.pk) as log:
        run.check_ownership()
        row = StageResult.objects.get(meeting=run.meeting, name=name)
        rows = StageResult.objects.filter(pk=row.pk)
        if error:
            seconds_tried = {} if row.result else {"duration_seconds": seconds}
            rows.update(status=StageResult.Status.FAILED, error=error, **seconds_tried)
        else:
            keep_result(row)
            rows.update(
                status=StageResult.Status.COMPLETED,
                result=result or {},
                engine=(result or {}).get("engine", ""),
                started_at=seconds_from_now(-seconds),
                finished_at=Now(),
                duration_seconds=seconds,
                error="",
                is_asked=False,
                input_digest=input_digest,
            )
        announce_stage(log, run.meeting, name)
    status = str(StageResult.Status.FAILED if error else StageResult.Status.COMPLETED)
    counters.add({"studio_stage_runs": 1}, stage=name, status=status)
    counters.add({"studio_stage_seconds": seconds}, stage=name)


def announce_stage(log: events.EventLog, meeting: Meeting, name: str) -> None:
    stages = list_stages(meeting)
    progress = measure_progress(stages)
    log.append("meeting", state="stage", stage=name, stages=stages, progress=progress)


def list_stages(meeting: Meeting) -> list[dict[str, Any]]:
    """Name, status, seconds and error of each stage this processing has reached."""
    rows = meeting.stages.filter(generation=meeting.generation)
    return [dict(row) for row in rows.values("name", "status", "duration_seconds", "error")]


def measure_progress(stages: list[dict[str, Any]]) -> float:
    """Share of the stages that are over, 0..1."""
    over: int = sum(stage["status"] in OVER for stage in stages)
    return float(round(over / len(STAGE_NAMES), 2))


def name_current(stages: list[dict[str, Any]]) -> str | None:
    """The stage that runs, else the next that waits, else the last that is over."""
    for status in (StageResult.Status.RUNNING, StageResult.Status.PENDING):
        for stage in stages:
            if stage["status"] == status:
                return str(stage["name"])
    return str(stages[-1]["name"]) if stages else None
