"""Sounds for the tests: computed noise and tones, and real speech from the sample meeting."""

import io
import json
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np

from transcription.audio import SAMPLE_RATE, Audio, decode, join

SAMPLE_FOLDER = Path(__file__).parents[2] / "meetings" / "sample"


def scale(wave: Any, level_db: float) -> Audio:
    """``wave`` at an RMS of ``level_db`` below full scale."""
    centred = wave - np.mean(wave)
    gain = 32768 * 10 ** (level_db / 20) / np.sqrt(np.mean(centred**2))
    return Audio(np.clip(centred * gain, -32768, 32767).astype(np.int16))


def count_times(seconds: float) -> Any:
    return np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE


def make_silence(seconds: float) -> Audio:
    return Audio(np.zeros(round(seconds * SAMPLE_RATE), np.int16))


def make_noise(seconds: float, slope: float, level_db: float = -25) -> Audio:
    """White (slope 0), pink (1) or brown (2) noise."""
    white = np.random.default_rng(7).standard_normal(round(seconds * SAMPLE_RATE))
    spectrum = np.fft.rfft(white)
    frequencies = np.maximum(np.arange(len(spectrum)), 1)
    return scale(np.fft.irfft(spectrum / frequencies ** (slope / 2)), level_db)


def make_hum(seconds: float, level_db: float = -25) -> Audio:
    """Mains hum of 50 Hz with two overtones."""
    times = count_times(seconds)
    overtones = ((50, 1.0), (100, 0.5), (150, 0.3))
    return scale(sum(a * np.sin(2 * np.pi * hz * times) for hz, a in overtones), level_db)


def make_beeps(seconds: float, hertz: float = 440) -> Audio:
    """Half a second on, one and a half off."""
    times = count_times(seconds)
    return scale(np.sin(2 * np.pi * hertz * times) * (times % 2 < 0.5), -25)


def make_tone(seconds: float, hertz: float = 440) -> Audio:
    return scale(np.sin(2 * np.pi * hertz * count_times(seconds)), -20)


def mix(first: Audio, second: Audio) -> Audio:
    mixed = first.samples.astype(np.int32) + second.samples[: len(first.samples)]
    return Audio(np.clip(mixed, -32768, 32767).astype(np.int16))


@cache
def load_meeting() -> Audio:
    return decode((SAMPLE_FOLDER / "meeting.opus").read_bytes())


def load_utterances() -> list[dict[str, Any]]:
    utterances: list[dict[str, Any]]
    utterances = json.loads((SAMPLE_FOLDER / "reference.json").read_text())["utterances"]
    return utterances


def load_speech(count: int = 1) -> tuple[Audio, str]:
    """The sample meeting up to the end of its first utterances, and what is said in them."""
    utterances = load_utterances()[:count]
    audio = load_meeting().slice(0, utterances[-1]["end"])
    return audio, " ".join(utterance["text"] for utterance in utterances)


def load_utterance(index: int) -> Audio:
    """One utterance from its first sound to its last."""
    utterance = load_utterances()[index]
    return load_meeting().slice(utterance["start"], utterance["end"])


def surround(audio: Audio, seconds: float) -> Audio:
    return join([make_silence(seconds), audio, make_silence(seconds)])


def encode(
    audio: Audio, container: str, codec: str, rate: int = 48_000, layout: str = "mono"
) -> bytes:
    """A file in another format, as a browser, a telephone or a studio would send it."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate, layout=layout)
        write_sound(output, stream, audio)
    return buffer.getvalue()


def encode_film(audio: Audio) -> bytes:
    """Ten moving pictures in an MP4, with sound unless ``audio`` is empty."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as output:
        film: Any = output.add_stream("mpeg4", rate=10, width=64, height=64, pix_fmt="yuv420p")
        sound = output.add_stream("aac", rate=44_100, layout="mono") if audio.duration else None
        for shade in range(10):
            picture = np.full((64, 64, 3), shade * 20, np.uint8)
            output.mux(film.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        output.mux(film.encode(None))
        if sound:
            write_sound(output, sound, audio)
    return buffer.getvalue()


def write_sound(output: Any, stream: Any, audio: Audio) -> None:
    settings = {"format": stream.format, "layout": stream.layout, "rate": stream.rate}
    resampler = av.AudioResampler(**settings)
    frame = av.AudioFrame.from_ndarray(audio.samples.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = audio.sample_rate
    for resampled in [*resampler.resample(frame), *resampler.resample(None), None]:
        output.mux(stream.encode(resampled))
