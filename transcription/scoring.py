"""How good a transcript is, compared with what was really said. Pure."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from transcription.types import SpeakerTurn

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


@dataclass(frozen=True, slots=True)
class CharacterErrors:
    """``rate`` is ``errors`` per character of the reference, blanks between words included."""

    rate: float
    errors: int
    characters: int


@dataclass(frozen=True, slots=True)
class SpeakerErrors:
    """``rate`` is wrong seconds per second of reference speech; all others are seconds.

    Two people who speak at once count twice.
    """

    rate: float
    missed: float
    false_alarm: float
    confusion: float
    seconds: float


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
    distances = list(_measure_distances(said, heard))
    substitutions, deletions, insertions = _count_changes(said, heard, distances)
    rate = (substitutions + deletions + insertions) / len(said)
    return WordErrors(rate, substitutions, deletions, insertions, len(said))


def cer(reference: str, hypothesis: str) -> CharacterErrors:
    """Character error rate: as ``wer``, over the letters of the normalised words.

    It forgives a word that is nearly right, and compares languages that write no blanks.
    """
    said, heard = (list(" ".join(normalise_words(text))) for text in (reference, hypothesis))
    if not said:
        return CharacterErrors(float(bool(heard)), len(heard), 0)
    errors = 0
    for row in _measure_distances(said, heard):
        errors = int(row[-1])
    return CharacterErrors(errors / len(said), errors, len(said))


def der(
    reference: Sequence[SpeakerTurn], hypothesis: Sequence[SpeakerTurn], collar: float = 0.0
) -> SpeakerErrors:
    """Diarization error rate (NIST, Rich Transcription 2006), with the best one-to-one names.

    Time within ``collar`` seconds of a reference boundary is not judged. With an empty reference
    the rate is 0 or 1.
    """
    moments = list(_list_moments(reference, hypothesis, collar))
    names = _match_speakers(moments)
    missed = false_alarm = confusion = total = 0.0
    for seconds, said, heard in moments:
        right = sum(names.get(speaker) in heard for speaker in said)
        missed += seconds * max(0, len(said) - len(heard))
        false_alarm += seconds * max(0, len(heard) - len(said))
        confusion += seconds * (min(len(said), len(heard)) - right)
        total += seconds * len(said)
    wrong = missed + false_alarm + confusion
    rate = wrong / total if total else float(wrong > 0)
    return SpeakerErrors(rate, missed, false_alarm, confusion, total)


def rtf(work_seconds: float, audio_seconds: float) -> float:
    """Real-time factor: below 1 the engine is faster than people speak."""
    return work_seconds / audio_seconds if audio_seconds else 0.0


def _measure_distances(said: list[str], heard: list[str]) -> Iterator[npt.NDArray[np.int32]]:
    """Row r, column c: the distance between the first r words said and the first c heard."""
    numbers = {word: number for number, word in enumerate({*said, *heard})}
    columns = np.array([numbers[word] for word in heard], dtype=np.int64)
    offsets = np.arange(len(heard) + 1, dtype=np.int32)
    previous = offsets
    yield previous
    for index, word in enumerate(said, start=1):
        row = np.empty_like(previous)
        row[0] = index
        row[1:] = np.minimum(previous[1:] + 1, previous[:-1] + (columns != numbers[word]))
        # An insertion adds one to the cell on the left: a running minimum, with that slope removed.
        previous = np.minimum.accumulate(row - offsets) + offsets
        yield previous


def _count_changes(
    said: list[str], heard: list[str], distances: Sequence[npt.NDArray[np.int32]]
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


# Seconds, who spoke then, who was heard then.
_Moment = tuple[float, frozenset[str], frozenset[str]]
_SAID, _HEARD, _UNJUDGED = range(3)


def _list_moments(
    reference: Sequence[SpeakerTurn], hypothesis: Sequence[SpeakerTurn], collar: float
) -> Iterator[_Moment]:
    """The time line cut wherever somebody begins or ends, without what is not judged."""
    changes = [change for turn in reference for change in _list_changes(turn, _SAID)]
    changes += [change for turn in hypothesis for change in _list_changes(turn, _HEARD)]
    for edge in (edge for turn in reference for edge in (turn.start, turn.end) if collar):
        around = SpeakerTurn(edge - collar, edge + collar, "")
        changes += _list_changes(around, _UNJUDGED)
    active: tuple[Counter[str], ...] = (Counter(), Counter(), Counter())
    for (now, side, speaker, step), (later, *_) in pairwise(sorted(changes)):
        active[side][speaker] += step
        if later > now and not +active[_UNJUDGED]:
            yield later - now, frozenset(+active[_SAID]), frozenset(+active[_HEARD])


def _list_changes(turn: SpeakerTurn, side: int) -> list[tuple[float, int, str, int]]:
    if turn.end <= turn.start:
        return []
    return [(turn.start, side, turn.speaker, 1), (turn.end, side, turn.speaker, -1)]


def _match_speakers(moments: Sequence[_Moment]) -> dict[str, str]:
    """Reference speaker -> the heard label that stands for him: most seconds in common in all."""
    shared: Counter[tuple[str, str]] = Counter()
    for seconds, said, heard in moments:
        shared.update({(one, other): seconds for one in said for other in heard})
    rows, columns = sorted({one for one, _ in shared}), sorted({other for _, other in shared})
    size = max(len(rows), len(columns))
    costs = np.zeros((size, size))
    for row, one in enumerate(rows):
        costs[row, : len(columns)] = [-shared[one, other] for other in columns]
    pairs = enumerate(_assign(costs)[: len(rows)])
    return {rows[row]: columns[column] for row, column in pairs if column < len(columns)}


def _assign(costs: npt.NDArray[np.float64]) -> list[int]:
    """Row -> column of a square matrix, at the least cost in all.

    Kuhn's Hungarian method (1955): each row in turn finds the cheapest path on which those
    before it can step aside (Jonker and Volgenant 1987).
    """
    size = len(costs)
    row_of: list[int] = [-1] * size
    prices = np.zeros(size)
    for start in range(size):
        reach, came_from = np.full(size, np.inf), np.full(size, -1)
        is_done = np.zeros(size, dtype=bool)
        row, spent, last = start, 0.0, -1
        while row >= 0:
            base = costs[row, last] - prices[last] if last >= 0 else 0.0
            offers = spent + costs[row] - prices - base
            is_better = ~is_done & (offers < reach)
            reach[is_better], came_from[is_better] = offers[is_better], last
            last = int(np.argmin(np.where(is_done, np.inf, reach)))
            spent, is_done[last] = float(reach[last]), True
            row = row_of[last]
        prices[is_done] += reach[is_done] - spent
        while last >= 0:
            before = int(came_from[last])
            row_of[last] = row_of[before] if before >= 0 else start
            last = before
    return [row_of.index(row) for row in range(size)]
