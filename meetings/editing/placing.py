"""Putting the edits of people into segments that were cut anew. Pure.

An edit stands for a stretch of time. What an engine hears in it is replaced by what the person
wrote, as a segment of its own with the stretch and the key that it had; what lies before and
after stays. A word is in the stretch where its middle is, because engines differ by some tenths
of a second; a word just outside is taken too where it is one that the person had seen inside.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from meetings.editing.retiming import bare_word, match_words, retime_words, spread_words
from transcription.types import Word

NEAR_MS = 750.0  # how far from the stretch a word of it may be heard


@dataclass(frozen=True, slots=True)
class Edit:
    """``text`` stands from ``start_ms`` to ``end_ms``, where a machine had heard ``heard``."""

    key: str
    start_ms: int
    end_ms: int
    text: str
    heard: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A segment of speech. ``origin`` is the index of the one it came from, None if of none;
    ``edit`` that of the edit which it shows.
    """

    key: str
    start_ms: int
    end_ms: int
    text: str
    words: tuple[Word, ...] = ()
    origin: int | None = None
    edit: int | None = None


@dataclass(slots=True)
class _Heard:
    """One word of a segment: ``piece`` as it is written, ``middle`` in milliseconds, ``by`` the
    edit that takes it away.
    """

    origin: int
    word: Word
    piece: str
    middle: float
    by: int | None = None


@dataclass(slots=True)
class _Pool:
    """The words of all segments by their middles, to be taken by edits."""

    words: list[_Heard]
    middles: list[float] = field(init=False)

    def __post_init__(self) -> None:
        self.words.sort(key=lambda heard: heard.middle)
        self.middles = [heard.middle for heard in self.words]

    def take(self, edit: Edit, number: int) -> list[_Heard]:
        """The words of the stretch as the person had seen it."""
        first, last = self.find_range(edit)
        chosen = [heard for heard in self.words[first:last] if heard.by is None]
        for heard in chosen:
            heard.by = number
        return chosen

    def find_range(self, edit: Edit) -> tuple[int, int]:
        """Words of the stretch by their middles; near its ends what was seen decides."""
        first = bisect_left(self.middles, edit.start_ms)
        last = max(first, bisect_left(self.middles, edit.end_ms))
        if edit.start_ms == edit.end_ms:
            last = bisect_right(self.middles, edit.end_ms)
        seen = [bare_word(word) for word in edit.heard.split()]
        return self.trim(edit, seen, *self.extend(edit, seen, first, last))

    def extend(self, edit: Edit, seen: list[str], first: int, last: int) -> tuple[int, int]:
        """With the words around that were seen in the stretch and are not found in it."""
        pairs = match_words(seen, self.read(first, last))
        begun, ended = (pairs[0][0], pairs[-1][0] + 1) if pairs else (len(seen), 0)
        before = self.count_before(first, edit.start_ms - NEAR_MS, seen[:begun])
        missed = [] if before and not pairs else seen[ended:]
        after = self.count_after(last, edit.end_ms + NEAR_MS, missed)
        return first - before, last + after

    def trim(self, edit: Edit, seen: list[str], first: int, last: int) -> tuple[int, int]:
        """Without words at the ends that come before the first one seen, or after the last."""
        pairs = match_words(seen, self.read(first, last))
        begin, end = first, last
        if pairs and pairs[0][0] == 0:
            near = bisect_right(self.middles, edit.start_ms + NEAR_MS)
            begin = min(first + pairs[0][1], max(first, near))
        if pairs and pairs[-1][0] == len(seen) - 1:
            near = bisect_left(self.middles, edit.end_ms - NEAR_MS)
            end = max(first + pairs[-1][1] + 1, min(last, near))
        return begin, end

    def count_before(self, first: int, earliest: float, wanted: list[str]) -> int:
        """How many words right before are the last ones of ``wanted``."""
        near = first - bisect_left(self.middles, earliest)
        for count in range(min(near, len(wanted)), 0, -1):
            if self.read(first - count, first) == wanted[-count:]:
                return count
        return 0

    def count_after(self, last: int, latest: float, wanted: list[str]) -> int:
        """How many words right after are the first ones of ``wanted``."""
        near = bisect_right(self.middles, latest) - last
        for count in range(min(near, len(wanted)), 0, -1):
            if self.read(last, last + count) == wanted[:count]:
                return count
        return 0

    def read(self, first: int, last: int) -> list[str]:
        return [bare_word(heard.piece) for heard in self.words[first:last]]


def apply_edits(parts: Sequence[Part], edits: Sequence[Edit]) -> list[Part]:
    """The segments as people corrected them, in time order, every key once.

    ``parts`` are the segments of speech as an engine cut them; ``edits`` come in the order in
    which they were made, of those with the same key and stretch the last one counts.
    """
    latest = keep_latest(edits)
    numbered = [replace(part, origin=index) for index, part in enumerate(parts)]
    spots = {(part.key, part.start_ms, part.end_ms): part for part in numbered}
    settled: list[Part] = []
    open_edits: dict[int, Edit] = {}
    for number, edit in latest.items():
        part = spots.pop((edit.key, edit.start_ms, edit.end_ms), None)
        if part is None:
            open_edits[number] = edit
        else:
            settled.append(write_part(edit, number, part.words, part.origin))
    done = {part.origin for part in settled}
    others = [part for part in numbered if part.origin not in done]
    placed = place_edits(others, open_edits) if open_edits else others
    return sorted(name_parts([*settled, *placed]), key=lambda part: (part.start_ms, part.end_ms))


def keep_latest(edits: Sequence[Edit]) -> dict[int, Edit]:
    """Index of the last edit of each stretch -> that edit, with what the first one had seen."""
    found: dict[tuple[str, int, int], tuple[int, Edit]] = {}
    for number, edit in enumerate(edits):
        spot = (edit.key, edit.start_ms, edit.end_ms)
        heard = found[spot][1].heard if spot in found else edit.heard
        found[spot] = (number, replace(edit, heard=heard))
    return dict(found.values())


def place_edits(parts: Sequence[Part], edits: dict[int, Edit]) -> list[Part]:
    """Each edit as a part of its own; the others without the words it stands for."""
    words = {part.origin: list(list_words(part)) for part in parts}
    pool = _Pool([heard for own in words.values() for heard in own])
    written = []
    for number, edit in edits.items():
        taken = pool.take(edit, number)
        times = tuple(heard.word for heard in taken)
        written.append(write_part(edit, number, times, find_origin(taken)))
    starts = sorted(edit.start_ms for edit in edits.values())
    rest = [piece for part in parts for piece in cut_part(part, words[part.origin], starts)]
    return [*written, *rest]


def write_part(edit: Edit, number: int, words: Sequence[Word], origin: int | None) -> Part:
    timed = retime_words(words, edit.text, edit.start_ms / 1000, edit.end_ms / 1000)
    return Part(edit.key, edit.start_ms, edit.end_ms, edit.text, timed, origin, number)


def list_words(part: Part) -> Iterator[_Heard]:
    """The part's words; where the engine gave none, its text spread over its time."""
    pieces = part.text.split()
    words = part.words or tuple(spread_words(pieces, part.start_ms / 1000, part.end_ms / 1000))
    if len(pieces) != len(words):
        pieces = [word.text.strip() for word in words]
    for word, piece in zip(words, pieces, strict=True):
        middle = (word.start + word.end) * 500
        # A word without length at the very end belongs to this segment, not to the next.
        yield _Heard(
            part.origin or 0, word, piece, min(middle, max(part.start_ms, part.end_ms - 0.5))
        )


def find_origin(taken: Sequence[_Heard]) -> int | None:
    """The segment that most of the words are from, counted by their time."""
    weights: Counter[int] = Counter()
    for heard in taken:
        weights[heard.origin] += 1 + round((heard.word.end - heard.word.start) * 1000)
    return max(weights, key=lambda origin: weights[origin], default=None)


def cut_part(part: Part, words: list[_Heard], starts: list[int]) -> Iterator[Part]:
    """What is left of a part: cut where words were taken, and where an edit lies in a pause."""
    runs = [
        (is_taken, list(run))
        for (is_taken, _), run in groupby(
            words, lambda heard: (heard.by is not None, bisect_right(starts, heard.middle))
        )
    ]
    if len(runs) < 2 and not any(is_taken for is_taken, _ in runs):  # noqa: PLR2004 - uncut
        yield part
        return
    for place, (is_taken, run) in enumerate(runs):
        if is_taken:
            continue
        start_ms = part.start_ms if place == 0 else round(run[0].word.start * 1000)
        end_ms = part.end_ms if place == len(runs) - 1 else round(run[-1].word.end * 1000)
        yield replace(
            part,
            start_ms=start_ms,
            end_ms=max(start_ms, end_ms),
            text=" ".join(heard.piece for heard in run if heard.piece),
            words=tuple(heard.word for heard in run) if part.words else (),
        )


def name_parts(parts: Sequence[Part]) -> Iterator[Part]:
    """Every key once: an edit keeps its own, what comes later with the same gets a number."""
    used: set[str] = set()
    stems = {part.key for part in parts}
    for part in parts:
        key, number = part.key, 1
        while key in used or (number > 1 and key in stems):
            number += 1
            key = f"{part.key}.{number}"
        used.add(key)
        yield part if key == part.key else replace(part, key=key)
