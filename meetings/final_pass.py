"""The finished transcript: the whole recording heard again, without the cuts between chunks."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.conf import settings

from meetings.drafting import list_engines
from meetings.models import AudioChunk, Meeting
from meetings.recording import iterate_recording
from meetings.stages import PAUSES_BEFORE_RETRY, Result
from transcription.engines.base import EngineError, Options, is_available
from transcription.transcribe_long import transcribe_long
from transcription.types import Segment, Word


def transcribe_recording(
    meeting: Meeting, check: Callable[[], None], *, is_forced: bool = False
) -> Result:
    """The transcript of the recording by the best engine that can, or why the draft is kept.

    ``check`` is called between pieces of work and may raise to end it. When ``is_forced`` the
    draft is no way out: raises EngineError where no engine can.
    """
    if not is_forced and (reason := find_reason_to_keep(meeting)):
        return keep_draft(reason)
    vocabulary = tuple(meeting.vocabulary)
    options = Options(language=meeting.language, vocabulary=vocabulary, is_final=True)
    try:
        transcript = transcribe_long(
            iterate_recording(meeting), options, list_engines(meeting), lambda _: check()
        )
    except EngineError as error:
        if is_forced or (not error.permanent and meeting.attempts <= len(PAUSES_BEFORE_RETRY)):
            raise  # it may pass: the stage is tried again later
        return keep_draft(f"no engine could hear the recording: {error.message}")
    return {
        "engine": transcript.engine,
        "model": transcript.model,
        "language": transcript.language,
        "work_seconds": transcript.work_seconds,
        "notes": list(transcript.notes),
        "segments": [asdict(segment) for segment in transcript.segments],
    }


def find_reason_to_keep(meeting: Meeting) -> str:
    """Why the draft is the finished transcript; empty where it is not."""
    if settings.FINAL_TRANSCRIPTION == "never":
        return "FINAL_TRANSCRIPTION is never"
    if settings.FINAL_TRANSCRIPTION == "always":
        return ""
    best = next((name for name in list_engines(meeting) if is_available(name).is_ready), "")
    heard = set(meeting.chunks.exclude(engine="").values_list("engine", flat=True))
    failed = meeting.chunks.filter(state=AudioChunk.State.FAILED).exists()
    return f"the draft is from {best} already" if heard <= {best} and not failed else ""


def keep_draft(reason: str) -> Result:
    return {"engine": "", "reason": reason, "segments": None}


def read_final(meeting: Meeting) -> list[Segment] | None:
    """The segments of the final pass of this processing; None where the draft is kept."""
    row = meeting.stages.filter(name="transcript", generation=meeting.generation).first()
    segments: list[dict[str, Any]] | None = row.result.get("segments") if row else None
    if segments is None:
        return None
    return [
        Segment(**{**one, "words": tuple(Word(**word) for word in one["words"])})
        for one in segments
    ]


def read_source(meeting: Meeting) -> tuple[str, str]:
    """Engine and model of the final pass."""
    row = meeting.stages.filter(name="transcript", generation=meeting.generation).first()
    return (row.result.get("engine", ""), row.result.get("model", "")) if row else ("", "")
