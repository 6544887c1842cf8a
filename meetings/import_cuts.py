"""Where a long sound is cut into chunks: at quiet moments, so that no word is in two. Pure."""

from collections.abc import Iterator

import numpy as np

from transcription.audio import SAMPLE_RATE, Audio, Samples

# Whisper hears 30 s at a time; in the last third of it there is a pause in any conversation.
LONGEST_SAMPLES = 30 * SAMPLE_RATE
FRAME_SAMPLES = SAMPLE_RATE // 5  # 0.2 s: shorter quiet lies within words


def cut_chunks(audio: Audio, longest: int = LONGEST_SAMPLES) -> Iterator[Audio]:
    """The sound in order, without copies; the same sound is always cut at the same places.

    ``longest`` is in samples. Each chunk but the last has at least two thirds of it.
    """
    samples, start = audio.samples, 0
    while len(samples) - start > longest:
        earliest = start + longest * 2 // 3
        end = earliest + find_quiet(samples[earliest : start + longest])
        yield Audio(samples[start:end])
        start = end
    yield Audio(samples[start:])


def count_chunks(audio: Audio, longest: int = LONGEST_SAMPLES) -> int:
    return sum(1 for _ in cut_chunks(audio, longest))


def find_quiet(window: Samples) -> int:
    """The middle of the quietest frame; the first of several."""
    count = len(window) // FRAME_SAMPLES
    if not count:
        return len(window)
    frames = np.abs(window[: count * FRAME_SAMPLES].astype(np.int32))
    loudness = frames.reshape(count, FRAME_SAMPLES).sum(axis=1)
    return int(loudness.argmin()) * FRAME_SAMPLES + FRAME_SAMPLES // 2
