"""How well a text answers a query, and the part of it worth showing. Pure.

The database finds candidates; they are weighed here, so that the order is the same whatever
database it is. The weight is BM25's saturation and length (Robertson and Zaragoza, "The
Probabilistic Relevance Framework: BM25 and Beyond", 2009) without its idf, since every candidate
holds every word; words that stand close together count more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from meetings.search.query import WORD, Phrase, find_stem, fold

SATURATION, LENGTH_SHARE, USUAL_LENGTH = 1.2, 0.75, 20.0
EXACT, STEMMED, BEGUN = 1.0, 0.8, 0.6
CLOSENESS = 0.5
KIND_WEIGHTS = {"title": 3.0, "speaker": 2.0, "summary": 1.5}
SNIPPET_CHARACTERS, LEAD_CHARACTERS = 240, 60
ELLIPSIS = "…"

Span = tuple[int, int]


class Hit(NamedTuple):
    """An occurrence of a phrase: ``length`` words from ``first`` on, and how exactly, 0..1."""

    first: int
    length: int
    fit: float


@dataclass(frozen=True, slots=True)
class Found:
    """``spans``: the words that match, as offsets into the text, in order."""

    score: float
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Snippet:
    """``highlights`` are [from, to) in the characters (code points) of ``text``."""

    text: str
    highlights: list[list[int]]


def weigh(phrases: Sequence[Phrase], kind: str, text: str) -> Found:
    """The score of a text, 0 where its words are not recognised as those of the query."""
    words = list(WORD.finditer(text))
    folded = [fold(word[0]) for word in words]
    hits = [list(find_hits(phrase, folded)) for phrase in phrases]
    longer = 1 - LENGTH_SHARE + LENGTH_SHARE * len(words) / USUAL_LENGTH
    score = 0.0
    for found in hits:
        often = sum(hit.fit for hit in found)
        score += often * (SATURATION + 1) / (often + SATURATION * longer) if often else 0.0
    score *= (1 + CLOSENESS * measure_closeness(hits)) * KIND_WEIGHTS.get(kind, 1.0)
    places = {
        place
        for found in hits
        for hit in found
        for place in range(hit.first, hit.first + hit.length)
    }
    spans = [words[place].span() for place in sorted(places)]
    return Found(round(score / max(1, len(phrases)), 4), tuple(spans))


def find_hits(phrase: Phrase, text: Sequence[str]) -> Iterator[Hit]:
    """Where the phrase stands in the folded words of a text."""
    words = [fold(word) for word in phrase.words]
    last = len(words) - 1
    for first, word in enumerate(text[: max(0, len(text) - last)]):
        if word[:1] != words[0][:1]:  # almost always, and asked a hundred thousand times
            continue
        fits = [
            compare(wanted, text[first + place], is_beginning=phrase.is_prefix and place == last)
            for place, wanted in enumerate(words)
        ]
        if all(fits):
            yield Hit(first, len(words), sum(fits) / len(fits))


def compare(word: str, token: str, *, is_beginning: bool) -> float:
    """How exactly a word of the text is the one looked for, 0..1."""
    if not word or token[:1] != word[:1]:  # stems keep the first letter, and stemming is dear
        return 0.0
    if token == word:
        return EXACT
    if is_beginning and token.startswith(word):
        return BEGUN
    stem, wanted = find_stem(token), find_stem(word)
    if stem == wanted:
        return STEMMED
    return BEGUN if is_beginning and stem.startswith(wanted) else 0.0


def measure_closeness(hits: Sequence[Sequence[Hit]]) -> float:
    """1 where all phrases stand side by side in some place, towards 0 the farther apart."""
    if not hits[1:] or not all(hits):
        return 0.0
    events = sorted((hit.first, which) for which, found in enumerate(hits) for hit in found)
    seen: dict[int, int] = {}
    shortest = float("inf")
    for place, which in events:
        seen[which] = place
        if len(seen) == len(hits):
            shortest = min(shortest, max(seen.values()) - min(seen.values()) + 1)
    words = sum(found[0].length for found in hits) - hits[-1][0].length + 1
    return min(1.0, words / shortest)


def cut_snippet(text: str, spans: Sequence[Span]) -> Snippet:
    """At most SNIPPET_CHARACTERS of the text around the first word found, cut between words."""
    start = find_start(text, spans[0][0] if spans else 0)
    end = find_end(text, start + SNIPPET_CHARACTERS)
    before = ELLIPSIS if start > 0 else ""
    after = ELLIPSIS if end < len(text) else ""
    shift = len(before) - start
    shown = [[low + shift, high + shift] for low, high in spans if start <= low and high <= end]
    return Snippet(before + text[start:end] + after, shown)


def find_start(text: str, first: int) -> int:
    if first <= LEAD_CHARACTERS or len(text) <= SNIPPET_CHARACTERS:
        return 0
    start = min(first - LEAD_CHARACTERS, len(text) - SNIPPET_CHARACTERS)
    blank = text.find(" ", start, first)
    return start if blank < 0 else blank + 1


def find_end(text: str, limit: int) -> int:
    if limit >= len(text):
        return len(text)
    blank = text.rfind(" ", limit - LEAD_CHARACTERS, limit)
    return limit if blank < 0 else blank
