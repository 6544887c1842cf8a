"""The joined recording: every chunk at its place, silence in the holes, each hole named."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

import numpy as np
from django.utils import timezone

from meetings import media, sound
from meetings.models import AudioChunk, Meeting
from meetings.stages import Result
from meetings.timeline import SAMPLE_RATE, Hole, Piece, Placed, find_holes, place_chunks
from transcription.audio import Audio, AudioError
from transcription.peaks import FINENESS, Cells

logger = logging.getLogger(__name__)

PEAKS = 2000
MISSING_MARGIN_SECONDS = 600  # for a recorder that sends what it had kept, all at once
Chunks = dict[int, AudioChunk]
UNREADABLE = (media.AudioMissing, AudioError)


def place_meeting(meeting: Meeting) -> list[Placed]:
    """Where each chunk of the meeting lies, and where one is missing."""
    rows = meeting.chunks.values_list("index", "samples", "started_at_ms")
    pieces = (Piece(*row) for row in rows)
    return place_chunks(pieces, total=meeting.chunk_count, most_missing=limit_missing(meeting))


def limit_missing(meeting: Meeting) -> int | None:
    """So many samples can be missing at most, since no recorder runs faster than time; of an
    imported file, whose indexes no client chose, any number.
    """
    if meeting.source_sha256:
        return None
    end = meeting.stopped_at or meeting.ended_at or timezone.now()
    seconds = max(0.0, (end - meeting.created_at).total_seconds()) + MISSING_MARGIN_SECONDS
    return round(seconds * SAMPLE_RATE)


def join_recording(meeting: Meeting) -> Result:
    """Stores the recording; the result names its file's hash and every hole in it."""
    settle_lengths(meeting)
    places = place_meeting(meeting)
    chunks = {chunk.index: chunk for chunk in meeting.chunks.all()}
    unreadable: set[int] = set()
    cells = Cells(PEAKS * FINENESS)
    stored = media.store_recording(
        meeting, measure_parts(read_places(chunks, places, unreadable), cells)
    )
    duration_ms = round(places[-1].end_seconds * 1000) if places else 0
    Meeting.objects.filter(pk=meeting.pk).update(
        recording_name=stored.name, recording_sha256=stored.sha256, duration_ms=duration_ms
    )
    silent = [
        replace(place, is_missing=place.is_missing or place.index in unreadable) for place in places
    ]
    return {
        "sha256": stored.sha256,
        "bytes": stored.size,
        "samples": sum(place.samples for place in places),
        "gaps": [describe_hole(hole) for hole in find_holes(silent)],
        "peaks": cells.summarize(PEAKS),
    }


def iterate_recording(meeting: Meeting) -> Iterator[Audio]:
    """The sound of the whole recording in parts, as it was joined."""
    chunks = {chunk.index: chunk for chunk in meeting.chunks.all()}
    return read_places(chunks, place_meeting(meeting), set())


def settle_lengths(meeting: Meeting) -> None:
    """Measures again what was decoded while its neighbour was missing: a cut packet came since."""
    for chunk in meeting.chunks.filter(is_settled=False):
        try:
            heard = sound.read_sound(chunk)
        except UNREADABLE as error:
            logger.error("%s keeps its length: %s", chunk, error)
            continue
        rows = AudioChunk.objects.filter(pk=chunk.pk)
        rows.update(samples=len(heard.audio.samples), is_settled=heard.is_settled)


def measure_parts(parts: Iterator[Audio], cells: Cells) -> Iterator[Audio]:
    """The same parts; their peaks are counted as they pass."""
    for part in parts:
        cells.add(part.samples)
        yield part


def read_places(chunks: Chunks, places: list[Placed], unreadable: set[int]) -> Iterator[Audio]:
    """The sound of each place in order and at its length, a few in memory at a time."""
    streams = name_streams(chunks, places)
    for stream, group in groupby(places, key=lambda place: streams[place.index]):
        run = list(group)
        if stream is None:
            for place in run:
                yield read_place(chunks, place, unreadable)
        else:
            yield from read_stream(chunks, stream, run, unreadable)


def name_streams(chunks: Chunks, places: list[Placed]) -> dict[int, int | None]:
    """Index of a chunk -> index of the one with the header of its stream, if it is in one."""
    streams: dict[int, int | None] = {}
    start: int | None = None
    for place in places:
        role = "" if place.is_missing else chunks[place.index].stream_role
        if role == sound.Role.START:
            start = place.index
        is_piece = role in {sound.Role.START, sound.Role.CONTINUATION}
        streams[place.index] = start if is_piece else None
    return streams


def read_place(chunks: Chunks, place: Placed, unreadable: set[int]) -> Audio:
    """One place; silence of its length, and a note in ``unreadable``, if nothing can be read."""
    if not place.is_missing:
        try:
            return sound.read_sound(chunks[place.index]).audio
        except UNREADABLE as error:
            logger.error("%s is silent in the recording: %s", chunks[place.index], error)
    unreadable.add(place.index)
    return make_silence(place.samples)


def read_stream(
    chunks: Chunks, stream: int, run: list[Placed], unreadable: set[int]
) -> Iterator[Audio]:
    """Consecutive pieces of one stream; from one that cannot be read on, each by itself."""
    pieces = sound.read_run(chunks[stream], [chunks[place.index] for place in run])
    done = 0
    try:
        for place, audio in zip(run, pieces, strict=True):
            yield fit(audio, place.samples)
            done += 1
    except UNREADABLE as error:
        logger.error("%s breaks its stream: %s", chunks[run[done].index], error)
        for place in run[done:]:
            yield read_place(chunks, place, unreadable)


def fit(audio: Audio, samples: int) -> Audio:
    """Exactly that many samples: times in the transcript count on it."""
    if len(audio.samples) == samples:
        return audio
    missing = max(0, samples - len(audio.samples))
    return Audio(np.pad(audio.samples[:samples], (0, missing)))


def make_silence(samples: int) -> Audio:
    return Audio(np.zeros(samples, np.int16))


def describe_hole(hole: Hole) -> dict[str, int | str]:
    return {
        "first_index": hole.first_index,
        "last_index": hole.last_index,
        "start_ms": round(hole.start * 1000),
        "end_ms": round(hole.end * 1000),
        "text": hole.text,
    }


def list_gaps(meeting: Meeting) -> list[dict[str, int | str]]:
    """The holes of the recording as it was last joined."""
    row = meeting.stages.filter(name="recording").first()
    gaps: list[dict[str, int | str]] = row.result.get("gaps", []) if row else []
    return gaps
