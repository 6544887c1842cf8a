"""When each word of a line was said, also where a person has corrected the text since."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from meetings.exports.document import Line
from meetings.exports.text import clean_line

# Comparing is quadratic at worst; a segment has some twenty words.
MOST_COMPARED = 300

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class TimedWord:
    text: str
    start: float
    end: float


def time_words(line: Line) -> list[TimedWord]:
    """The words of the line's text in order; unknown ones take the time between the known."""
    texts = clean_line(line.text).split()
    spans = fill(texts, find_known(texts, line), line)
    return [
        TimedWord(text, start, end)
        for text, (start, end) in zip(texts, keep_order(spans, line), strict=True)
    ]


def find_known(texts: Sequence[str], line: Line) -> list[Span | None]:
    """The span of each text where the engine heard something, None where it heard nothing."""
    known: list[Span | None] = [None] * len(texts)
    if max(len(texts), len(line.words)) > MOST_COMPARED:
        heard = [clean_line(word.text) for word in line.words]
        if list(texts) == heard:
            return [(word.start, word.end) for word in line.words]
        return known
    left = [bare(text) for text in texts]
    right = [bare(word.text) for word in line.words]
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    for kind, first, last, start, end in matcher.get_opcodes():
        if kind == "equal":
            known[first:last] = [(word.start, word.end) for word in line.words[start:end]]
        elif kind == "replace":  # what was corrected was said when the wrong words were heard
            span = line.words[start].start, line.words[end - 1].end
            known[first:last] = share(texts[first:last], *span)
    return known


def bare(text: str) -> str:
    """The word without case and marks, which an editor adds."""
    return "".join(filter(str.isalnum, text.lower())) or text


def fill(texts: Sequence[str], known: Sequence[Span | None], line: Line) -> Iterator[Span]:
    """Runs of unknown words share the time between their neighbours by their length."""
    position, before = 0, line.start
    while position < len(texts):
        span = known[position]
        if span is not None:
            yield span
            position, before = position + 1, span[1]
            continue
        end = position
        while end < len(texts) and known[end] is None:
            end += 1
        following = known[end] if end < len(texts) else None
        after = following[0] if following else line.end
        yield from share(texts[position:end], before, max(before, after))
        position, before = end, max(before, after)


def share(texts: Sequence[str], start: float, end: float) -> Iterator[Span]:
    total = sum(map(len, texts)) or 1
    done = 0
    for text in texts:
        first, done = done, done + len(text)
        yield start + (end - start) * first / total, start + (end - start) * done / total


def keep_order(spans: Iterator[Span], line: Line) -> Iterator[Span]:
    """The same spans within the line, none before the one before it."""
    limit = max(line.start, line.end)
    before = line.start
    for start, end in spans:
        first = min(max(start, before), limit)
        before = min(max(end, first), limit)
        yield first, before
