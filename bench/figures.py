"""Figures of samples: pure arithmetic."""

import math
from collections.abc import Sequence


def percentile(samples: Sequence[float], percent: float) -> float:
    """The smallest sample that at least ``percent`` of all do not exceed (nearest rank).

    No interpolation: the answer is a value that was seen. Below 100 samples p99 is the maximum.
    """
    if not samples:
        raise ValueError("no samples")
    rank = math.ceil(len(samples) * percent / 100)
    return sorted(samples)[max(rank, 1) - 1]


def median(samples: Sequence[float]) -> float:
    """The middle sample; of an even number the mean of the two in the middle."""
    if not samples:
        raise ValueError("no samples")
    ordered, half = sorted(samples), len(samples) // 2
    return ordered[half] if len(samples) % 2 else (ordered[half - 1] + ordered[half]) / 2


def ratio(ours: float, theirs: float) -> float | None:
    """Ours as a multiple of theirs; None where theirs is nothing."""
    return ours / theirs if theirs else None
