"""People and names of things: capitals inside sentences, and whom the meeting calls by name."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from typing import Literal, TypedDict

from meetings.analysis.announcement import OPENING as ANNOUNCES
from meetings.analysis.hearing import ends_sentence, normalise_word
from meetings.analysis.questions import is_question
from meetings.analysis.text import Evidence, Unit, cite
from meetings.analysis.wording import polish, polish_title
from meetings.analysis.words import MONTHS, STOP_WORDS, WEEKDAYS

MOST_ENTITIES = 6
MOST_CITED_UNITS = 10
FEWEST_CONTEXT_WORDS, LONGEST_CONTEXT = 5, 200
# A company or product is worth listing, but below what was said about it.
ENTITY_WEIGHT = 0.6
_ACRONYM = re.compile(r"^[A-Z][A-Z0-9]{1,5}$")


class Keyword(TypedDict):
    """``relevance_score`` is 0..1, 1 for the most relevant; ``context`` a sentence that says it."""

    text: str
    keyword: str
    type: Literal["keyword", "keyphrase", "entity"]
    relevance_score: float
    context: str
    evidence: list[Evidence]


def find_entities(
    units: Sequence[Unit], names: Collection[str], people_weight: float
) -> list[Keyword]:
    """What is capitalised inside sentences and, weaker, the people spoken to or of."""
    mentions: defaultdict[str, list[Unit]] = defaultdict(list)
    lowered = Counter(token for unit in units for token in unit.text.split() if token.islower())
    for unit in units:
        for name in dict.fromkeys(_read_entities(unit, names)):
            if not lowered[name.lower()] or name.lower() in names:
                mentions[name].append(unit)
    most = max((len(said) for said in mentions.values()), default=1)
    ranked = sorted(mentions.items(), key=lambda pair: -len(pair[1]))[:MOST_ENTITIES]
    return [
        Keyword(
            text=name,
            keyword=name,
            type="entity",
            relevance_score=round(
                (people_weight if name.lower() in names else ENTITY_WEIGHT)
                * (0.4 + 0.6 * len(said) / most),
                3,
            ),
            context=quote(said, names),
            evidence=cite(said[:MOST_CITED_UNITS]),
        )
        for name, said in ranked
    ]


def _read_entities(unit: Unit, names: Collection[str]) -> list[str]:
    found: list[str] = []
    run: list[str] = []
    is_start = True
    for token in unit.text.split():
        word = normalise_word(token).removesuffix("'s")
        if word in names:
            found.append(polish_title(word, names))
        elif _is_proper(token, word, is_start=is_start):
            run.append(token.strip(",.;:!?\"'()").removesuffix("'s"))
            if token[-1].isalnum():
                is_start = False
                continue
        if run:
            found.append(" ".join(run))
            run = []
        is_start = ends_sentence(token)
    return [*found, " ".join(run)] if run else found


def _is_proper(token: str, word: str, *, is_start: bool) -> bool:
    if word in STOP_WORDS or is_date(word) or not word or "'" in word:
        return False
    bare = token.strip(",.;:!?\"'()")
    return bool(_ACRONYM.match(bare)) or (bare[:1].isupper() and not is_start and len(bare) > 1)


def is_date(word: str) -> bool:
    return word in MONTHS or word in WEEKDAYS or word.removesuffix("s") in WEEKDAYS


def quote(said: Sequence[Unit], names: Collection[str]) -> str:
    """The first full sentence among the mentions that is not the list of topics."""
    later = [unit for unit in said if not ANNOUNCES.search(unit.text)] or said
    unit = next((unit for unit in later if len(unit.words) >= FEWEST_CONTEXT_WORDS), later[0])
    text = polish(unit.text, names, is_question=is_question(unit, names)) or unit.text
    return text if len(text) <= LONGEST_CONTEXT else text[:LONGEST_CONTEXT].rsplit(" ", 1)[0] + " …"
