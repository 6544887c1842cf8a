"""A transcript as captions: short enough to read, timed by its words, never two at a time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise

from meetings.exports.document import Line
from meetings.exports.text import clean_line
from meetings.exports.word_times import TimedWord, time_words

# What subtitle guidelines agree on: two lines of 42 characters, and 7 seconds at most.
LINE_CHARACTERS = 42
LINES = 2
LONGEST_SECONDS = 7.0
LONGEST_WORD_SECONDS = 3.0  # what is beyond is the silence after it
PAUSE_SECONDS = 1.5  # the next words get a caption of their own
COMFORTABLE_MS = 1000  # shown so long where the next caption leaves room
SHORTEST_MS = 200  # between the starts of two that were spoken at once
# The last three are Chinese and Japanese.
SENTENCE_ENDS = (".", "?", "!", "…", "。", "\uff1f", "\uff01")


@dataclass(frozen=True, slots=True)
class Cue:
    """One caption: at most LINES lines of LINE_CHARACTERS."""

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]
    speaker: str = ""


def cut_cues(lines: Iterable[Line], *, with_names: bool = False) -> list[Cue]:
    """Captions in order of time; ``with_names`` begins the first of each speaker with the name."""
    cues: list[Cue] = []
    previous = ""
    for line in sorted(lines, key=lambda line: line.start):
        speaker = clean_line(line.speaker)
        opening = f"{speaker}:" if with_names and speaker and speaker != previous else ""
        previous = speaker or previous
        cues += [replace(cue, speaker=speaker) for cue in cut_line(line, opening)]
    return settle_times(cues)


def cut_line(line: Line, opening: str = "") -> Iterator[Cue]:
    """The captions of one stretch of speech; of missing audio one at its beginning."""
    if line.is_missing:
        line = replace(line, end=min(line.end, line.start + LONGEST_SECONDS))
    words = time_words(line)
    if words and opening:
        at = words[0].start
        words = [TimedWord(part, at, at) for part in opening.split()] + words
    groups: list[list[TimedWord]] = []
    for word in chain.from_iterable(map(split_long, words)):
        if groups and fits([*groups[-1], word]) and not is_break(groups[-1], word):
            groups[-1].append(word)
        else:
            groups.append([word])
    yield from map(build_cue, relieve_last(groups))


def relieve_last(groups: list[list[TimedWord]]) -> list[list[TimedWord]]:
    """The same groups; a last one of hardly a word shares its sentence with the one before."""
    if not groups[1:] or measure(groups[-1]) >= LINE_CHARACTERS // 2:
        return groups
    *others, before, last = groups
    if is_break(before, last[0]):
        return groups
    words = [*before, *last]
    halves = [(words[:cut], words[cut:]) for cut in range(1, len(words))]
    usable = [pair for pair in halves if all(map(fits, pair))]
    return [*others, *min(usable, key=lambda pair: abs(measure(pair[0]) - measure(pair[1])))]


def measure(words: Sequence[TimedWord]) -> int:
    return sum(len(word.text) + 1 for word in words)


def split_long(word: TimedWord) -> Iterator[TimedWord]:
    """The word; one longer than a line in pieces: languages without spaces have nothing else."""
    text, total = word.text, len(word.text)
    seconds = min(word.end - word.start, LONGEST_WORD_SECONDS) / total
    for first in range(0, total, LINE_CHARACTERS):
        piece = text[first : first + LINE_CHARACTERS]
        start = word.start + first * seconds
        yield TimedWord(piece, start, start + len(piece) * seconds)


def fits(words: Sequence[TimedWord]) -> bool:
    is_short = words[-1].end - words[0].start <= LONGEST_SECONDS
    return is_short and len(wrap([word.text for word in words])) <= LINES


def is_break(held: Sequence[TimedWord], following: TimedWord) -> bool:
    """After a pause, and after a sentence that fills a line."""
    if following.start - held[-1].end >= PAUSE_SECONDS:
        return True
    return held[-1].text.endswith(SENTENCE_ENDS) and measure(held) > LINE_CHARACTERS


def build_cue(words: Sequence[TimedWord]) -> Cue:
    lines = balance([word.text for word in words])
    return Cue(round(words[0].start * 1000), round(words[-1].end * 1000), lines)


def wrap(words: Sequence[str]) -> list[str]:
    """Lines as full as possible; no word is longer than one."""
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + 1 + len(word) <= LINE_CHARACTERS:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def balance(words: Sequence[str]) -> tuple[str, ...]:
    """One line where it is enough, otherwise two of about the same length."""
    lines = wrap(words)
    if len(lines) != LINES:
        return tuple(lines)
    halves = ((" ".join(words[:cut]), " ".join(words[cut:])) for cut in range(1, len(words)))
    return min(halves, key=lambda pair: max(map(len, pair)))


def settle_times(cues: Iterable[Cue]) -> list[Cue]:
    """Each caption ends when the next begins or before, and is shown for a moment at least."""
    placed: list[Cue] = []
    for cue in sorted(cues, key=lambda cue: cue.start_ms):
        earliest = placed[-1].start_ms + SHORTEST_MS if placed else 0
        placed.append(replace(cue, start_ms=max(cue.start_ms, earliest)))
    longest = round(LONGEST_SECONDS * 1000)
    limits = [after.start_ms for _, after in pairwise(placed)]
    settled: list[Cue] = []
    for position, cue in enumerate(placed):
        wanted = max(cue.end_ms, cue.start_ms + COMFORTABLE_MS)
        end = min(wanted, cue.start_ms + longest, *limits[position : position + 1])
        settled.append(replace(cue, end_ms=end))
    return settled
