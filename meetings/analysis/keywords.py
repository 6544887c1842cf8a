"""What a meeting was about in single words and phrases.

Phrases are runs of content words as in RAKE (Rose et al., "Automatic Keyword Extraction from
Individual Documents", 2010). They are weighed like YAKE (Campos et al., "YAKE! Keyword extraction
from single documents using multiple local features", 2020) by frequency, spread over the meeting
and early mention, on stems, plus one feature for speech: whether they stand where nouns stand.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from math import log2
from typing import TypedDict

from meetings.analysis.domains import find_domain
from meetings.analysis.entities import MOST_CITED_UNITS, Keyword, find_entities, is_date, quote
from meetings.analysis.hearing import normalise_word
from meetings.analysis.phrases import LONGEST_PHRASE_WORDS, Phrase, Stems, collect_phrases
from meetings.analysis.text import Unit, cite, find_names, split_units, stem
from meetings.analysis.topics import find_topics
from meetings.analysis.wording import is_small_talk, join_list, lower_first, polish_title
from meetings.analysis.words import MODIFIERS, word_set
from transcription.types import Transcript

# For phrases of one, two and three words.
PHRASE_WEIGHTS = (1.0, 2.2, 2.9)
SPREAD_BINS = 10
COMMON_TITLE_WEIGHT = 0.5
TITLE_WEIGHT = 1.6
# Neighbours that met once: in so many words half of them are chance.
WORDS_OF_CHANCE = 1_500
REPEATED_WORD_WEIGHT = 0.6
MOST_CANDIDATES = 150
# They say how much of something, never what.
UNITS_OF_MEASURE = word_set("""
euro euros cent cents dollar dollars pound pounds kilo kilos kilogram kilograms gram grams tonne
tonnes ton tons metre metres meter meters kilometre kilometres litre litres mile miles pence
""")
_ADVERB = re.compile(r"\w{3,}ly$")
_PAST = re.compile(r"\w{3,}ed$")
_NOT_ADVERBS = word_set("""
supply family reply assembly weekly monthly daily italy anomaly
""")
_NOT_PAST = word_set("""
need speed feed seed embed shed hundred
""")


class Keywords(TypedDict):
    keywords: list[Keyword]
    main_theme: str
    domain: str


def find_keywords(transcript: Transcript, limit: int = 15) -> Keywords:
    """At most ``limit`` keywords and phrases and a few entities, the most relevant first."""
    units = split_units(transcript)
    names = find_names(units, transcript)
    spoken = [unit for unit in units if not is_small_talk(unit)]
    topics = find_topics(units, names, transcript.language)
    titles = [topic.title for topic in topics if not topic.is_closing]
    scores = _raise_titled(
        _score_phrases(spoken, names, transcript.language), titles, transcript.language
    )
    best = _choose([*scores, *_weigh_titles(titles, scores, spoken, transcript.language)], limit)
    top, last = (best[0][1], best[-1][1]) if best else (1.0, 1.0)
    found = [_describe(phrase, score / top, units, names) for phrase, score in best]
    found += find_entities(units, names, people_weight=last / top)
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
    chance = 1 / (1 + sum(len(unit.words) for unit in units) / WORDS_OF_CHANCE)
    return [
        (phrase, score)
        for phrase in phrases.values()
        if (score := _score(phrase, weights, names, chance)) > 0
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


def _score(
    phrase: Phrase, weights: Mapping[str, float], names: Collection[str], chance: float
) -> float:
    words = phrase.text.lower().split()
    if any(word in names or word == "ones" or is_date(word) for word in words):
        return 0.0
    if all(word in UNITS_OF_MEASURE for word in words):
        return 0.0
    mean = sum(weights.get(part, 0.5) for part in phrase.stems) / len(words)
    noun = 0.45 + 0.55 * phrase.noun_uses / phrase.count
    length = PHRASE_WEIGHTS[len(words) - 1]
    repeated = log2(1 + phrase.count) ** 0.5
    if len(words) > 1 and phrase.count == 1:
        repeated *= chance
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


def _raise_titled(
    scores: Sequence[tuple[Phrase, float]], titles: Sequence[str], language: str
) -> list[tuple[Phrase, float]]:
    """What a topic is called says more about the meeting than what was said within it."""
    named = [
        frozenset(stem(normalise_word(word), language) for word in title.split())
        for title in titles
    ]
    return [
        (phrase, score * (TITLE_WEIGHT if any(set(phrase.stems) <= n for n in named) else 1.0))
        for phrase, score in scores
    ]


def _weigh_titles(
    titles: Sequence[str],
    scores: Sequence[tuple[Phrase, float]],
    units: Sequence[Unit],
    language: str,
) -> list[tuple[Phrase, float]]:
    """Titles of common words, such as "opening hours": no run of content words holds them."""
    known = {phrase.stems for phrase, _ in scores}
    top = max((score for _, score in scores), default=1.0)
    found: list[tuple[Phrase, float]] = []
    for title in titles:
        words = tuple(normalise_word(word) for word in title.split())
        stems = tuple(stem(word, language) for word in words)
        said = [unit.index for unit in units if _contains(unit.words, words)]
        if 1 < len(words) <= LONGEST_PHRASE_WORDS and stems not in known and len(said) > 1:
            form = Counter({title.lower() if title[1:].islower() else title: len(said)})
            found.append((Phrase(stems, form, said), COMMON_TITLE_WEIGHT * top))
    return found


def _contains(words: Sequence[str], part: Sequence[str]) -> bool:
    spans = range(len(words) - len(part) + 1)
    return any(tuple(words[first : first + len(part)]) == tuple(part) for first in spans)


def _choose(scores: Sequence[tuple[Phrase, float]], limit: int) -> list[tuple[Phrase, float]]:
    """The best, the best first, each weaker for every chosen phrase that has a word of it."""
    kept: list[tuple[Phrase, float]] = []
    used: Counter[str] = Counter()
    waiting = sorted(scores, key=lambda pair: -pair[1])[:MOST_CANDIDATES]
    while waiting and len(kept) < limit:
        weakened = [
            (phrase, score * REPEATED_WORD_WEIGHT ** max(used[part] for part in phrase.stems))
            for phrase, score in waiting
        ]
        position = max(range(len(weakened)), key=lambda at: weakened[at][1])
        phrase, score = weakened[position]
        del waiting[position]
        if any(_repeats(phrase, other) for other, _ in kept):
            continue
        kept.append((phrase, score))
        used.update(phrase.stems)
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
        context=quote(said, names),
        evidence=cite(said[:MOST_CITED_UNITS]),
    )


def _name_theme(
    units: Sequence[Unit], found: Sequence[Keyword], names: Collection[str], language: str
) -> str:
    """The topics in one line; without named topics the two best phrases."""
    topics = [topic.title for topic in find_topics(units, names, language) if not topic.is_closing]
    if not topics[1:] or "General discussion" in topics:
        topics = [keyword["text"] for keyword in found if keyword["type"] != "entity"][:2]
    titles = topics[:1] + [lower_first(title) for title in topics[1:3]]
    return polish_title(join_list(titles), names) or "No subject"
