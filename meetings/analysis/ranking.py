"""Which sentences carry a text: TextRank for weight, MMR against repetition.

TextRank: Mihalcea and Tarau, "TextRank: Bringing Order into Texts" (EMNLP 2004), here on cosines of
TF-IDF vectors as in LexRank (Erkan and Radev, JAIR 2004). MMR: Carbonell and Goldstein, "The Use of
MMR, Diversity-Based Reranking" (SIGIR 1998).
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from meetings.analysis.text import Unit

DAMPING = 0.85
ITERATIONS = 40
# The matrix is quadratic: 600 sentences are 3 MB, an hour of one subject has fewer.
MOST_SENTENCES = 600
MOST_TERMS = 2_000
DIVERSITY = 0.4


def compare_units(units: Sequence[Unit]) -> NDArray[np.float64]:
    """Cosines of TF-IDF vectors, units x units, with a zero diagonal."""
    spread = Counter(term for unit in units for term in set(unit.terms))
    column = {term: place for place, (term, _) in enumerate(spread.most_common(MOST_TERMS))}
    vectors = np.zeros((len(units), max(1, len(column))))
    for row, unit in enumerate(units):
        for term in unit.terms:
            if term in column:
                vectors[row, column[term]] += np.log(1 + len(units) / spread[term])
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors /= np.where(lengths > 0, lengths, 1.0)
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, 0.0)
    return np.asarray(cosines, dtype=np.float64)


def rank_units(cosines: NDArray[np.float64]) -> NDArray[np.float64]:
    """TextRank weights with mean 1; units without ties keep the minimum."""
    count = len(cosines)
    sums = cosines.sum(axis=1, keepdims=True)
    steps = np.divide(cosines, sums, out=np.zeros_like(cosines), where=sums > 0)
    ranks = np.ones(count)
    for _ in range(ITERATIONS):
        ranks = (1 - DAMPING) + DAMPING * (steps.T @ ranks)
    return ranks


def choose_diverse(
    weights: NDArray[np.float64], cosines: NDArray[np.float64], count: int
) -> list[int]:
    """Positions of the ``count`` heaviest that do not repeat each other, the best first."""
    left = np.array(weights, dtype=np.float64)
    top = float(left.max(initial=0.0)) or 1.0
    chosen: list[int] = []
    while len(chosen) < min(count, len(left)):
        nearest = cosines[:, chosen].max(axis=1) if chosen else np.zeros(len(left))
        scores = (1 - DIVERSITY) * left / top - DIVERSITY * nearest
        scores[chosen] = -np.inf
        best = int(scores.argmax())
        if weights[best] <= 0:
            break
        chosen.append(best)
    return chosen
