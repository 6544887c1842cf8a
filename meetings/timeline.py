"""Where each chunk lies in the meeting: pure arithmetic on decoded sample counts."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise

SAMPLE_RATE = 16_000
LONGEST_HOLE = 60 * SAMPLE_RATE  # one chunk's: no client's clock makes days of silence


@dataclass(frozen=True, slots=True)
class Piece:
    """A chunk that came: its samples (None if unreadable), its start by the client's clock."""

    index: int
    samples: int | None
    started_at_ms: int | None = None


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

    @property
    def end_seconds(self) -> float:
        return (self.start + self.samples) / SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Hole:
    """Neighbouring missing chunks, as one stretch of time; seconds."""

    first_index: int
    last_index: int
    start: float
    end: float

    @property
    def text(self) -> str:
        return f"[missing audio {format_clock(self.start)}-{format_clock(self.end)}]"


def place_chunks(
    pieces: Iterable[Piece], *, total: int = 0, most_missing: int | None = None
) -> list[Placed]:
    """One place for every index from 0 to the highest, and to ``total`` - 1 at least, in order.

    A missing or unreadable chunk takes the time that the client's clock leaves for it, where
    its neighbours tell; otherwise the length that most of the others have, since a recorder
    cuts by sample count and only its last chunk is shorter. All that is missing takes at most
    ``most_missing`` samples, so that an index far ahead makes no hours of silence.
    """
    known = {piece.index: piece for piece in pieces}
    count = max(total, max(known, default=-1) + 1)
    hole = typical_length(piece.samples for piece in known.values())
    lengths = {**dict.fromkeys(range(count), hole), **measure_holes(known)}
    left = sum(lengths.values()) if most_missing is None else most_missing
    places, start = [], 0
    for index in range(count):
        samples = known[index].samples if index in known else None
        length = min(lengths[index], left) if samples is None else samples
        left -= length if samples is None else 0
        places.append(Placed(index, start, length, samples is None))
        start += length
    return places


def typical_length(lengths: Iterable[int | None]) -> int:
    """The most common length; of equally common ones the longest; 0 when none is known."""
    common = Counter(length for length in lengths if length)
    return max(common, key=lambda length: (common[length], length)) if common else 0


def measure_holes(known: dict[int, Piece]) -> dict[int, int]:
    """Missing index -> samples, where the clocks of both neighbours of its hole are known."""
    timed = [piece for _, piece in sorted(known.items()) if piece.samples is not None]
    measured: dict[int, int] = {}
    for before, after in pairwise(timed):
        missing = range(before.index + 1, after.index)
        if not missing or before.started_at_ms is None or after.started_at_ms is None:
            continue
        elapsed = (after.started_at_ms - before.started_at_ms) * SAMPLE_RATE // 1000
        length = (elapsed - (before.samples or 0)) // len(missing)
        if 0 < length <= LONGEST_HOLE:
            measured |= dict.fromkeys(missing, length)
    return measured


def find_holes(places: Iterable[Placed]) -> Iterator[Hole]:
    """The stretches of missing audio, in order; those without length are left out."""
    for is_missing, group in groupby(places, key=lambda place: place.is_missing):
        run = list(group)
        if is_missing and run[-1].end_seconds > run[0].start_seconds:
            yield Hole(run[0].index, run[-1].index, run[0].start_seconds, run[-1].end_seconds)


def format_clock(seconds: float) -> str:
    """``mm:ss``, with hours in front when there are any."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"
