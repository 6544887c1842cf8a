"""Joining what was heard in neighbouring chunks: a word at the cut counts once, and whole.

A chunk is heard together with the last TAIL_SECONDS of the one before it. So both heard the
words around the cut, the earlier one perhaps only half of the last. In that overlap one point
is chosen up to which the earlier chunk is believed and after which the later one is.
Pure: times are seconds from the start of the later chunk; in the overlap they are negative.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from transcription.types import Segment, Word

TAIL_SECONDS = 1.5
SAME_WORD_SECONDS = 0.3  # two engine runs place the same word this close to each other


@dataclass(frozen=True, slots=True)
class Seam:
    """Up to ``before_until`` the earlier chunk is believed, after ``after_from`` the later."""

    before_until: float
    after_from: float


OPEN = Seam(0.0, 0.0)  # nothing to choose between: each chunk keeps what lies within it


def find_seam(before: Iterable[Word], after: Iterable[Word], tail: float = TAIL_SECONDS) -> Seam:
    """Where to pass from one chunk's words to the next one's.

    At a word that both heard, as near to the middle of the overlap as there is one; without
    one in the middle, so that neither side's cut word is believed.
    """
    earlier = [word for word in before if -tail < middle(word) <= 0]
    later = [word for word in after if -tail < middle(word) <= 0]
    if not later:
        return OPEN
    if not earlier:
        return Seam(-tail, -tail)
    shared = [
        Seam(middle(one), middle(other))
        for one in earlier
        for other in later
        if is_same(one, other)
    ]
    centre = -tail / 2
    return min(
        shared,
        key=lambda seam: abs(seam.before_until - centre),
        default=Seam(centre, centre),
    )


def is_same(one: Word, other: Word) -> bool:
    near = abs(middle(one) - middle(other)) < SAME_WORD_SECONDS
    return near and one.text.casefold() == other.text.casefold()


def middle(part: Word | Segment) -> float:
    return (part.start + part.end) / 2


def list_words(segments: Iterable[Segment]) -> list[Word]:
    """The words of the segments; a segment without words counts as one long word."""
    return [
        word
        for segment in segments
        for word in (segment.words or (Word(segment.text, segment.start, segment.end),))
    ]


def shift(segments: Sequence[Segment], seconds: float) -> list[Segment]:
    return [
        replace(
            segment,
            start=segment.start + seconds,
            end=segment.end + seconds,
            words=tuple(
                replace(word, start=word.start + seconds, end=word.end + seconds)
                for word in segment.words
            ),
        )
        for segment in segments
    ]


def trim(segments: Sequence[Segment], left: float, right: float) -> Iterator[tuple[int, Segment]]:
    """Position and rest of each segment of which something lies after ``left``, up to ``right``."""
    for position, segment in enumerate(segments):
        rest = trim_segment(segment, left, right)
        if rest is not None:
            yield position, rest


def trim_segment(segment: Segment, left: float, right: float) -> Segment | None:
    if not segment.words:
        return segment if left < middle(segment) <= right else None
    words = tuple(word for word in segment.words if left < middle(word) <= right)
    if len(words) == len(segment.words):
        return segment
    if not words:
        return None
    text = " ".join(word.text for word in words)
    return replace(segment, start=words[0].start, end=words[-1].end, text=text, words=words)
