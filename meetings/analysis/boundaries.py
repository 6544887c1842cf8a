"""Where one sentence ends: at marks, or at pauses and word pairs where nobody punctuated."""

from collections.abc import Sequence
from itertools import pairwise

from meetings.analysis.hearing import HeardWord, ends_sentence, normalise_word
from meetings.analysis.words import (
    ARTICLES,
    CLOSERS,
    FIRST_NAMES,
    LINKING_VERBS,
    NON_FINAL,
    OPENERS,
    SINGLE_OPENERS,
    SUBJECTS,
    word_set,
)

# Below one sentence mark in fifty words nobody punctuated: a long spoken sentence has about 25.
WORDS_PER_MARK = 50
SENTENCE_PAUSE_SECONDS = 2.0
BREATH_SECONDS = 0.35
SHORTEST_CLAUSE_WORDS = 4
# "that's awful can we ...": a remark before a question may be shorter.
SHORTEST_REMARK_WORDS = 2
ASKING = word_set(
    "can could would will do does did what how who when where why are is should shall"
)
# "susan what is the state": a name before one of these is somebody spoken to.
ADDRESSING = word_set("please can could would will you what when where why how who do did")


def is_punctuated(heard: Sequence[HeardWord]) -> bool:
    marks = sum(ends_sentence(word.text) for word in heard)
    return marks * WORDS_PER_MARK >= len(heard) > 0


def mark_ends(heard: Sequence[HeardWord]) -> list[bool]:
    return [
        ends_sentence(word.text)
        or word.speaker != following.speaker
        or following.start - word.end > SENTENCE_PAUSE_SECONDS
        for word, following in pairwise(heard)
    ]


def mark_unpunctuated_ends(heard: Sequence[HeardWord]) -> list[bool]:
    lowered = [normalise_word(word.text) for word in heard]
    ends: list[bool] = []
    length = 0
    for position, (word, following) in enumerate(pairwise(heard)):
        length += 1
        is_end = (
            word.speaker != following.speaker
            or ends_sentence(word.text)
            or _is_pause(word, following, lowered[position], length)
            or _opens_sentence(lowered, position + 1, length)
        )
        ends.append(is_end)
        length = 0 if is_end else length
    return ends


def _is_pause(word: HeardWord, following: HeardWord, lowered: str, length: int) -> bool:
    gap = following.start - word.end
    if gap > SENTENCE_PAUSE_SECONDS:
        return True
    is_breath = lowered in NON_FINAL
    if word.segment != following.segment:
        return not (is_breath and gap < BREATH_SECONDS)
    return gap >= BREATH_SECONDS and not is_breath and length >= SHORTEST_CLAUSE_WORDS


def _opens_sentence(words: Sequence[str], position: int, length: int) -> bool:
    """Whether a sentence can start here, ``length`` words after the last one did."""
    if words[position - 1] in NON_FINAL or len(words) - position < SHORTEST_CLAUSE_WORDS - 1:
        return False
    pair = (words[position], words[position + 1])
    if pair[0] in ASKING and not ASKING.isdisjoint(words[max(0, position - 3) : position]):
        return False  # "how much money did we lose" is one question
    if length < SHORTEST_CLAUSE_WORDS:
        return length >= SHORTEST_REMARK_WORDS and pair[0] in ASKING and pair in OPENERS
    if words[position] in SINGLE_OPENERS:
        return True
    is_addressed = pair[0] in FIRST_NAMES and pair[1] in ADDRESSING
    return pair in OPENERS or is_addressed or _starts_with_subject(words, position)


def _starts_with_subject(words: Sequence[str], position: int) -> bool:
    """Whether "we waited" or "the design is" follows what can close a sentence."""
    if words[position] in SUBJECTS:
        return words[position - 1] in CLOSERS
    following = words[position + 2 : position + 4]
    return words[position] in ARTICLES and not LINKING_VERBS.isdisjoint(following)
