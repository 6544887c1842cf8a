"""Sound without speech: silence, the mains, a fan, rain. The same on every run."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from transcription.audio import SAMPLE_RATE, Audio

MAINS_HERTZ = 50.0
LOUDNESS = 1500.0  # of 32 767, as loud as quiet speech

Samples = NDArray[np.float64]


def shape(samples: Samples) -> Audio:
    return Audio(np.clip(samples, -32_768, 32_767).astype(np.int16))


def make_silence(seconds: float) -> Audio:
    return shape(np.zeros(round(seconds * SAMPLE_RATE)))


def make_hum(seconds: float) -> Audio:
    """The mains with its first overtones."""
    moments = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    waves = (np.sin(2 * np.pi * MAINS_HERTZ * n * moments) / n for n in (1, 2, 3, 5))
    return shape(LOUDNESS * sum(waves, np.zeros_like(moments)))


def make_white_noise(seconds: float) -> Audio:
    source = np.random.default_rng(1)
    return shape(LOUDNESS * source.standard_normal(round(seconds * SAMPLE_RATE)))


def make_pink_noise(seconds: float) -> Audio:
    """Equal power in each octave: a white spectrum divided by the root of the frequency."""
    source = np.random.default_rng(2)
    count = round(seconds * SAMPLE_RATE)
    spectrum = np.fft.rfft(source.standard_normal(count))
    shaped = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1)), count)
    return shape(LOUDNESS * shaped / np.std(shaped))


NOISES: dict[str, Callable[[float], Audio]] = {
    "silence": make_silence,
    "hum": make_hum,
    "white noise": make_white_noise,
    "pink noise": make_pink_noise,
}
