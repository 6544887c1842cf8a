"""The words of a transcript one by one, cleaned, with their times."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

from meetings.analysis.words import word_set
from transcription.types import Segment

LONGEST_WORD_CHARACTERS = 60
ABBREVIATIONS = word_set("mr mrs ms dr prof st vs etc e.g i.e a.m p.m inc ltd approx")
CURLY_APOSTROPHE = "\u2019"
EAST_ASIAN_STOPS = "\u3002\uff01\uff1f"
QUESTION_MARKS = ("?", "\uff1f")
DASHES = "-\u2013\u2014"
_ENDING = re.compile(rf"[.!?\u2026{EAST_ASIAN_STOPS}][\"')\]\u201d]*$")
_EDGES = re.compile(r"^[^\w]+|[^\w]+$")


@dataclass(frozen=True, slots=True)
class HeardWord:
    """One word with its time, the segment it stands in and who said it."""

    text: str
    start: float
    end: float
    segment: int
    speaker: str | None


def hear_words(segments: Sequence[Segment]) -> Iterable[HeardWord]:
    for index, segment in enumerate(segments):
        words = _clean(segment.text).split()
        start = segment.start if isfinite(segment.start) else 0.0
        end = max(start, segment.end) if isfinite(segment.end) else start
        if _has_times(segment, len(words)):
            spans = [(word.start, word.end) for word in segment.words]
        else:
            spans = _spread(words, start, end)
        for word, (word_start, word_end) in zip(words, spans, strict=True):
            yield HeardWord(word, word_start, word_end, index, segment.speaker)


def _has_times(segment: Segment, count: int) -> bool:
    times = [time for word in segment.words for time in (word.start, word.end)]
    return len(segment.words) == count and all(map(isfinite, times))


def _clean(text: str) -> str:
    """Printable text, apostrophes straight, endless words and East Asian sentences divided."""
    kept = "".join(
        " " if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp", "Cs"} else c for c in text
    )
    kept = kept.replace(CURLY_APOSTROPHE, "'")
    spaced = re.sub(rf"([{EAST_ASIAN_STOPS}])", r"\1 ", kept)
    return re.sub(rf"(\S{{{LONGEST_WORD_CHARACTERS}}})(?=\S)", r"\1 ", spaced)


def _spread(words: Sequence[str], start: float, end: float) -> list[tuple[float, float]]:
    """Times for words an engine gave none for, by their share of the characters."""
    total = sum(len(word) + 1 for word in words) or 1
    borders, seen = [start], 0
    for word in words:
        seen += len(word) + 1
        borders.append(start + (end - start) * seen / total)
    return list(pairwise(borders))


def ends_sentence(word: str) -> bool:
    stem = word.rstrip(".").lower()
    if word.endswith(".") and (stem in ABBREVIATIONS or (len(stem) == 1 and stem.isalpha())):
        return stem in {"i"}
    return bool(_ENDING.search(word))


def normalise_word(word: str) -> str:
    """Lower case, no surrounding punctuation; empty for a lone mark."""
    return _EDGES.sub("", word).lower()
