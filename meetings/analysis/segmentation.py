"""Where one subject ends and the next begins, from lexical cohesion alone.

Utiyama and Isahara, "A Statistical Model for Domain-Independent Text Segmentation" (ACL 2001):
the most probable segmentation is a shortest path, where a segment costs its words under a
smoothed unigram model of its own plus a penalty for existing.
"""

from collections import Counter
from collections.abc import Sequence
from math import log

import numpy as np
from numpy.typing import NDArray

from meetings.analysis.text import Unit

# The path is quadratic in blocks: 300 take 0.2 s, and one block of an hour is still 12 s.
MOST_BLOCKS = 300
MOST_TERMS = 1_500
# Times log(words) for each border; the paper has 1, speech is less cohesive than prose.
PENALTY = 2.0
SHORTEST_TOPIC_WORDS = 40


def find_borders(units: Sequence[Unit], penalty: float = PENALTY) -> list[int]:
    """Positions in ``units`` where a new subject starts, without the first; often none."""
    blocks = _group(units)
    total = sum(len(unit.terms) for unit in units)
    if not blocks[1:] or not total:
        return []
    counts, sizes = _count_terms(units, blocks)
    words = np.array([sum(len(units[p].words) for p in block) for block in blocks])
    vocabulary = len({term for unit in units for term in unit.terms})
    starts = _find_path(counts, sizes, words, vocabulary, penalty * log(total))
    return [blocks[start][0] for start in starts if start]


def _group(units: Sequence[Unit]) -> list[range]:
    """Consecutive units in at most MOST_BLOCKS blocks."""
    size = max(1, -(-len(units) // MOST_BLOCKS))
    return [range(s, min(s + size, len(units))) for s in range(0, len(units), size)]


def _count_terms(
    units: Sequence[Unit], blocks: Sequence[range]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Counts of repeated terms, blocks x terms, and all terms of each block.

    A term said once costs the same in every segmentation, so it needs no column.
    """
    frequencies = Counter(term for unit in units for term in unit.terms)
    repeated = [term for term, count in frequencies.most_common(MOST_TERMS) if count > 1]
    column = {term: position for position, term in enumerate(repeated)}
    counts = np.zeros((len(blocks), len(column)), dtype=np.int64)
    sizes = np.zeros(len(blocks), dtype=np.int64)
    for row, block in enumerate(blocks):
        for position in block:
            sizes[row] += len(units[position].terms)
            for term in units[position].terms:
                if term in column:
                    counts[row, column[term]] += 1
    return counts, sizes


def _find_path(
    counts: NDArray[np.int64],
    sizes: NDArray[np.int64],
    words: NDArray[np.int64],
    vocabulary: int,
    penalty: float,
) -> list[int]:
    """First blocks of the cheapest segments, in order."""
    blocks = len(sizes)
    seen = np.vstack([np.zeros((1, counts.shape[1]), np.int64), counts.cumsum(axis=0)])
    spoken = np.concatenate([[0], sizes.cumsum()])
    said = np.concatenate([[0], words.cumsum()])
    frequency = np.arange(int(counts.sum(axis=0).max(initial=0)) + 1)
    gain = frequency * np.log(frequency + 1)
    cheapest, came_from = np.zeros(blocks + 1), np.zeros(blocks + 1, dtype=np.int64)
    for end in range(1, blocks + 1):
        length = spoken[end] - spoken[:end]
        cost = length * np.log(length + vocabulary) - gain[seen[end] - seen[:end]].sum(axis=1)
        too_short = (said[end] - said[:end] < SHORTEST_TOPIC_WORDS) & (np.arange(end) > 0)
        total = cheapest[:end] + cost + penalty + np.where(too_short, 1e9, 0.0)
        came_from[end] = int(total.argmin())
        cheapest[end] = total[came_from[end]]
    starts, position = [], blocks
    while position > 0:
        position = int(came_from[position])
        starts.append(position)
    return starts[::-1]
