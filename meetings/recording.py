"""The joined recording: every chunk at its place, silence in the holes, each hole named."""

import logging
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from meetings import media
from meetings.models import AudioChunk, Meeting
from meetings.stages import Result
from meetings.timeline import Hole, Piece, Placed, find_holes, place_chunks
from transcription.audio import Audio, AudioError, decode

logger = logging.getLogger(__name__)


def place_meeting(meeting: Meeting) -> list[Placed]:
    """Where each chunk of the meeting lies, and where one is missing."""
    rows = meeting.chunks.values_list("index", "samples", "started_at_ms")
    return place_chunks((Piece(*row) for row in rows), total=meeting.chunk_count)


def join_recording(meeting: Meeting) -> Result:
    """Stores the recording; the result names its file's hash and every hole in it."""
    places = place_meeting(meeting)
    chunks = {chunk.index: chunk for chunk in meeting.chunks.all()}
    unreadable: set[int] = set()
    stored = media.store_recording(meeting, read_places(chunks, places, unreadable))
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
    }


def read_places(
    chunks: dict[int, AudioChunk], places: list[Placed], unreadable: set[int]
) -> Iterator[Audio]:
    """The sound of each place in order, one at a time in memory."""
    for place in places:
        audio = None if place.is_missing else read_chunk(chunks[place.index])
        if audio is None:
            unreadable.add(place.index)
            audio = Audio(np.zeros(place.samples, np.int16))
        yield audio


def read_chunk(chunk: AudioChunk) -> Audio | None:
    """The chunk's sound; None, and a line in the log, if its file was lost or changed."""
    try:
        return decode(media.read_chunk(chunk))
    except (media.AudioMissing, AudioError) as error:
        logger.error("%s is silent in the recording: %s", chunk, error)
        return None


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
