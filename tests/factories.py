"""Sound and meetings for tests: the sample meeting's real speech, tones, silence."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from django.core.files.uploadedfile import SimpleUploadedFile

from meetings import ingest, services
from meetings.models import Meeting
from transcription.audio import SAMPLE_RATE, Audio, decode, encode_wav

SAMPLE = Path(__file__).resolve().parent.parent / "meetings" / "sample"
CHUNK_SAMPLES = 163_840  # what the recorder sends: 10.24 s


@cache
def read_sample() -> Audio:
    return decode((SAMPLE / "meeting.opus").read_bytes())


@cache
def read_reference() -> dict[str, Any]:
    reference: dict[str, Any] = json.loads((SAMPLE / "reference.json").read_text())
    return reference


def cut_sample(count: int, *, first: int = 0) -> list[bytes]:
    """That many 10.24 s WAV chunks of real speech, as the recorder cuts them."""
    samples = read_sample().samples
    starts = range(first * CHUNK_SAMPLES, (first + count) * CHUNK_SAMPLES, CHUNK_SAMPLES)
    return [encode_wav(Audio(samples[start : start + CHUNK_SAMPLES])) for start in starts]


def make_silence(seconds: float = 1.0) -> bytes:
    return encode_wav(Audio(np.zeros(round(seconds * SAMPLE_RATE), np.int16)))


def make_tone(seconds: float = 1.0, *, pitch: float = 440.0) -> bytes:
    """A different sound for each pitch; no engine hears words in it."""
    moments = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    samples = 3000 * np.sin(2 * np.pi * pitch * moments)
    return encode_wav(Audio(samples.astype(np.int16)))


def send_chunk(meeting: Meeting, index: int, data: bytes) -> ingest.Receipt:
    upload = SimpleUploadedFile("chunk.wav", data, content_type="audio/wav")
    return ingest.ingest_chunk(services.get_meeting(meeting.pk), index=index, upload=upload)
