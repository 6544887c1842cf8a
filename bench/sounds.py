"""What the recorders send: pieces of the sample meeting, as the browser cuts it, and silence."""

import json
import math
from functools import cache
from typing import Any

import numpy as np

from bench.service import ROOT
from transcription.audio import SAMPLE_RATE, Audio, decode, encode_wav, join

SAMPLE = ROOT / "meetings" / "sample"
CHUNK_SAMPLES = 163_840  # 10.24 s; with its header 327 724 bytes
CHUNK_SECONDS = CHUNK_SAMPLES / SAMPLE_RATE


@cache
def read_sample() -> Audio:
    return decode((SAMPLE / "meeting.opus").read_bytes())


@cache
def build_sparse_meeting(seconds: float = 120.0, share: float = 0.635) -> Audio:
    """The sample's utterances with longer pauses, so that they take this share of the time.

    With the default share the detector, which leaves some air around speech, hears 70 %.
    """
    sample, parts, length = read_sample(), list[Audio](), 0.0
    for utterance in read_reference()["utterances"]:
        spoken = sample.slice(utterance["start"], utterance["end"])
        pause = Audio(np.zeros(round(spoken.duration * (1 / share - 1) * SAMPLE_RATE), np.int16))
        parts += [spoken, pause]
        length += spoken.duration + pause.duration
        if length >= seconds:
            break
    return join(parts).slice(0, seconds)


def cut_pieces(audio: Audio, seconds: float = 10.0) -> list[Audio]:
    """In pieces of that length, the last one perhaps shorter."""
    count = math.ceil(audio.duration / seconds)
    return [audio.slice(index * seconds, (index + 1) * seconds) for index in range(count)]


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
    """As much of what was said as falls on one chunk."""
    return read_text(CHUNK_SECONDS)


def read_text(seconds: float) -> str:
    """As much as is said in that time: the meeting's mean, cut from its start."""
    reference = read_reference()
    text = " ".join(utterance["text"] for utterance in reference["utterances"])
    return text[: round(len(text) * seconds / reference["duration_seconds"])]
