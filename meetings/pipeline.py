"""From a stopped recording to a completed meeting, stage by stage.

gather (transcribe what is missing) -> recording (join the audio) -> transcript (hear it again
as a whole) -> segments -> the analyses. All but the analyses must succeed; an analysis that
fails is stored as failed and hides no other.
A worker that dies leaves a lease that ends: the next one goes on with the stage it was in.
A meeting that is processed again runs what was asked for and what depends on it, if it changed.
"""

import logging
import time
from functools import partial

from django.conf import settings
from django.db.models import F

from meetings import drafting, final_pass, leases, services, transcripts
from meetings.backends.order import analyse
from meetings.diarizing import decode_turns, find_turns
from meetings.failures import classify_failure
from meetings.leases import seconds_from_now
from meetings.models import AudioChunk, Meeting
from meetings.recording import join_recording
from meetings.reprocessing.digests import digest_transcript, digest_voices
from meetings.segments import store_segments
from meetings.stages import (
    ANALYSES,
    PAUSES_BEFORE_RETRY,
    Fenced,
    Result,
    Run,
    is_asked,
    run_stage,
    try_stage,
)

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.25


def process_meeting(meeting_id: str) -> bool:
    """Whether this call completed the meeting; False where another has it or it must wait."""
    row = Meeting.objects.filter(pk=meeting_id, status=Meeting.Status.PROCESSING)
    token = row.claim()
    if not token:
        return False
    meeting = row.select_related("conversation").get()
    with leases.kept(row, token) as is_ours:
        run = Run(meeting, token, is_ours)
        try:
            return run_stages(run)
        except Fenced:
            logger.info("meeting %s was taken over meanwhile", meeting_id)
            return False
        except Exception as error:
            logger.exception("processing of meeting %s failed", meeting_id)
            give_back(run, error)
            return False


def run_stages(run: Run) -> bool:
    meeting = run.meeting
    run_stage(run, "gather", partial(gather_chunks, run))
    run_stage(run, "recording", partial(join_recording, meeting))
    run_stage(run, "transcript", partial(hear_recording, run))
    meeting.refresh_from_db()
    found = try_stage(
        run, "diarize", partial(tell_speakers_apart, meeting), input_digest=digest_sound(meeting)
    )
    run_stage(run, "segments", partial(store_segments, meeting, decode_turns(found)))
    transcript = transcripts.read_transcript(meeting)
    said = digest_transcript(transcript)
    for name in ANALYSES:
        try_stage(run, name, partial(analyse, name, transcript), input_digest=said)
    return services.complete_meeting(meeting, run.token, read_text=transcripts.join_segments)


def hear_recording(run: Run) -> Result:
    """The whole recording as text; where somebody asked for it, even if a draft would do."""
    is_forced = is_asked(run, "transcript")
    return final_pass.transcribe_recording(run.meeting, run.check_ownership, is_forced=is_forced)


def digest_sound(meeting: Meeting) -> str:
    """What speakers are told apart by."""
    engine, _ = final_pass.read_source(meeting)
    heard = final_pass.read_final(meeting) or []
    return digest_voices(meeting.recording_sha256, meeting.speakers_expected, engine, heard)


def tell_speakers_apart(meeting: Meeting) -> Result:
    """By the engine that heard the recording as a whole if it can, else by a diarizer."""
    heard = final_pass.read_final(meeting) or []
    engine, _ = final_pass.read_source(meeting)
    return find_turns(meeting, heard=heard, engine=engine)


def give_back(run: Run, error: Exception) -> None:
    """Another try later, or the end of the meeting's processing with its reason."""
    tries = run.meeting.attempts
    if tries > len(PAUSES_BEFORE_RETRY):
        failure = classify_failure(error)
        reason = f"{failure.hint} ({error}) Then: manage.py recover {run.meeting.pk}"
        services.fail_meeting(run.meeting, run.token, code=failure.code, reason=reason)
        return
    row = Meeting.objects.filter(pk=run.meeting.pk)
    row.release(run.token, retry_seconds=PAUSES_BEFORE_RETRY[tries - 1])


def gather_chunks(run: Run) -> Result:
    """Every chunk transcribed or failed for good, by us or by the live worker."""
    await_expected(run)
    waiting = AudioChunk.objects.filter(meeting=run.meeting, state=AudioChunk.State.STORED)
    hear_again_with_header(run.meeting)
    ours = 0
    while indexes := list(waiting.values_list("index", flat=True)):
        run.check_ownership()
        done = sum(
            drafting.transcribe_chunk(run.meeting.pk, index, may_wait=False) for index in indexes
        )
        ours += done
        if not done:
            time.sleep(POLL_SECONDS)  # the live worker has them, or they wait for a retry
    return {"chunks": run.meeting.chunks.count(), "transcribed_here": ours}


def hear_again_with_header(meeting: Meeting) -> None:
    """Continuations that failed for want of their header are tried anew: it may have come."""
    rows = meeting.chunks.filter(error_code=drafting.NO_HEADER)
    again = rows.update(state=AudioChunk.State.STORED, error_code="", attempts=0)
    Meeting.objects.filter(pk=meeting.pk).update(chunks_processed=F("chunks_processed") - again)


def await_expected(run: Run) -> None:
    """Returns when the chunks that the stop announced are there, or their time is over."""
    longest = seconds_from_now(-settings.MISSING_WAIT_SECONDS)
    incomplete = Meeting.objects.filter(
        pk=run.meeting.pk, expected_chunks__gt=F("total_chunks"), stopped_at__gt=longest
    )
    while incomplete.exists():
        run.check_ownership()
        time.sleep(POLL_SECONDS)
