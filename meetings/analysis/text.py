"""From segments to utterance units: what one person said in one breath or sentence.

Offline engines write neither punctuation nor capitals, so there are two ways to cut. Text with
sentence marks is cut at them; the rest at segment borders, pauses, changes of speaker and word
pairs that open an English sentence.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypedDict

import snowballstemmer

from meetings.analysis.boundaries import is_punctuated, mark_ends, mark_unpunctuated_ends
from meetings.analysis.hearing import HeardWord, hear_words, normalise_word
from meetings.analysis.words import FIRST_NAMES, FUNCTION_WORDS, STOP_WORDS
from transcription.types import Transcript

LONGEST_UNIT_WORDS = 60
LONGEST_UNPUNCTUATED_WORDS = 40
SHORTEST_FOREIGN_TERM = 4

NOT_NAMES = STOP_WORDS | {"speaker", "unknown", "guest"}
LANGUAGES = {
    "da": "danish",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ru": "russian",
    "sv": "swedish",
}
# A name before a request or question, also one that no list has or that an engine garbled.
_VOCATIVE = re.compile(
    r"^(?:[A-Z]\w+, )?([A-Z][a-z]+), (?:please|can|could|would|will|what|how|do|you|your)\b"
    r"|^([a-z]+) please [a-z]",
)


class Evidence(TypedDict):
    """Where a claim was heard: index into ``transcript.segments`` and seconds."""

    segment: int
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, or what stands for one where nothing is punctuated.

    ``words`` are lower-case without punctuation, ``terms`` the stems of its content words and
    ``term_words`` the words behind them. ``turn`` counts changes of speaker.
    """

    index: int
    text: str
    start: float
    end: float
    speaker: str | None
    turn: int
    words: tuple[str, ...]
    terms: tuple[str, ...]
    term_words: tuple[str, ...]
    evidence: tuple[Evidence, ...]


def split_units(transcript: Transcript) -> list[Unit]:
    """The transcript as units in time order; silence and control characters give none."""
    heard = list(hear_words(transcript.segments))
    ends_after = mark_ends if is_punctuated(heard) else mark_unpunctuated_ends
    units: list[Unit] = []
    turn, last_speaker = 0, None
    for words in _cut(heard, ends_after(heard)):
        if units and words[0].speaker != last_speaker:
            turn += 1
        last_speaker = words[0].speaker
        units.append(_build_unit(len(units), turn, words, transcript.language))
    return units


def cite(units: Iterable[Unit]) -> list[Evidence]:
    return [evidence for unit in units for evidence in unit.evidence]


@lru_cache(maxsize=16)
def _find_stemmer(language: str) -> Callable[[str], str]:
    name = LANGUAGES.get(language[:2].lower())
    if name is None:
        return str
    # Bounded: hostile text must not fill the memory of a long-lived worker.
    return lru_cache(maxsize=20_000)(snowballstemmer.stemmer(name).stemWord)


def stem(word: str, language: str = "en") -> str:
    return _find_stemmer(language)(word.removesuffix("'s"))


def is_content(word: str, language: str = "en") -> bool:
    """Whether a normalised word can name a subject; abroad, every word of four letters can."""
    if word in FUNCTION_WORDS or not any(character.isalpha() for character in word):
        return False
    if not language.lower().startswith("en"):
        return len(word) >= SHORTEST_FOREIGN_TERM or not word.isascii()
    return len(word) > 1 and word not in STOP_WORDS and "'" not in word.removesuffix("'s")


def find_names(units: Sequence[Unit], transcript: Transcript) -> frozenset[str]:
    """Lower-case first names: of speakers, capitalised inside sentences, or commonly known."""
    labels = {segment.speaker for segment in transcript.segments if segment.speaker}
    speakers = {part.lower() for label in labels for part in label.split() if part.istitle()}
    called = {
        name.lower()
        for unit in units
        for found in _VOCATIVE.finditer(unit.text)
        for name in found.groups()
        if name
    }
    known = {word for unit in units for word in unit.words} & FIRST_NAMES
    return frozenset(word for word in speakers | called if word not in NOT_NAMES) | known


def _cut(heard: Sequence[HeardWord], ends: Sequence[bool]) -> Iterable[Sequence[HeardWord]]:
    longest = LONGEST_UNIT_WORDS if is_punctuated(heard) else LONGEST_UNPUNCTUATED_WORDS
    first = 0
    for position in range(len(heard)):
        is_last = position == len(heard) - 1
        if is_last or ends[position] or position - first + 1 >= longest:
            yield heard[first : position + 1]
            first = position + 1


def _build_unit(index: int, turn: int, heard: Sequence[HeardWord], language: str) -> Unit:
    words = tuple(word for heard_word in heard if (word := normalise_word(heard_word.text)))
    content = tuple(word for word in words if is_content(word, language))
    return Unit(
        index=index,
        text=" ".join(word.text for word in heard),
        start=round(heard[0].start, 3),
        end=round(heard[-1].end, 3),
        speaker=heard[0].speaker,
        turn=turn,
        words=words,
        terms=tuple(stem(word, language) for word in content),
        term_words=content,
        evidence=_cite_words(heard),
    )


def _cite_words(heard: Sequence[HeardWord]) -> tuple[Evidence, ...]:
    spans: dict[int, Evidence] = {}
    for word in heard:
        span = spans.setdefault(
            word.segment, Evidence(segment=word.segment, start=word.start, end=word.end)
        )
        span["end"] = max(span["end"], word.end)
    return tuple(
        Evidence(segment=span["segment"], start=round(span["start"], 3), end=round(span["end"], 3))
        for span in spans.values()
    )
