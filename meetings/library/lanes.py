"""The timeline of a meeting: who speaks when, and when nobody does. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

LONGEST_PAUSE_MS = 1_000  # within a turn; a longer one is drawn
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A stretch of speech; ``label`` is empty where nobody knows whose."""

    start_ms: int
    end_ms: int
    label: str = ""


def find_turns(spoken: Sequence[Spoken]) -> list[Spoken]:
    """Neighbouring stretches of one speaker as one, unless a long pause lies between."""
    turns: list[Spoken] = []
    for one in spoken:
        last = turns[-1] if turns else None
        if last and last.label == one.label and one.start_ms - last.end_ms <= LONGEST_PAUSE_MS:
            turns[-1] = Spoken(last.start_ms, max(last.end_ms, one.end_ms), last.label)
        else:
            turns.append(one)
    return turns


def count_turns(spoken: Iterable[Spoken]) -> dict[str, int]:
    """Label -> how often that speaker took the floor, whatever pauses were made."""
    counts: dict[str, int] = {}
    for label, _ in groupby(spoken, key=lambda one: one.label):
        counts[label] = counts.get(label, 0) + 1
    return counts


def find_silence(spoken: Iterable[Spoken], gaps: Iterable[Span], duration_ms: int) -> list[Span]:
    """The pauses longer than LONGEST_PAUSE_MS; audio that is missing is not silence."""
    taken = sorted([*((one.start_ms, one.end_ms) for one in spoken), *gaps])
    ends: list[Span] = [(0, 0)]
    for start, end in taken:
        ends.append((start, max(end, ends[-1][1])))
    ends.append((duration_ms, duration_ms))
    return [
        (before[1], after[0])
        for before, after in pairwise(ends)
        if after[0] - before[1] > LONGEST_PAUSE_MS
    ]
