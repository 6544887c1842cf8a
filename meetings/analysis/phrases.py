"""Candidate phrases: runs of content words, counted on their stems."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import log

from meetings.analysis.hearing import normalise_word
from meetings.analysis.text import Unit, is_content, stem
from meetings.analysis.words import DETERMINERS, MODIFIERS

LONGEST_PHRASE_WORDS = 3
_BREAK = re.compile(r"[,;:.!?…)\]\"”]$")

Stems = tuple[str, ...]


@dataclass(slots=True)
class Phrase:
    """One phrase in all its spellings; ``units`` are the indexes of the units that say it,
    ``noun_uses`` how often it stood where a noun phrase stands."""

    stems: Stems
    forms: Counter[str] = field(default_factory=Counter)
    units: list[int] = field(default_factory=list)
    noun_uses: int = 0

    @property
    def text(self) -> str:
        """Its commonest spelling; the earlier one where two are equally common."""
        return self.forms.most_common(1)[0][0]

    @property
    def count(self) -> int:
        return len(self.units)


@dataclass(frozen=True, slots=True)
class Run:
    """Content words that follow each other, and the word before them ("" at a start)."""

    before: str
    words: tuple[str, ...]


def collect_phrases(units: Iterable[Unit], language: str = "en") -> dict[Stems, Phrase]:
    """Every phrase of one to three words that was said, by its stems."""
    phrases: dict[Stems, Phrase] = {}
    for unit in units:
        for run in find_runs(unit, language):
            _add_run(phrases, run, unit.index, language)
    return phrases


def _add_run(phrases: dict[Stems, Phrase], run: Run, unit: int, language: str) -> None:
    lowered = [word.lower().removesuffix("'s") for word in run.words]
    stems = [stem(word, language) for word in lowered]
    for first in range(len(stems)):
        is_noun = first > 0 or run.before in DETERMINERS
        for last in range(first + 1, min(first + LONGEST_PHRASE_WORDS, len(stems)) + 1):
            key = tuple(stems[first:last])
            is_named = any(word not in MODIFIERS for word in lowered[first:last])
            if not is_named or len(set(key)) < len(key):
                continue
            phrase = phrases.setdefault(key, Phrase(key))
            phrase.forms[" ".join(run.words[first:last]).removesuffix("'s")] += 1
            phrase.units.append(unit)
            phrase.noun_uses += is_noun


def find_runs(unit: Unit, language: str = "en") -> list[Run]:
    """The runs of one unit; stop words and marks divide them."""
    runs: list[Run] = []
    before, words = "", []
    for token in unit.text.split():
        word = normalise_word(token)
        is_part = word in MODIFIERS or is_content(word, language)
        if is_part:
            words.append(_strip(token) if _keeps_case(token) else word)
        if not is_part or _BREAK.search(token):
            if words:
                runs.append(Run(before, tuple(words)))
            before, words = "" if is_part else word, []
    return [*runs, Run(before, tuple(words))] if words else runs


def name_subject(
    units: Sequence[Unit], others: Iterable[Unit], language: str = "en", skip: Iterable[str] = ()
) -> str | None:
    """The phrase that these units say often and the others hardly ever; None without one."""
    phrases = collect_phrases(units, language)
    elsewhere = Counter(term for unit in others for term in unit.terms)
    skipped = {stem(word, language) for word in skip}
    best, best_score = None, 0.0
    for stems, phrase in phrases.items():
        if skipped.intersection(stems) or (len(stems) > 1 and phrase.count == 1):
            continue
        rarity = min(phrase.count / (phrase.count + elsewhere[part]) for part in stems)
        score = log(1 + phrase.count) * rarity * (1 + 0.6 * (len(stems) - 1))
        if score > best_score:
            best, best_score = phrase, score
    return best.text if best else None


def _keeps_case(token: str) -> bool:
    """Whether capitals mean something: an acronym or a capital inside the word."""
    stripped = _strip(token)
    return any(character.isupper() for character in stripped[1:])


def _strip(token: str) -> str:
    return re.sub(r"^\W+|\W+$", "", token)
