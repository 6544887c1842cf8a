"""Running one stage of the pipeline: a checkpointed row, skipped once it is done."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.db.models.functions import Now

from chat import events
from intellibooks import failpoints
from meetings.models import Meeting, StageResult

logger = logging.getLogger(__name__)

# All of these but "diarize" must succeed; of the analyses each stands for itself.
STRUCTURE = ("gather", "recording", "transcript", "diarize", "segments")
ANALYSES = ("summary", "keywords", "mood", "agenda", "actions", "metrics")
STAGE_NAMES = STRUCTURE + ANALYSES

PAUSES_BEFORE_RETRY = (5, 30, 120)  # seconds; a failure after the last is the end
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


def run_stage(run: Run, name: str, work: Work) -> Result:
    """The stage's result, from its checkpoint or computed now. Raises what ``work`` raises."""
    done = StageResult.objects.filter(
        meeting=run.meeting,
        name=name,
        generation=run.meeting.generation,
        status=StageResult.Status.COMPLETED,
    ).first()
    if done is not None:
        result: Result = done.result
        return result
    run.check_ownership()
    begin_stage(run, name)
    started = time.monotonic()
    try:
        result = work()
    except Exception as error:
        end_stage(run, name, started, error=describe_error(error))
        raise
    end_stage(run, name, started, result=result)
    return result


def try_stage(run: Run, name: str, work: Work) -> Result:
    """The same for a stage whose failure must not hide the others: stored, and no result."""
    try:
        return run_stage(run, name, work)
    except Fenced:
        raise
    except Exception:
        logger.exception("stage %s of meeting %s failed", name, run.meeting.pk)
        return {}


def describe_error(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:LONGEST_ERROR]


def begin_stage(run: Run, name: str) -> None:
    StageResult.objects.get_or_create(
        meeting=run.meeting, name=name, defaults={"status": StageResult.Status.RUNNING}
    )
    StageResult.objects.filter(meeting=run.meeting, name=name).update(
        status=StageResult.Status.RUNNING,
        generation=run.meeting.generation,
        started_at=Now(),
        finished_at=None,
        attempts=F("attempts") + 1,
        error="",
    )


def end_stage(
    run: Run, name: str, started: float, *, result: Result | None = None, error: str = ""
) -> None:
    """Writes the checkpoint and tells the room how far we are. Raises Fenced."""
    failpoints.reach(f"stage.{name}.before_checkpoint")
    with events.record(run.meeting.pk) as log:
        run.check_ownership()
        StageResult.objects.filter(meeting=run.meeting, name=name).update(
            status=StageResult.Status.FAILED if error else StageResult.Status.COMPLETED,
            result=result or {},
            engine=(result or {}).get("engine", ""),
            finished_at=Now(),
            duration_seconds=round(time.monotonic() - started, 3),
            error=error,
        )
        stages = list_stages(run.meeting)
        log.append(
            "meeting",
            state="stage",
            stage=name,
            stages=stages,
            progress=measure_progress(stages),
        )


def list_stages(meeting: Meeting) -> list[dict[str, Any]]:
    """Name, status, seconds and error of each stage this processing has reached."""
    rows = meeting.stages.filter(generation=meeting.generation)
    return [dict(row) for row in rows.values("name", "status", "duration_seconds", "error")]


def measure_progress(stages: list[dict[str, Any]]) -> float:
    """Share of the stages that are over, 0..1."""
    over: int = sum(stage["status"] != StageResult.Status.RUNNING for stage in stages)
    return float(round(over / len(STAGE_NAMES), 2))
