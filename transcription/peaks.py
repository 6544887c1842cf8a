"""The waveform of a recording, as a player draws it."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from transcription.audio import Audio, Samples

FINENESS = 32  # cells kept for each bucket: the edges of a bucket are exact to 1/16 of it
LOWEST, HIGHEST = np.iinfo(np.int16).min, np.iinfo(np.int16).max


def measure_peaks(parts: Iterable[Audio], buckets: int) -> list[tuple[int, int]]:
    """Lowest and highest sample of each of ``buckets`` equal stretches of the parts together.

    The length need not be known before: what is seen is kept in cells, which become twice as long
    whenever they run out. So the memory depends on ``buckets`` and the largest part only. Without
    any sound all are (0, 0). Raises ValueError for less than one bucket.
    """
    if buckets < 1:
        raise ValueError("A waveform has at least one bucket.")
    cells = Cells(buckets * FINENESS)
    for part in parts:
        cells.add(part.samples)
    return cells.summarize(buckets)


class Cells:
    """Extremes of consecutive stretches of equal length, as many as fit."""

    def __init__(self, count: int) -> None:
        self.count = count  # even
        self._length, self._seen = 1, 0
        self._low = np.full(count, HIGHEST, np.int16)
        self._high = np.full(count, LOWEST, np.int16)

    def add(self, samples: Samples) -> None:
        if not len(samples):
            return
        end = self._seen + len(samples)
        while end > self.count * self._length:
            self._double()
        first, last = self._seen // self._length, (end - 1) // self._length
        edges = np.maximum(np.arange(first, last + 1) * self._length - self._seen, 0)
        touched = slice(first, last + 1)
        merge(np.minimum, self._low[touched], samples, edges)
        merge(np.maximum, self._high[touched], samples, edges)
        self._seen = end

    def _double(self) -> None:
        half = self.count // 2
        self._low[:half] = np.minimum(self._low[::2], self._low[1::2])
        self._high[:half] = np.maximum(self._high[::2], self._high[1::2])
        self._low[half:], self._high[half:] = HIGHEST, LOWEST
        self._length *= 2

    def summarize(self, buckets: int) -> list[tuple[int, int]]:
        if not self._seen:
            return [(0, 0)] * buckets
        used = -(-self._seen // self._length)
        starts = np.arange(buckets) * self._seen // buckets // self._length
        low = np.minimum.reduceat(self._low[:used], starts)
        high = np.maximum.reduceat(self._high[:used], starts)
        return list(zip(low.tolist(), high.tolist(), strict=True))


def merge(choose: np.ufunc, cells: Samples, samples: Samples, edges: npt.NDArray[np.int64]) -> None:
    """Into each cell what ``choose`` leaves of it and of the samples from its edge on."""
    choose(cells, choose.reduceat(samples, edges), out=cells)
