"""Meetings of known content: a little speech for the text, tones for the volume."""

from functools import cache

import numpy as np

from tests.factories import read_reference, read_sample
from transcription.audio import SAMPLE_RATE, Audio, decode, encode_wav
from transcription.transcribe import transcribe

ENGINE = "pocketsphinx"
SPEECH_SECONDS = 6.0
MARGIN_SECONDS = 0.2
# Far below speech: no engine is asked about it, and no word beside it is heard differently.
QUIET = 40


@cache
def cut_speech(count: int) -> tuple[Audio, ...]:
    """Whole sentences of the sample meeting, each in SPEECH_SECONDS with silence at its end."""
    sentences = (
        read_sample().slice(one["start"] - MARGIN_SECONDS, one["end"] + MARGIN_SECONDS)
        for one in read_reference()["utterances"]
        if one["end"] - one["start"] < SPEECH_SECONDS - 2 * MARGIN_SECONDS
    )
    return tuple(pad(sentence) for sentence, _ in zip(sentences, range(count), strict=False))


def pad(sound: Audio) -> Audio:
    rest = round(SPEECH_SECONDS * SAMPLE_RATE) - len(sound.samples)
    return Audio(np.pad(sound.samples, (0, rest)))


def make_tones(count: int, *, seconds: float = 1.0, lowest: float = 300.0) -> list[Audio]:
    """Sounds without words, each of another pitch: nobody can mistake one for another."""
    moments = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    pitches = (lowest + 7 * number for number in range(count))
    waves = (QUIET * np.sin(2 * np.pi * pitch * moments) for pitch in pitches)
    return [Audio(wave.astype(np.int16)) for wave in waves]


def mix_meeting(speech: int = 4, tones: int = 8) -> list[Audio]:
    """Speech with tones in between, some of them longer than others."""
    said, quiet = cut_speech(speech), make_tones(tones)
    each = -(-tones // speech)
    return [
        piece
        for number, words in enumerate(said)
        for piece in (words, *quiet[number * each : (number + 1) * each])
    ]


def encode(pieces: list[Audio]) -> list[bytes]:
    return [encode_wav(piece) for piece in pieces]


@cache
def hear(data: bytes) -> str:
    """What the embedded engine hears in a chunk when nothing goes wrong."""
    return transcribe(decode(data), engines=(ENGINE,)).text


def hear_all(chunks: list[bytes]) -> str:
    return " ".join(text for text in map(hear, chunks) if text)
