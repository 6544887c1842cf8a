"""Where each chunk lies in the meeting: pure arithmetic on decoded sample counts."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

SAMPLE_RATE = 16_000


@dataclass(frozen=True, slots=True)
class Placed:
    """``samples`` of sound from ``start`` on (both at 16 kHz); a hole where ``is_missing``."""

    index: int
    start: int
    samples: int
    is_missing: bool = False

    @property
    def start_seconds(self) -> float:
        return self.start / SAMPLE_RATE


def place_chunks(counts: Iterable[tuple[int, int | None]]) -> list[Placed]:
    """One place for every index from 0 to the highest, in order.

    ``counts`` are chunk index and decoded samples, None where the chunk could not be decoded.
    A missing or unreadable chunk takes the length that most of the others have: the recorder
    cuts by sample count, and only its last chunk is shorter.
    """
    known = dict(counts)
    return list(_place(known, typical_length(known.values()))) if known else []


def typical_length(lengths: Iterable[int | None]) -> int:
    """The most common length; of equally common ones the longest; 0 when none is known."""
    common = Counter(length for length in lengths if length)
    return max(common, key=lambda length: (common[length], length)) if common else 0


def _place(known: dict[int, int | None], hole: int) -> Iterator[Placed]:
    start = 0
    for index in range(max(known) + 1):
        samples = known.get(index)
        yield Placed(index, start, hole if samples is None else samples, samples is None)
        start += hole if samples is None else samples
