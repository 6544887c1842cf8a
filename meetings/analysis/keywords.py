"""What a meeting was about in single words and phrases.

Phrases are runs of content words as in RAKE (Rose et al., "Automatic Keyword Extraction from
Individual Documents", 2010). They are weighed like YAKE (Campos et al., "YAKE! Keyword extraction
from single documents using multiple local features", 2020) by frequency, spread over the meeting
and early mention, on stems, plus one feature for speech: whether they stand where nouns stand.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from math import log2
from typing import Literal, TypedDict

from meetings.analysis.announcement import OPENING as ANNOUNCES
from meetings.analysis.domains import find_domain
from meetings.analysis.hearing import ends_sentence, normalise_word
from meetings.analysis.phrases import LONGEST_PHRASE_WORDS, Phrase, Stems, collect_phrases
from meetings.analysis.questions import is_question
from meetings.analysis.text import (
    Evidence,
    Unit,
    cite,
    find_names,
    split_units,
)
from meetings.analysis.topics import find_topics
from meetings.analysis.wording import is_small_talk, join_list, lower_first, polish, polish_title
from meetings.analysis.words import MODIFIERS, MONTHS, STOP_WORDS, WEEKDAYS, word_set
from transcription.types import Transcript

# For phrases of one, two and three words.
PHRASE_WEIGHTS = (1.0, 2.2, 2.9)
SPREAD_BINS = 10
MOST_ENTITIES = 6
MOST_CITED_UNITS = 10
FEWEST_CONTEXT_WORDS, LONGEST_CONTEXT = 5, 200
# A person or company is worth listing, but below what was said about it.
ENTITY_WEIGHT = 0.6
_ADVERB = re.compile(r"\w{3,}ly$")
_PAST = re.compile(r"\w{3,}ed$")
_NOT_ADVERBS = word_set("""
supply family reply assembly weekly monthly daily italy anomaly
""")
_NOT_PAST = word_set("""
need speed feed seed embed shed hundred
""")
_ACRONYM = re.compile(r"^[A-Z][A-Z0-9]{1,5}$")


class Keyword(TypedDict):
    """``relevance_score`` is 0..1, 1 for the most relevant; ``context`` a sentence that says it."""

    text: str
    keyword: str
    type: Literal["keyword", "keyphrase", "entity"]
    relevance_score: float
    context: str
    evidence: list[Evidence]


class Keywords(TypedDict):
    keywords: list[Keyword]
    main_theme: str
    domain: str


def find_keywords(transcript: Transcript, limit: int = 15) -> Keywords:
    """At most ``limit`` keywords and phrases and a few entities, the most relevant first."""
    units = split_units(transcript)
    names = find_names(units, transcript)
    spoken = [unit for unit in units if not is_small_talk(unit)]
    scores = _score_phrases(spoken, names, transcript.language)
    best = _drop_nested(sorted(scores, key=lambda pair: -pair[1]), limit)
    top = best[0][1] if best else 1.0
    found = [_describe(phrase, score / top, units, names) for phrase, score in best]
    found += _find_entities(units, names)
    found.sort(key=lambda keyword: -keyword["relevance_score"])
    return Keywords(
        keywords=found,
        main_theme=_name_theme(units, found, names, transcript.language),
        domain=find_domain(units),
    )


def _score_phrases(
    units: Sequence[Unit], names: Collection[str], language: str
) -> list[tuple[Phrase, float]]:
    phrases = collect_phrases(units, language)
    weights = _weigh_words(phrases, units)
    return [
        (phrase, score)
        for phrase in phrases.values()
        if (score := _score(phrase, weights, names)) > 0
    ]


def _weigh_words(phrases: Mapping[Stems, Phrase], units: Sequence[Unit]) -> dict[str, float]:
    """Each stem by how often, how widely and how early it was said."""
    first, last = (units[0].index, units[-1].index + 1) if units else (0, 1)
    weights: dict[str, float] = {}
    for stems, phrase in phrases.items():
        if len(stems) > 1:
            continue
        places = [(index - first) / (last - first) for index in phrase.units]
        spread = len({int(place * SPREAD_BINS) for place in places}) / SPREAD_BINS
        weights[stems[0]] = log2(1 + phrase.count) * (1 + spread) * (1.15 - 0.3 * places[0])
    return weights


def _score(phrase: Phrase, weights: Mapping[str, float], names: Collection[str]) -> float:
    words = phrase.text.lower().split()
    if any(word in names or word in WEEKDAYS or word in MONTHS for word in words):
        return 0.0
    mean = sum(weights.get(part, 0.5) for part in phrase.stems) / len(words)
    noun = 0.45 + 0.55 * phrase.noun_uses / phrase.count
    length = PHRASE_WEIGHTS[len(words) - 1]
    repeated = log2(1 + phrase.count) ** 0.5
    return float(mean * noun * length * repeated * _judge_form(words, phrase.count))


def _judge_form(words: Sequence[str], count: int) -> float:
    """Below 1 for what looks like a verb, an adverb or a chance neighbourhood."""
    factor = 1.0
    if _PAST.match(words[-1]) and words[-1] not in _NOT_PAST:
        factor *= 0.35
    if any(_ADVERB.match(word) and word not in _NOT_ADVERBS for word in words):
        factor *= 0.3
    if len(words) == LONGEST_PHRASE_WORDS and count == 1:
        factor *= 0.5
    if words[0] in MODIFIERS and count == 1:
        factor *= 0.9
    if len(words) == 1 and count == 1:
        factor *= 0.6
    return factor


def _drop_nested(ranked: Sequence[tuple[Phrase, float]], limit: int) -> list[tuple[Phrase, float]]:
    """The best without those that only repeat part of a better or slightly longer one."""
    kept: list[tuple[Phrase, float]] = []
    holders: defaultdict[str, list[Phrase]] = defaultdict(list)
    for phrase, score in ranked:
        others = [other for part in phrase.stems for other in holders[part]]
        if any(_repeats(phrase, other) for other in others):
            continue
        kept.append((phrase, score))
        for part in phrase.stems:
            holders[part].append(phrase)
        if len(kept) == limit:
            break
    return kept


def _repeats(phrase: Phrase, kept: Phrase) -> bool:
    mine, theirs = set(phrase.stems), set(kept.stems)
    if mine <= theirs:
        return phrase.count <= 2 * kept.count
    return theirs < mine and phrase.count == 1 and kept.count > 2 * phrase.count


def _describe(
    phrase: Phrase, score: float, units: Sequence[Unit], names: Collection[str]
) -> Keyword:
    said = [units[index] for index in dict.fromkeys(phrase.units)]
    return Keyword(
        text=phrase.text,
        keyword=phrase.text,
        type="keyphrase" if len(phrase.stems) > 1 else "keyword",
        relevance_score=round(min(1.0, score), 3),
        context=_quote(said, names),
        evidence=cite(said[:MOST_CITED_UNITS]),
    )


def _quote(said: Sequence[Unit], names: Collection[str]) -> str:
    """The first full sentence among the mentions that is not the list of topics."""
    later = [unit for unit in said if not ANNOUNCES.search(unit.text)] or said
    unit = next((unit for unit in later if len(unit.words) >= FEWEST_CONTEXT_WORDS), later[0])
    text = polish(unit.text, names, is_question=is_question(unit, names)) or unit.text
    return text if len(text) <= LONGEST_CONTEXT else text[:LONGEST_CONTEXT].rsplit(" ", 1)[0] + " …"


def _find_entities(units: Sequence[Unit], names: Collection[str]) -> list[Keyword]:
    """People spoken to or of, and what is capitalised inside sentences."""
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
            relevance_score=round(ENTITY_WEIGHT * (0.4 + 0.6 * len(said) / most), 3),
            context=_quote(said, names),
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
    if word in STOP_WORDS or word in WEEKDAYS or word in MONTHS or not word or "'" in word:
        return False
    bare = token.strip(",.;:!?\"'()")
    return bool(_ACRONYM.match(bare)) or (bare[:1].isupper() and not is_start and len(bare) > 1)


def _name_theme(
    units: Sequence[Unit], found: Sequence[Keyword], names: Collection[str], language: str
) -> str:
    """The topics in one line; without named topics the two best phrases."""
    topics = [topic.title for topic in find_topics(units, names, language) if not topic.is_closing]
    if not topics[1:] or "General discussion" in topics:
        topics = [keyword["text"] for keyword in found if keyword["type"] != "entity"][:2]
    titles = topics[:1] + [lower_first(title) for title in topics[1:3]]
    return polish_title(join_list(titles), names) or "No subject"
