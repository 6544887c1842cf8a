"""The meeting in a few sentences: what it covered, what mattered, what was settled.

Extractive: the sentences are the speakers' own, cleaned and told in the third person where the
speaker is known. They are chosen topic by topic (see ``ranking``), so no subject is forgotten.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from meetings.analysis.actions import ActionItem, find_actions
from meetings.analysis.announcement import find_announcement
from meetings.analysis.decisions import read_settled
from meetings.analysis.promises import Promise, find_promises
from meetings.analysis.questions import is_question
from meetings.analysis.ranking import MOST_SENTENCES, choose_diverse, compare_units, rank_units
from meetings.analysis.text import Evidence, Unit, cite, find_names, split_units
from meetings.analysis.topics import CUE, Topic, find_topics
from meetings.analysis.wording import (
    is_person,
    is_small_talk,
    join_list,
    lower_first,
    polish,
    polish_title,
    report_speech,
)
from transcription.types import Transcript

MAX_SENTENCES = 6
FEWEST_POINTS_PER_TOPIC, MOST_POINTS_PER_TOPIC = 2, 7
USUAL_POINTS, MOST_POINTS = 7, 12
FEWEST_WORDS, FEWEST_TERMS = 5, 2
LONGEST_HEADING_WORDS = 24
LONGEST_POINT_CHARACTERS = 280
NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
DECISION = "The team decided"
NEXT_DECISIONS = ("It was also agreed", "The team also decided", "It was agreed")
NOTHING_SAID = "No speech was recognised in this meeting."
# Weights on top of the rank: what a reader of minutes looks for, and what needs its neighbours.
DECIDED, PROMISED, MEASURED = 3.0, 1.1, 1.2
PERSONAL, DANGLING, BRIEF = 0.45, 0.55, 0.6
_NUMBER = re.compile(
    r"\d|\b(?:percent|hundred|thousand|million|dollars|euros|twenty|thirty|forty|fifty|weeks?"
    r"|months?"
    r"|january|february|march|april|june|july|august|september|october|november|december)\b",
    re.I,
)
_DANGLING = re.compile(
    r"^(?:\w+,? )?(?:it|they|that|this|those|these|he|she|him|them|because|which|or|if|about)\b",
    re.I,
)


_UNSURE = re.compile(r"\b(?:question is|not sure|worried|don't know|wonder|maybe|no idea)\b")


class KeyPoint(TypedDict):
    text: str
    evidence: list[Evidence]


class Summary(TypedDict):
    """``summary`` is one paragraph; ``main_topics`` are headings in order of time."""

    summary: str
    key_points: list[KeyPoint]
    main_topics: list[str]


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A chosen sentence: its readable text, its weight and where it stands."""

    unit: Unit
    text: str
    weight: float
    topic: int


def summarize(transcript: Transcript, max_sentences: int = MAX_SENTENCES) -> Summary:
    """A paragraph of at most ``max_sentences`` quoted sentences between two of our own."""
    units = split_units(transcript)
    if not any(unit.words for unit in units):
        return Summary(summary=NOTHING_SAID, key_points=[], main_topics=[])
    names = find_names(units, transcript)
    topics = find_topics(units, names, transcript.language)
    told = [topic for topic in topics if not topic.is_closing] or topics
    chosen = _choose(units, told, names) or _choose_anything(units, names)
    points = sorted(chosen[:MOST_POINTS], key=lambda sentence: sentence.unit.index)
    titles = list(dict.fromkeys(topic.title for topic in told))
    return Summary(
        summary=_write(transcript, chosen[:max_sentences], titles),
        key_points=[KeyPoint(text=p.text, evidence=cite([p.unit])) for p in points],
        main_topics=titles,
    )


def choose_points(
    topic: Topic, names: Collection[str], count: int, position: int = 0
) -> list[_Sentence]:
    """The ``count`` sentences of a topic that say most about it, the best first."""
    units = [unit for unit in topic.units if _is_telling(unit, names)]
    units = _thin(units)
    if not units:
        return []
    cosines = compare_units(units)
    weights = rank_units(cosines) * np.array([_weigh(unit, names) for unit in units])
    return [
        _Sentence(units[place], tell(units[place], names), float(weights[place]), position)
        for place in choose_diverse(weights, cosines, count)
    ]


def tell(unit: Unit, names: Collection[str]) -> str:
    """The unit as a reader of minutes wants it."""
    promises = list(find_promises(unit, names))
    settled = read_settled(unit.text)
    if settled:
        link = "that" if re.search(r"\bthat " + re.escape(settled), unit.text) else "to"
        text = f"{DECISION} {link} {lower_first(polish(settled, names))}"
    elif promises and all(promise.owner for promise in promises):
        text = " ".join(_tell_promise(promise, names) for promise in promises)
    else:
        text = report_speech(polish(unit.text, names), unit.speaker)
    if len(text) <= LONGEST_POINT_CHARACTERS:
        return text
    return text[:LONGEST_POINT_CHARACTERS].rsplit(" ", 1)[0] + " …"


def _tell_promise(promise: Promise, names: Collection[str]) -> str:
    """What its owner will do, as a sentence."""
    due = f" {promise.due}" if promise.due else ""
    return polish(
        f"{polish_title(promise.owner or '', names)} will {lower_first(promise.task)}{due}", names
    )


def _thin(units: list[Unit]) -> list[Unit]:
    """Each wording once, and of a very long topic the units that say most, in order."""
    distinct = list({unit.words: unit for unit in reversed(units)}.values())[::-1]
    if len(distinct) > MOST_SENTENCES:
        distinct = sorted(distinct, key=lambda unit: -len(set(unit.terms)))[:MOST_SENTENCES]
    return sorted(distinct, key=lambda unit: unit.index)


def _choose(
    units: Sequence[Unit], topics: Sequence[Topic], names: Collection[str]
) -> list[_Sentence]:
    """The best of every topic first, then the second best: the order in which to run out."""
    announcement = find_announcement(units)
    listed = range(announcement.first, announcement.last + 1) if announcement else range(0)
    share = -(-USUAL_POINTS // max(1, len(topics)))
    count = min(MOST_POINTS_PER_TOPIC, max(FEWEST_POINTS_PER_TOPIC, share))
    each = [
        [s for s in choose_points(topic, names, count, at) if s.unit.index not in listed]
        for at, topic in enumerate(topics)
    ]
    ordered: list[_Sentence] = []
    for rank in range(count):
        layer = [sentences[rank] for sentences in each if len(sentences) > rank]
        ordered += sorted(layer, key=lambda sentence: -sentence.weight)
    return ordered


def _choose_anything(units: Sequence[Unit], names: Collection[str]) -> list[_Sentence]:
    """Of a meeting without a telling sentence, its longest words."""
    longest = max(units, key=lambda unit: len(unit.words))
    text = polish(longest.text, names) or longest.text
    return [_Sentence(longest, text[:LONGEST_POINT_CHARACTERS], 0.0, 0)]


def _is_telling(unit: Unit, names: Collection[str]) -> bool:
    if read_settled(unit.text) and unit.terms and not is_question(unit, names):
        return len(unit.words) > FEWEST_WORDS
    if len(unit.words) < FEWEST_WORDS or len(set(unit.terms)) < FEWEST_TERMS:
        return False
    spoken = " ".join(unit.words)
    is_heading = CUE.search(spoken) is not None and len(unit.words) <= LONGEST_HEADING_WORDS
    return not (
        is_heading or _UNSURE.search(spoken) or is_small_talk(unit) or is_question(unit, names)
    )


def _weigh(unit: Unit, names: Collection[str]) -> float:
    weight = 1.0
    spoken = " ".join(unit.words)
    if read_settled(unit.text):
        weight *= DECIDED
    if any(promise.owner for promise in find_promises(unit, names)):
        weight *= PROMISED
    elif re.match(r"(?:\w+ )?(?:i|i'm|i'll|i've|my|you|you've)\b", spoken):
        weight *= PERSONAL
    if _NUMBER.search(spoken):
        weight *= MEASURED
    if _DANGLING.match(polish(unit.text)):
        weight *= DANGLING
    return weight * (BRIEF if len(unit.words) < FEWEST_WORDS + 2 else 1.0)


def _write(transcript: Transcript, chosen: Sequence[_Sentence], titles: Sequence[str]) -> str:
    ordered = sorted(chosen, key=lambda sentence: sentence.unit.index)
    sentences = _vary([sentence.text for sentence in ordered])
    if not transcript.language.lower().startswith("en"):
        return " ".join(sentences)
    return " ".join([*_open(titles), *sentences, *_close(find_actions(transcript)["action_items"])])


def _vary(sentences: Sequence[str]) -> list[str]:
    """The sentences; decisions after the first open differently."""
    openings = iter(NEXT_DECISIONS)
    varied: list[str] = []
    is_first = True
    for sentence in sentences:
        is_decision = sentence.startswith(DECISION)
        opening = DECISION if is_first or not is_decision else next(openings, DECISION)
        varied.append(sentence.replace(DECISION, opening, 1) if is_decision else sentence)
        is_first = is_first and not is_decision
    return varied


def _open(titles: Sequence[str]) -> list[str]:
    if not titles[1:]:
        return []
    listed = join_list(lower_first(title) for title in titles)
    return [f"The meeting covered {_count(len(titles), 'topic')}: {listed}."]


def _close(items: Sequence[ActionItem]) -> list[str]:
    """Who left with work to do; nothing where nobody did."""
    if not items:
        return []
    owners = list(dict.fromkeys(item["owner"] for item in items))
    is_shared_out = all(is_person(owner) for owner in owners)
    noted = f"{_count(len(items), 'action item')} {'was' if len(items) == 1 else 'were'} noted"
    holders = f" for {join_list(str(owner) for owner in owners)}" if is_shared_out else ""
    return [f"{noted[0].upper()}{noted[1:]}{holders}."]


def _count(number: int, thing: str) -> str:
    word = NUMBER_WORDS[number] if number < len(NUMBER_WORDS) else str(number)
    return f"{word} {thing}{'' if number == 1 else 's'}"
