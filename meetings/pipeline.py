"""From a stopped recording to a completed meeting, stage by stage.

gather (transcribe what is missing) -> recording (join the audio) -> segments -> the analyses.
The first three must succeed; an analysis that fails is stored as failed and hides no other.
A worker that dies leaves a lease that ends: the next one goes on with the stage it was in.
"""

import logging
import time
from collections.abc import Iterator
from functools import partial

import numpy as np

from chat import events
from meetings import drafting, leases, media, services, transcripts
from meetings.analysis.registry import ANALYSES
from meetings.models import AudioChunk, Meeting, Segment
from meetings.stages import Fenced, Result, Run, run_stage, try_stage
from meetings.timeline import SAMPLE_RATE, Placed, place_chunks
from transcription.audio import Audio, AudioError, decode

logger = logging.getLogger(__name__)

PAUSES_BEFORE_RETRY = (5, 30, 120)  # seconds
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
    run_stage(run, "segments", partial(store_segments, meeting))
    meeting.refresh_from_db()
    transcript = transcripts.read_transcript(meeting)
    for name, analyse in ANALYSES.items():
        try_stage(run, name, partial(analyse, transcript))
    return services.complete_meeting(meeting, run.token, transcript=transcript.text)


def give_back(run: Run, error: Exception) -> None:
    """Another try later, or the end of the meeting's processing with its reason."""
    tries = run.meeting.attempts
    if tries > len(PAUSES_BEFORE_RETRY):
        reason = f"{error} Retry with: manage.py recover {run.meeting.pk}"
        services.fail_meeting(run.meeting, run.token, code="stage_failed", reason=reason)
        return
    row = Meeting.objects.filter(pk=run.meeting.pk)
    row.release(run.token, retry_seconds=PAUSES_BEFORE_RETRY[tries - 1])


def gather_chunks(run: Run) -> Result:
    """Every chunk transcribed or failed for good, by us or by the live worker."""
    waiting = AudioChunk.objects.filter(meeting=run.meeting, state=AudioChunk.State.STORED)
    ours = 0
    while indexes := list(waiting.values_list("index", flat=True)):
        run.check_ownership()
        done = sum(drafting.transcribe_chunk(run.meeting.pk, index) for index in indexes)
        ours += done
        if not done:
            time.sleep(POLL_SECONDS)  # the live worker has them, or they wait for a retry
    return {"chunks": run.meeting.chunks.count(), "transcribed_here": ours}


def join_recording(meeting: Meeting) -> Result:
    """One file of the whole meeting, with silence where a chunk is missing or unreadable."""
    chunks = {chunk.index: chunk for chunk in meeting.chunks.all()}
    places = place_chunks((chunk.index, chunk.samples) for chunk in chunks.values())
    holes: list[int] = []
    parts = (read_place(chunks, place, holes) for place in places)
    stored = media.store_recording(meeting, parts)
    duration_ms = round(sum(place.samples for place in places) / SAMPLE_RATE * 1000)
    Meeting.objects.filter(pk=meeting.pk).update(
        recording_name=stored.name, recording_sha256=stored.sha256, duration_ms=duration_ms
    )
    return {"sha256": stored.sha256, "bytes": stored.size, "missing_chunks": holes}


def read_place(chunks: dict[int, AudioChunk], place: Placed, holes: list[int]) -> Audio:
    """The sound of one place; silence of its length, and a note in ``holes``, if there is none."""
    if not place.is_missing:
        try:
            return decode(media.read_chunk(chunks[place.index]))
        except (media.AudioMissing, AudioError) as error:
            logger.error("%s is silent in the recording: %s", chunks[place.index], error)
    holes.append(place.index)
    return Audio(np.zeros(place.samples, np.int16))


def store_segments(meeting: Meeting) -> Result:
    """The finished transcript: what was heard in each chunk, at its place in the meeting."""
    chunks = {chunk.index: chunk for chunk in meeting.chunks.all()}
    places = place_chunks((chunk.index, chunk.samples) for chunk in chunks.values())
    rows = [
        segment
        for place in places
        if place.index in chunks
        for segment in build_segments(chunks[place.index], place)
    ]
    for position, row in enumerate(rows):
        row.position = position
    with events.record(meeting.pk) as log:
        meeting.segments.all().delete()
        Segment.objects.bulk_create(rows)
        for row in rows:
            append_final(log, row)
    return {"segments": len(rows), "words": sum(len(row.text.split()) for row in rows)}


def build_segments(chunk: AudioChunk, place: Placed) -> Iterator[Segment]:
    for position, heard in enumerate(chunk.heard):
        yield Segment(
            meeting_id=chunk.meeting_id,
            key=drafting.name_segment(chunk.index, position),
            start_ms=round((place.start_seconds + heard["start"]) * 1000),
            end_ms=round((place.start_seconds + heard["end"]) * 1000),
            text=heard["text"],
            speaker=heard["speaker"] or "",
            words=[shift_word(word, place.start_seconds) for word in heard["words"]],
            confidence=heard["confidence"],
            engine=chunk.engine,
            model=chunk.model,
        )


def shift_word(word: dict[str, float], seconds: float) -> dict[str, float]:
    start, end = round(word["start"] + seconds, 3), round(word["end"] + seconds, 3)
    return {**word, "start": start, "end": end}


def append_final(log: events.EventLog, row: Segment) -> None:
    log.append(
        "segment",
        state="final",
        id=row.key,
        rev=2,
        start_ms=row.start_ms,
        end_ms=row.end_ms,
        speaker=row.speaker or None,
        text=row.text,
        confidence=row.confidence,
    )
