"""What is said in the meetings of the library that is searched. Pure.

Words are drawn as in speech: a few of them very often, most of them hardly ever (Zipf's law).
"""

import random
from collections.abc import Iterator

WORDS = 20_000
SYLLABLES = ("ba", "de", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu", "va", "ze")
COMMON = ("the", "we", "is", "to", "and", "budget", "release", "think", "plan", "week")
WORDS_PER_SEGMENT = 12
SEGMENT_MS = 5_000
SPEAKERS = ("Ana", "Maria", "Robert", "Speaker 4")
NEEDLE, NEEDLE_MEETING, NEEDLE_SEGMENT = "pomegranate", 31, 7


def spell(number: int) -> str:
    """A word of its own for each number; the most frequent ones are English."""
    if number < len(COMMON):
        return COMMON[number]
    letters = []
    while number:
        number, place = divmod(number, len(SYLLABLES))
        letters.append(SYLLABLES[place])
    return "".join(letters)


def write_lines(seed: int, count: int) -> Iterator[str]:
    source = random.Random(seed)  # noqa: S311 - the same meetings on every run
    weights = [1 / (rank + 2) for rank in range(WORDS)]
    drawn = source.choices(range(WORDS), weights, k=count * WORDS_PER_SEGMENT)
    for start in range(0, len(drawn), WORDS_PER_SEGMENT):
        yield " ".join(spell(number) for number in drawn[start : start + WORDS_PER_SEGMENT])


def say_lines(meeting: int, segments: int) -> list[str]:
    """The lines of that meeting; a certain one ends with NEEDLE."""
    lines = list(write_lines(meeting, segments))
    if meeting == NEEDLE_MEETING:
        lines[NEEDLE_SEGMENT] += f" {NEEDLE}"
    return lines
