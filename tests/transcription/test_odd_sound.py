"""Sound that no recorder should send, through decoding, the detector and an engine."""

import io
import struct
import wave
from collections.abc import Callable

import numpy as np
import pytest

from tests.transcription.sounds import load_speech
from transcription.audio import Audio, AudioError, decode, encode_wav
from transcription.scoring import wer
from transcription.transcribe import transcribe

SPEECH, SAID = load_speech(2)


def write_wav(samples: np.ndarray, rate: int) -> bytes:
    """``samples`` of shape (n, channels), 16 bit."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return buffer.getvalue()


def write_float_wav(samples: np.ndarray) -> bytes:
    data = samples.astype("<f4").tobytes()
    form = struct.pack("<HHIIHH", 3, 1, 16_000, 64_000, 4, 32)
    body = b"WAVE" + struct.pack("<4sI", b"fmt ", len(form)) + form
    body += struct.pack("<4sI", b"data", len(data)) + data
    return struct.pack("<4sI", b"RIFF", len(body)) + body


def resample(rate: int) -> np.ndarray:
    places = np.arange(0, SPEECH.duration, 1 / rate) * 16_000
    heard: np.ndarray = np.interp(places, np.arange(len(SPEECH.samples)), SPEECH.samples)
    return heard[:, None]


def scale(gain: float) -> np.ndarray:
    louder: np.ndarray = np.clip(SPEECH.samples.astype(float) * gain, -32768, 32767)
    return louder[:, None]


def spoil(share: float) -> np.ndarray:
    """Float samples of which every so many are no number or infinite."""
    samples = SPEECH.samples.astype(np.float32) / 32768
    bad = np.arange(0, len(samples), round(1 / share))
    samples[bad[::2]], samples[bad[1::2]] = np.nan, np.inf
    return samples


UNDERSTOOD: dict[str, Callable[[], bytes]] = {
    "8 kHz": lambda: write_wav(resample(8_000), 8_000),
    "96 kHz": lambda: write_wav(resample(96_000), 96_000),
    "5 channels": lambda: write_wav(np.repeat(scale(1), 5, axis=1), 16_000),
    "clipped": lambda: write_wav(scale(5), 16_000),
}
EMPTY_OF_WORDS: dict[str, Callable[[], bytes]] = {
    "one sample": lambda: encode_wav(Audio(np.array([9], np.int16))),
    "one frame less one": lambda: encode_wav(SPEECH.slice(1, 1.0299)),
    "only no numbers": lambda: write_float_wav(np.full(64_000, np.nan)),
    "only infinite": lambda: write_float_wav(np.full(64_000, np.inf)),
    "full scale, constant": lambda: write_wav(np.full((64_000, 1), 32767), 16_000),
}


@pytest.mark.parametrize("write", UNDERSTOOD.values(), ids=UNDERSTOOD.keys())
def test_speech_is_understood(write: Callable[[], bytes]) -> None:
    audio = decode(write())
    assert audio.duration == pytest.approx(SPEECH.duration, abs=0.1)
    heard = transcribe(audio, engines=["pocketsphinx"])
    assert wer(SAID, heard.text).rate <= 0.6


@pytest.mark.parametrize("write", EMPTY_OF_WORDS.values(), ids=EMPTY_OF_WORDS.keys())
def test_no_word_is_invented(write: Callable[[], bytes]) -> None:
    assert transcribe(decode(write()), engines=["pocketsphinx"]).segments == ()


def test_samples_that_are_no_numbers_do_no_harm() -> None:
    audio = decode(write_float_wav(spoil(0.001)))
    assert audio.duration == pytest.approx(SPEECH.duration, abs=0.1)
    transcribe(audio, engines=["pocketsphinx"])


def test_no_sample_at_all_is_refused_with_advice() -> None:
    with pytest.raises(AudioError, match="Check that the microphone was on"):
        decode(encode_wav(Audio(np.zeros(0, np.int16))))
