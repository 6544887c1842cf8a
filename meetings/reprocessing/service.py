"""Processing a finished meeting again: what was asked for, and what depends on it if it changed."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from chat import events
from intellibooks.errors import Conflict, InvalidRequest
from meetings import services
from meetings.editing.reapplying import drop_edits
from meetings.models import Meeting, StageResult
from meetings.reprocessing.dependencies import (
    ALL,
    HEARS,
    NAMES,
    UnknownStage,
    expand_names,
    find_dependents,
    find_sources,
    in_order,
    list_deaf,
)
from meetings.stages import list_stages, measure_progress
from transcription.engines.base import ENGINES, is_available

Status = Meeting.Status
LANGUAGE = re.compile(r"auto|[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?", re.ASCII)
ACTOR, LONGEST_ACTOR = "reprocess", 64
WHY_NOT = {
    Status.RECORDING: "The meeting is being recorded: stop it first.",
    Status.PROCESSING: "The meeting is being processed already.",
    Status.CANCELLED: "The meeting was cancelled: what was recorded is discarded.",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """Stages that run, and ``followers`` that run if what they are made from changed."""

    meeting: Meeting
    asked: tuple[str, ...]
    followers: tuple[str, ...]


class MeetingNotFinished(Conflict):
    detail = "Meeting cannot be reprocessed now"


class SoundGone(Conflict):
    detail = "The recording was deleted"


def reprocess_meeting(
    meeting: Meeting,
    *,
    stages: Sequence[str] = (ALL,),
    engine: str = "",
    language: str = "",
    author: str = "",
    keep_edits: bool = True,
) -> Meeting:
    """The meeting, in processing again; its earlier results stay readable until the new are there.

    ``stages`` are of ``dependencies.NAMES``. Of two that ask at once one wins. Without
    ``keep_edits`` what people wrote into the transcript is undone. Raises InvalidRequest,
    MeetingNotFinished, SoundGone.
    """
    asked = require_stages(stages)
    wishes = require_wishes(asked, engine=engine, language=language)
    with events.record(meeting.pk) as log:
        plan = plan_stages(meeting, asked, keep_edits=keep_edits)
        if not keep_edits:
            drop_edits(plan.meeting, author)
        mark_stages(plan)
        return begin_processing(log, plan.meeting, author or ACTOR, stages=stages, **wishes)


def process_stuck_recording(meeting: Meeting, *, author: str = "") -> Meeting:
    """A recording whose client will not come back: stopped and processed.

    Raises MeetingNotRecording.
    """
    return services.end_recording(meeting.pk, actor=(author or "operator")[:LONGEST_ACTOR])


def require_stages(names: Sequence[str]) -> tuple[str, ...]:
    """The stages that are asked for. Raises InvalidRequest."""
    try:
        stages = expand_names(names)
    except UnknownStage as error:
        problem = f"{str(error)[:32]!r} is none of {', '.join(NAMES)}."
        raise explain_wish("stages", problem) from error
    if not stages:
        raise explain_wish("stages", f"Name at least one of {', '.join(NAMES)}.")
    return stages


def require_wishes(asked: Sequence[str], *, engine: str, language: str) -> dict[str, str]:
    """What the meeting's row is to say from now on. Raises InvalidRequest."""
    wishes = {"engine": engine, "language": language}
    given = {name: wish for name, wish in wishes.items() if wish}
    if given and "transcript" not in asked:
        name = next(iter(given))
        raise explain_wish(name, "It only matters together with the stage transcribe.")
    if language and not LANGUAGE.fullmatch(language):
        raise explain_wish("language", "It is no language such as en, pt-BR or auto.")
    if engine:
        require_engine(engine)
    return given


def require_engine(name: str) -> None:
    if name not in ENGINES:
        raise explain_wish("engine", f"{name[:32]!r} is none of {', '.join(sorted(ENGINES))}.")
    state = is_available(name)
    if not (state.is_ready or state.may_pass):
        raise explain_wish("engine", f"{name} cannot work here. {state.fix}")


def explain_wish(field: str, problem: str) -> InvalidRequest:
    return InvalidRequest(
        f"{field}: {problem}", [{"field": field, "detail": problem, "code": "invalid"}]
    )


def require_finished(meeting: Meeting) -> Meeting:
    """The meeting as it is now, to be called inside events.record. Raises MeetingNotFinished."""
    current = services.get_meeting(meeting.pk)
    if reason := WHY_NOT.get(Status(current.status)):
        raise MeetingNotFinished(reason)
    return current


def require_sound(meeting: Meeting, asked: Sequence[str]) -> None:
    """Raises SoundGone if one of them, or what they still lack, must hear the recording."""
    if has_sound(meeting):
        return
    done = meeting.stages.filter(status=StageResult.Status.COMPLETED, generation=meeting.generation)
    lacking = set(find_sources(asked)) - set(done.values_list("name", flat=True)) - {"diarize"}
    if HEARS.intersection(lacking):
        raise SoundGone("The recording was deleted before it was processed: nothing can be done.")
    if HEARS.intersection(asked):
        left = ", ".join(list_deaf())
        raise SoundGone(
            f"The recording was deleted and cannot be heard again. Still there: {left}."
        )


def has_sound(meeting: Meeting) -> bool:
    return not meeting.chunks.exists() or meeting.chunks.exclude(name="").exists()


def plan_stages(meeting: Meeting, asked: Sequence[str], *, keep_edits: bool = True) -> Plan:
    """What would be done now. Raises MeetingNotFinished, SoundGone."""
    current = require_finished(meeting)
    require_sound(current, asked)
    # Segments are built anew from what was heard, and what people wrote is applied to them.
    rebuilt = set() if keep_edits else {"segments"}
    follow = find_followers(current, {*asked, *rebuilt}) | rebuilt
    return Plan(current, tuple(asked), in_order(follow - set(asked)))


def find_followers(meeting: Meeting, changed: Iterable[str]) -> set[str]:
    """Stages that change with these, if their input does; without sound nobody is told apart."""
    followers = set(find_dependents(changed))
    return followers if has_sound(meeting) else followers - HEARS


def mark_stages(plan: Plan) -> None:
    """The rows say what is to be done; they keep their results meanwhile."""
    stages = plan.meeting.stages
    pending = StageResult.Status.PENDING
    known = set(stages.values_list("name", flat=True))
    generation = plan.meeting.generation
    StageResult.objects.bulk_create(
        StageResult(meeting=plan.meeting, name=name, generation=generation, status=pending)
        for name in plan.asked
        if name not in known
    )
    stages.filter(name__in=(*plan.asked, *plan.followers)).update(status=pending, error="")
    stages.filter(name__in=plan.asked).update(is_asked=True)


def begin_processing(
    log: events.EventLog,
    meeting: Meeting,
    actor: str,
    *,
    stages: Sequence[str],
    **changes: Any,
) -> Meeting:
    """Completed or failed -> processing, with everybody told. Raises MeetingNotFinished."""
    if not services.move_meeting(
        meeting.pk,
        meeting.status,
        Status.PROCESSING,
        actor=actor[:LONGEST_ACTOR],
        **{**services.FRESH, **changes},
    ):
        raise MeetingNotFinished(WHY_NOT[Status.PROCESSING])
    moved = services.get_meeting(meeting.pk)
    reached = list_stages(moved)
    log.append(
        "meeting",
        state="stage",
        stage="reprocess",
        stages=reached,
        progress=measure_progress(reached),
        asked=list(stages),
    )
    services.announce_work(moved)
    return moved
