"""Which passages a question is about. Pure.

Okapi BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond",
2009) over the segments of one meeting; the neighbours of a segment lend it some of their words,
because speech answers across segments. How much of the question is covered, weighed by idf,
decides whether anything was found at all.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log

from meetings.analysis.hearing import normalise_word
from meetings.analysis.text import stem
from meetings.analysis.words import FUNCTION_WORDS
from meetings.assistant.types import Document, Passage

SATURATION, LENGTH_SHARE = 1.2, 0.75
NEIGHBOUR_WEIGHT = 0.25
# Of the question's weight: what has to stand in a passage and its neighbours to be an answer.
FOUND_COVER, CLOSE_COVER = 0.5, 0.3
WORTH_SHARE = 0.45  # of the best score: what is shown beside the best


@dataclass(frozen=True, slots=True)
class Match:
    """A passage by its place in the document; ``cover`` of the question is 0..1."""

    place: int
    passage: Passage
    score: float
    cover: float


@lru_cache(maxsize=4_000)
def read_stems(text: str, language: str) -> tuple[str, ...]:
    """The stems of everything that is no function word, in order."""
    known = "en" if language == "auto" else language
    words = (normalise_word(word).removesuffix("'s") for word in text.split())
    return tuple(stem(word, known) for word in words if word and word not in FUNCTION_WORDS)


def rank_passages(document: Document, weights: Mapping[str, float]) -> list[Match]:
    """Every passage that has a word of the question, the best first; equals in spoken order."""
    counted = [Counter(read_stems(p.text, document.language)) for p in document.passages]
    if not counted or not weights:
        return []
    usual = max(1.0, sum(c.total() for c in counted) / len(counted))
    rarity = {term: measure_rarity(term, counted) * weight for term, weight in weights.items()}
    own = [weigh(counts, rarity, usual) for counts in counted]
    total = sum(rarity.values()) or 1.0
    matches = []
    for place, passage in enumerate(document.passages):
        if own[place]:
            around = range(max(0, place - 1), min(len(counted), place + 2))
            lent = sum(own[near] for near in around if near != place) * NEIGHBOUR_WEIGHT
            covered = {term for near in around for term in rarity if counted[near][term]}
            cover = sum(rarity[term] for term in covered) / total
            held = sum(rare for term, rare in rarity.items() if counted[place][term]) / total
            matches.append(Match(place, passage, own[place] * (0.5 + held) + lent, cover))
    return sorted(matches, key=lambda match: (-match.score, match.place))


def measure_rarity(term: str, counted: Sequence[Counter[str]]) -> float:
    having = sum(1 for counts in counted if counts[term])
    return log(1 + (len(counted) - having + 0.5) / (having + 0.5)) + 0.1


def weigh(counts: Counter[str], rarity: Mapping[str, float], usual: float) -> float:
    longer = 1 - LENGTH_SHARE + LENGTH_SHARE * counts.total() / usual
    return sum(
        rare * counts[term] * (SATURATION + 1) / (counts[term] + SATURATION * longer)
        for term, rare in rarity.items()
        if counts[term]
    )


def choose_best(matches: Sequence[Match], most: int, cover: float = FOUND_COVER) -> list[Match]:
    """Those worth showing of what covers enough of the question, in the order ranked."""
    found = [match for match in matches if match.cover >= cover]
    return [m for m in found if m.score >= WORTH_SHARE * found[0].score][:most]


def measure_cover(weights: Mapping[str, float], text: str, language: str) -> float:
    """How much of what is looked for stands in a text, 0..1; all of it where that is nothing."""
    stems = set(read_stems(text, language))
    total = sum(weights.values())
    return sum(w for term, w in weights.items() if term in stems) / total if total else 1.0
