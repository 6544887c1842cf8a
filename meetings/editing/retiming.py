"""When the words of a corrected text were said. Pure.

The words of both texts are aligned by the longest common runs (Ratcliff and Metzener, "Pattern
Matching: The Gestalt Approach", Dr. Dobb's Journal, 1988, as in ``difflib``). A word that stayed
keeps its time and probability; new ones share the time between their neighbours by length.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from transcription.types import Word

# Beyond this many pairs of words an alignment could take seconds; no spoken segment is so long.
MOST_PAIRS = 250_000
EDGES = re.compile(r"^\W+|\W+$")

Pair = tuple[int, int]


def retime_words(words: Sequence[Word], text: str, start: float, end: float) -> tuple[Word, ...]:
    """The words of ``text`` with times in seconds, given those heard from ``start`` to ``end``."""
    tokens = text.split()
    kept = {j: words[i] for i, j in match_words([word.text for word in words], tokens)}
    timed: list[Word] = []
    waiting: list[str] = []
    reached = start
    for place, token in enumerate(tokens):
        if place not in kept:
            waiting.append(token)
            continue
        word = kept[place]
        timed += spread_words(waiting, reached, max(reached, word.start))
        timed.append(replace(word, text=token))
        waiting, reached = [], max(reached, word.end)
    return (*timed, *spread_words(waiting, reached, max(reached, end)))


def spread_words(tokens: Sequence[str], start: float, end: float) -> list[Word]:
    """The words one after the other over the whole time, longer ones longer."""
    lengths = [len(token) + 1 for token in tokens]
    whole = max(1, sum(lengths))
    edges = [start + (end - start) * sum(lengths[:n]) / whole for n in range(len(tokens) + 1)]
    return [
        Word(token, round(edges[place], 3), round(edges[place + 1], 3))
        for place, token in enumerate(tokens)
    ]


def match_words(old: Sequence[str], new: Sequence[str]) -> list[Pair]:
    """Which word of ``old`` is which of ``new``, in order; case and punctuation do not matter."""
    a, b = ([bare_word(word) for word in words] for words in (old, new))
    shorter = min(len(a), len(b))
    head = next((n for n in range(shorter) if a[n] != b[n]), shorter)
    rest = shorter - head
    tail = next((n for n in range(rest) if a[-1 - n] != b[-1 - n]), rest)
    inner = match_inner(a[head : len(a) - tail], b[head : len(b) - tail])
    return [
        *((n, n) for n in range(head)),
        *((head + i, head + j) for i, j in inner),
        *((len(a) - n, len(b) - n) for n in range(tail, 0, -1)),
    ]


def match_inner(a: Sequence[str], b: Sequence[str]) -> list[Pair]:
    if len(a) * len(b) > MOST_PAIRS:
        return []
    blocks = SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks()
    return [(block.a + n, block.b + n) for block in blocks for n in range(block.size)]


def bare_word(word: str) -> str:
    plain = word.strip().casefold()
    return EDGES.sub("", plain) or plain
