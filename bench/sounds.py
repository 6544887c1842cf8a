"""What the recorders send: pieces of the sample meeting, as the browser cuts it, and silence."""

import json
from functools import cache
from typing import Any

import numpy as np

from bench.service import ROOT
from transcription.audio import SAMPLE_RATE, Audio, decode, encode_wav

SAMPLE = ROOT / "meetings" / "sample"
CHUNK_SAMPLES = 163_840  # 10.24 s; with its header 327 724 bytes
CHUNK_SECONDS = CHUNK_SAMPLES / SAMPLE_RATE


@cache
def read_sample() -> Audio:
    return decode((SAMPLE / "meeting.opus").read_bytes())


@cache
def cut_chunks() -> list[bytes]:
    """Every whole chunk of the sample meeting as WAV; all of them have speech."""
    samples = read_sample().samples
    starts = range(0, len(samples) - CHUNK_SAMPLES + 1, CHUNK_SAMPLES)
    return [encode_wav(Audio(samples[start : start + CHUNK_SAMPLES])) for start in starts]


def cut_speech(seconds: float) -> bytes:
    """The first words of the meeting as WAV."""
    begin = round(read_reference()["utterances"][0]["start"] * SAMPLE_RATE)
    return encode_wav(Audio(read_sample().samples[begin : begin + round(seconds * SAMPLE_RATE)]))


def make_silence(seconds: float) -> bytes:
    return encode_wav(Audio(np.zeros(round(seconds * SAMPLE_RATE), np.int16)))


def read_reference() -> dict[str, Any]:
    reference: dict[str, Any] = json.loads((SAMPLE / "reference.json").read_text())
    return reference


def read_chunk_text() -> str:
    """As much of what was said as falls on one chunk: the meeting's mean, cut from its start."""
    reference = read_reference()
    text = " ".join(utterance["text"] for utterance in reference["utterances"])
    return text[: round(len(text) * CHUNK_SECONDS / reference["duration_seconds"])]
