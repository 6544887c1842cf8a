"""What a reviewer can do with meetings: who may, what it will do to each, and doing it.

A forecast is made from rows that were read for all meetings at once; whether the act is really
possible is decided by the service that does it, under its lock.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils import timezone

from chat import services as rooms
from intellibooks.errors import Conflict, DomainError
from intellibooks.identity import Identity
from meetings import services, speakers, upkeep
from meetings.desk.subjects import Subject
from meetings.library import changing
from meetings.models import Meeting
from meetings.reprocessing.dependencies import (
    ALL,
    ASKABLE,
    HEARS,
    expand_names,
    find_dependents,
    find_sources,
)
from meetings.reprocessing.service import (
    WHY_NOT,
    MeetingNotFinished,
    SoundGone,
    process_stuck_recording,
    reprocess_meeting,
)
from meetings.stages import ANALYSES
from meetings.timeline import format_clock
from meetings.webhooks.messages import plan_again

Forecast = Callable[[Subject], str]
Run = Callable[[Meeting, Identity], str]
RETRY, EXPORT, DELETE = "retry", "export", "delete"


@dataclass(frozen=True, slots=True)
class Act:
    """``foresee`` says what it will do to a meeting, ``run`` what it did; both raise DomainError.

    ``facts`` go to the audit log. An act that is not ``is_listed`` is offered for one meeting.
    """

    name: str
    label: str
    permission: str
    effect: str
    foresee: Forecast
    run: Run
    facts: dict[str, Any] = field(default_factory=dict)
    is_listed: bool = True
    is_dangerous: bool = False


class NothingToDo(Conflict):
    detail = "There is nothing to do"


# --- Processing again ------------------------------------------------------------------------


def make_reprocess(name: str, label: str, wanted: Sequence[str], **options: Any) -> Act:
    asked = expand_names(wanted)

    def foresee(subject: Subject) -> str:
        require_reprocessable(subject, asked)
        followers = find_dependents(asked)
        told = f"Runs again: {', '.join(asked)}."
        if not followers:
            return told
        return f"{told} Follow if their input changed: {', '.join(followers)}."

    def run(meeting: Meeting, actor: Identity) -> str:
        reprocess_meeting(meeting, stages=wanted, author=actor.user_id)
        return f"processed again: {', '.join(wanted)}"

    return Act(
        name,
        label,
        "reprocess_meeting",
        "Earlier results are kept as revisions, and what people wrote stays. While it runs the "
        "earlier results are shown.",
        foresee,
        run,
        facts={"stages": list(wanted)},
        **options,
    )


def require_reprocessable(subject: Subject, asked: Sequence[str]) -> None:
    """Raises MeetingNotFinished, SoundGone."""
    if reason := WHY_NOT.get(Meeting.Status(subject.status)):
        raise MeetingNotFinished(reason)
    lacking = set(find_sources(asked)) - subject.done - {"diarize"}
    if not subject.has_sound and HEARS & (lacking | set(asked)):
        raise SoundGone("The recording was deleted and cannot be heard again.")


def foresee_retry(subject: Subject) -> str:
    if subject.status != Meeting.Status.FAILED:
        raise NothingToDo(f"The meeting is {subject.status}: there is nothing to retry.")
    failed = sorted(subject.failed) or ["what was not reached"]
    return f"Tried again: {', '.join(failed)}; what had succeeded is not done twice."


def run_retry(meeting: Meeting, actor: Identity) -> str:
    services.retry_processing(meeting, actor=actor.user_id[:64])
    return "failed stages tried again"


# --- Recordings that nobody stopped -----------------------------------------------------------


def foresee_finish(subject: Subject) -> str:
    if subject.status != Meeting.Status.RECORDING:
        raise NothingToDo(f"The meeting is {subject.status}, not recording.")
    silent = max(0.0, (timezone.now() - subject.last_activity_at).total_seconds())
    told = f"Stopped and processed with {subject.chunks} chunks."
    if silent >= settings.ABRUPT_END_SECONDS:
        return f"{told} Nothing came for {format_clock(silent)}."
    return f"{told} Sound came {silent:.0f} s ago: it may still be recording!"


def run_finish(meeting: Meeting, actor: Identity) -> str:
    process_stuck_recording(meeting, author=actor.user_id)
    return "stopped and being processed"


# --- Taking out, and taking away --------------------------------------------------------------


def foresee_export(subject: Subject) -> str:
    return f"One file of each format; {subject.segments} segments."


def run_export(meeting: Meeting, actor: Identity) -> str:
    return "exported"  # the archive itself is the answer; see confirming


def foresee_anonymise(subject: Subject) -> str:
    if not subject.named:
        raise NothingToDo("Nobody in this meeting has a name.")
    return f"{subject.named} names are taken away; who spoke when stays."


def run_anonymise(meeting: Meeting, actor: Identity) -> str:
    speakers.anonymise_speakers(meeting)
    return "speakers anonymised"


def foresee_resend(subject: Subject) -> str:
    if not subject.deliveries:
        raise NothingToDo("No webhook was told of this meeting.")
    return f"{subject.deliveries} deliveries are sent once more, under the same ids."


def run_resend(meeting: Meeting, actor: Identity) -> str:
    sent = [plan_again(delivery) for delivery in meeting.deliveries.all()]
    return f"{len(sent)} webhook deliveries planned again"


def require_over(subject: Subject) -> None:
    if subject.status not in upkeep.FINISHED:
        raise upkeep.MeetingInUse("It records or is being processed. Stop it first.")


def foresee_audio(subject: Subject) -> str:
    require_over(subject)
    if not subject.audio_bytes:
        raise NothingToDo("Its audio is not here any more.")
    return f"{format_clock(subject.duration_ms / 1000)} of sound go for good; the text stays."


def run_audio(meeting: Meeting, actor: Identity) -> str:
    changing.purge_audio(actor, meeting)
    return "audio deleted"


def foresee_delete(subject: Subject) -> str:
    require_over(subject)
    return (
        f"Gone for good: {subject.chunks} chunks, {subject.segments} segments, "
        f"{subject.messages} messages, all results and revisions."
    )


def run_delete(meeting: Meeting, actor: Identity) -> str:
    changing.erase(actor, meeting)
    rooms.tell_deleted(meeting.pk)
    return "deleted"


ACTS: tuple[Act, ...] = (
    make_reprocess("reprocess", "Reprocess everything", (ALL,)),
    make_reprocess("reprocess_analyses", "Reprocess only the post-processing", ANALYSES),
    make_reprocess("reprocess_speakers", "Reprocess only who speaks when", ("diarize",)),
    Act(
        RETRY,
        "Retry what failed",
        "reprocess_meeting",
        "The stages that failed run again with the sound and results that are there.",
        foresee_retry,
        run_retry,
    ),
    Act(
        "finish",
        "Mark as stopped and process",
        "reprocess_meeting",
        "For a recording whose client will not come back. It cannot record on afterwards.",
        foresee_finish,
        run_finish,
    ),
    Act(
        EXPORT,
        "Export as a ZIP archive",
        "export_meeting",
        "The files leave this server; the audit log keeps who took them.",
        foresee_export,
        run_export,
    ),
    Act(
        "anonymise",
        "Anonymise speakers",
        "change_speaker",
        "Names that people gave are forgotten. Names that were said in the talk stay in the text.",
        foresee_anonymise,
        run_anonymise,
        is_dangerous=True,
    ),
    Act(
        "resend_webhooks",
        "Send webhooks again",
        "change_webhookdelivery",
        "Receivers tell a repetition by its id.",
        foresee_resend,
        run_resend,
    ),
    Act(
        "delete_audio",
        "Delete audio, keep text",
        "delete_meeting",
        "This cannot be undone. Nothing can be heard or transcribed again afterwards.",
        foresee_audio,
        run_audio,
        is_dangerous=True,
    ),
    Act(
        DELETE,
        "Delete for good",
        "delete_meeting",
        "This cannot be undone.",
        foresee_delete,
        run_delete,
        is_dangerous=True,
    ),
    *(
        make_reprocess(f"again_{name}", f"Run {name} again", (name,), is_listed=False)
        for name in ASKABLE
    ),
)
BY_NAME = {act.name: act for act in ACTS}
AGAIN = {stage: f"again_{name}" for name, stages in ASKABLE.items() for stage in stages}


def may(user: Any, act: Act) -> bool:
    return bool(user.has_perm(f"meetings.{act.permission}"))


def list_possible(user: Any, subject: Subject) -> list[Act]:
    """What this user may do with this meeting as it is now."""
    return [act for act in ACTS if act.is_listed and may(user, act) and is_possible(act, subject)]


def is_possible(act: Act, subject: Subject) -> bool:
    try:
        act.foresee(subject)
    except DomainError:
        return False
    return True
