"""Live transcription: one accepted chunk becomes draft text, exactly once whoever tries."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from chat import events
from intellibooks import failpoints
from intellibooks.doorbell import doorbell
from intellibooks.metrics import shared as counters
from meetings import drafts, leases, live, media, services, transcripts
from meetings.models import AudioChunk, Meeting
from meetings.sound import HeaderMissing, Sound, read_sound
from meetings.stitching import TAIL_SECONDS, shift
from transcription.audio import Audio, AudioError, join
from transcription.engines.base import EngineError, Options
from transcription.transcribe import transcribe
from transcription.types import Transcript
from transcription.vad import find_speech

logger = logging.getLogger(__name__)

State = AudioChunk.State
NO_HEADER = "no_header"
HEADER_WAIT_SECONDS = 2
BARELY_SECONDS = 0.2
PAUSES_BEFORE_RETRY = (5, 30, 120)  # seconds; after the last the chunk is failed


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a chunk; ``is_transient`` when another try may do better."""

    state: str
    error: str = ""
    error_code: str = ""
    sound: Sound | None = None
    transcript: Transcript | None = None
    is_transient: bool = False


def transcribe_chunk(meeting_id: str, index: int, *, may_wait: bool = True) -> bool:
    """Whether this call settled the chunk; False where it was done, is taken or must wait.

    A continuation waits for the chunk with its header, unless ``may_wait`` is false.
    """
    row = AudioChunk.objects.filter(meeting_id=meeting_id, index=index, state=State.STORED)
    token = row.claim()
    if not token:
        return False
    chunk = row.select_related("meeting").get()
    with leases.kept(row, token):
        outcome = hear_chunk(chunk)
    if outcome.error_code == NO_HEADER and may_wait:
        row.release(token, retry_seconds=HEADER_WAIT_SECONDS, attempts=0, error=outcome.error)
        return False
    if outcome.is_transient and chunk.attempts <= len(PAUSES_BEFORE_RETRY):
        pause = PAUSES_BEFORE_RETRY[chunk.attempts - 1]
        row.release(token, retry_seconds=pause, error=outcome.error)
        return False
    return record_outcome(chunk, row, token, outcome)


def hear_chunk(chunk: AudioChunk) -> Outcome:
    """The chunk's text, or the reason why there is none; never raises for bad audio."""
    try:
        heard = read_sound(chunk)
    except HeaderMissing as error:
        return Outcome(State.FAILED, str(error), NO_HEADER)
    except AudioError as error:
        return Outcome(State.FAILED, str(error), "bad_audio")
    except media.AudioMissing as error:
        return Outcome(State.FAILED, str(error), "audio_missing")
    meeting = chunk.meeting
    options = Options(language=meeting.language, vocabulary=tuple(meeting.vocabulary))
    try:
        transcript = hear_sound(read_tail(chunk), heard.audio, options, list_engines(meeting))
    except EngineError as error:
        logger.warning("%s was not transcribed: %s", chunk, error.message)
        code = "engine_unavailable"
        return Outcome(State.FAILED, error.message, code, heard, is_transient=not error.permanent)
    state = State.TRANSCRIBED if transcript.segments else State.SILENT
    return Outcome(state, sound=heard, transcript=transcript)


def hear_sound(
    tail: Audio, audio: Audio, options: Options, engines: Sequence[str] | None = None
) -> Transcript:
    """What is said in ``audio`` and in the ``tail`` of the sound before it, which lies before 0 s.

    Nothing, at no cost, where nobody speaks in ``audio`` itself; without the tail where nobody
    speaks at the cut, because then no word is cut. Raises EngineError.
    """
    joined = join([tail, audio])
    spans = [span for span in find_speech(joined) if span.end > tail.duration + BARELY_SECONDS]
    if not spans:
        return Transcript((), audio.duration, options.language)
    if spans[0].start >= tail.duration:
        return transcribe(audio, options, engines)
    transcript = transcribe(joined, options, engines)
    return replace(transcript, segments=tuple(shift(transcript.segments, -tail.duration)))


def read_tail(chunk: AudioChunk) -> Audio:
    """The last of the chunk before, so that a word cut between the two is heard whole."""
    before = chunk.meeting.chunks.filter(index=chunk.index - 1).first()
    if before is not None:
        with suppress(AudioError, media.AudioMissing):
            return cut_tail(read_sound(before).audio)
    return join([])


def cut_tail(audio: Audio) -> Audio:
    return audio.slice(max(0.0, audio.duration - TAIL_SECONDS), audio.duration)


def list_engines(meeting: Meeting) -> tuple[str, ...]:
    """The configured order, with the one the meeting asked for in front."""
    others = tuple(name for name in settings.SPEECH_ENGINES if name != meeting.engine)
    return (meeting.engine, *others) if meeting.engine else others


def record_outcome(
    chunk: AudioChunk, row: leases.LeasedQuerySet, token: str, outcome: Outcome
) -> bool:
    """Stores the outcome and tells the room, unless the lease was lost meanwhile."""
    failpoints.reach("draft.before_record")
    transcript = outcome.transcript
    with events.record(chunk.meeting_id) as log:
        written = row.release(
            token,
            state=outcome.state,
            error=outcome.error,
            error_code=outcome.error_code,
            **describe_sound(outcome.sound),
            heard=[asdict(segment) for segment in transcript.segments] if transcript else [],
            engine=transcript.engine if transcript else "",
            model=transcript.model if transcript else "",
            work_seconds=transcript.work_seconds if transcript else None,
            transcribed_at=Now(),
        )
        if not written:
            return False
        rows = Meeting.objects.filter(pk=chunk.meeting_id)
        rows.update(chunks_processed=F("chunks_processed") + 1)
        announce_outcome(log, rows.get(), chunk, outcome)
    count_outcome(outcome)
    return True


def count_outcome(outcome: Outcome) -> None:
    counters.add({"studio_chunks": 1}, state=str(outcome.state))
    if (heard := outcome.transcript) and heard.engine:
        seconds = {"studio_engine_seconds": heard.work_seconds or 0.0}
        counters.add({**seconds, "studio_audio_seconds": heard.duration}, engine=heard.engine)


def describe_sound(heard: Sound | None) -> dict[str, Any]:
    if heard is None:
        return {"samples": None}
    return {
        "samples": len(heard.audio.samples),
        "stream_role": heard.role,
        "is_settled": heard.is_settled,
    }


def announce_outcome(
    log: events.EventLog, meeting: Meeting, chunk: AudioChunk, outcome: Outcome
) -> None:
    error = {"error": outcome.error} if outcome.error else {}
    log.append(
        "chunk",
        state=outcome.state,
        chunk_index=chunk.index,
        chunks_processed=meeting.chunks_processed,
        total_chunks=meeting.total_chunks,
        **error,
    )
    changed = drafts.restitch(log, meeting, chunk.index) if outcome.transcript else {}
    text = transcripts.join_texts(transcripts.read_stored_draft(meeting))
    services.announce_transcript(log, meeting, text)

    def tell() -> None:
        for index, draft in {chunk.index: "", **changed}.items():
            live.remember_draft(meeting.pk, index, draft)
        live.refresh(meeting)

    transaction.on_commit(partial(doorbell.ring, tell))
