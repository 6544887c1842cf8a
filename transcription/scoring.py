"""How good a transcript is, compared with what was really said. Pure."""

import re
import unicodedata
from dataclasses import dataclass

import numpy as np

NOT_WORDS = re.compile(r"[^\w']+|_")
SINGLE_QUOTES = str.maketrans("\u2018\u2019\u02bc", "'''")


@dataclass(frozen=True, slots=True)
class WordErrors:
    """``rate`` is errors per word of the reference; above 1 when much was invented."""

    rate: float
    substitutions: int
    deletions: int
    insertions: int
    words: int


def normalise_words(text: str) -> list[str]:
    """The words as they sound: no case, no punctuation; an apostrophe inside a word stays."""
    plain = unicodedata.normalize("NFKC", text).translate(SINGLE_QUOTES).casefold()
    return [word for piece in NOT_WORDS.split(plain) if (word := piece.strip("'"))]


def wer(reference: str, hypothesis: str) -> WordErrors:
    """Word error rate: the fewest changes of words that turn ``reference`` into ``hypothesis``.

    Levenshtein's distance (1966) over words instead of letters. With an empty reference each
    invented word is one error and the rate is 0 or 1.
    """
    said, heard = normalise_words(reference), normalise_words(hypothesis)
    if not said:
        return WordErrors(float(bool(heard)), 0, 0, len(heard), 0)
    distances = _measure_distances(said, heard)
    substitutions, deletions, insertions = _count_changes(said, heard, distances)
    rate = (substitutions + deletions + insertions) / len(said)
    return WordErrors(rate, substitutions, deletions, insertions, len(said))


def rtf(work_seconds: float, audio_seconds: float) -> float:
    """Real-time factor: below 1 the engine is faster than people speak."""
    return work_seconds / audio_seconds if audio_seconds else 0.0


def _measure_distances(said: list[str], heard: list[str]) -> list[np.ndarray]:
    """Row r, column c: the distance between the first r words said and the first c heard."""
    numbers = {word: number for number, word in enumerate({*said, *heard})}
    columns = np.array([numbers[word] for word in heard], dtype=np.int64)
    offsets = np.arange(len(heard) + 1, dtype=np.int32)
    rows = [offsets.copy()]
    for index, word in enumerate(said, start=1):
        previous = rows[-1]
        row = np.empty_like(previous)
        row[0] = index
        row[1:] = np.minimum(previous[1:] + 1, previous[:-1] + (columns != numbers[word]))
        # An insertion adds one to the cell on the left: a running minimum, with that slope removed.
        rows.append(np.minimum.accumulate(row - offsets) + offsets)
    return rows


def _count_changes(
    said: list[str], heard: list[str], distances: list[np.ndarray]
) -> tuple[int, int, int]:
    substitutions = deletions = insertions = 0
    row, column = len(said), len(heard)
    while row or column:
        here = distances[row][column]
        is_wrong = bool(row and column and said[row - 1] != heard[column - 1])
        if row and column and here == distances[row - 1][column - 1] + is_wrong:
            row, column = row - 1, column - 1
            substitutions += is_wrong
        elif row and here == distances[row - 1][column] + 1:
            row, deletions = row - 1, deletions + 1
        else:
            column, insertions = column - 1, insertions + 1
    return substitutions, deletions, insertions
