"""What the fake microphone plays, and how the recording lies on it."""

import wave
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tests.factories import read_sample
from tests.timing import TooSlow
from transcription.audio import SAMPLE_RATE, decode

Samples = npt.NDArray[np.float64]

SPEECH_SECONDS = 30
LEAD_SECONDS, END_SECONDS = 1, 60  # a file that ends in sound would go on as a buzz
WINDOW = SAMPLE_RATE // 2
AUDIBLE = 300.0
SLACK = 2  # samples: resampling
ALIKE = 0.9  # hissing sounds lose on their way what they have above 7.4 kHz


def write_microphone(path: Path) -> Path:
    """The file that Chromium's fake device plays from its beginning each time it is opened."""
    lead = np.zeros(LEAD_SECONDS * SAMPLE_RATE, np.int16)
    end = np.zeros(END_SECONDS * SAMPLE_RATE, np.int16)
    speech = read_sample().samples[: SPEECH_SECONDS * SAMPLE_RATE]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(np.concatenate([lead, speech, end]).tobytes())
    return path


def read_microphone(path: Path) -> Samples:
    return decode(path.read_bytes()).samples.astype(np.float64)


def list_offsets(recorded: Samples, played: Samples) -> list[tuple[float, int]]:
    """Second of the recording, and how many samples later the same sound stands in what was played.

    By normalised cross-correlation of each half second that is loud enough to be told apart.
    """
    found = []
    for start in range(0, len(recorded) - WINDOW, WINDOW):
        window = recorded[start : start + WINDOW]
        if window.std() > AUDIBLE:
            place, likeness = find_place(window, played)
            if likeness <= ALIKE:  # a browser that gets no processor for a moment stutters
                raise TooSlow(f"at {start / SAMPLE_RATE} s: {likeness:.3f}")
            found.append((start / SAMPLE_RATE, place - start))
    return found


def check_unbroken(offsets: Iterable[int]) -> None:
    """The same offset throughout: not a sample more or less between two half seconds."""
    found = set(offsets)
    if max(found) - min(found) > SLACK:  # a recorder that loses samples does so each time
        raise TooSlow(f"the recording lies {sorted(found)} samples beside what was played")


def find_place(window: Samples, played: Samples) -> tuple[int, float]:
    """Where it is most alike, and how much (1 is the same)."""
    size = 1 << (len(played) + len(window)).bit_length()
    spectrum = np.fft.rfft(played, size) * np.conj(np.fft.rfft(window, size))
    alike = np.fft.irfft(spectrum, size)[: len(played) - len(window)]
    powers = np.concatenate([[0.0], np.cumsum(played**2)])
    energy = powers[len(window) :][: len(alike)] - powers[: len(alike)]
    scores = alike / np.sqrt(np.maximum(energy, AUDIBLE**2 * len(window) / 4) * (window**2).sum())
    place = int(scores.argmax())
    return place, float(scores[place])
