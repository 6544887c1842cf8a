"""How a meeting felt: the polarity of each sentence over time, and what follows from it.

Polarity is VADER's compound (Hutto and Gilbert, "VADER: A Parsimonious Rule-based Model for
Sentiment Analysis of Social Media Text", ICWSM 2014), read sentence by sentence: over a whole
meeting it saturates near 1. Words that meetings use without feeling are taken out of its lexicon.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypedDict

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from meetings.analysis.metrics import score_engagement
from meetings.analysis.questions import is_question
from meetings.analysis.text import Evidence, Unit, cite, split_units
from meetings.analysis.wording import drop_lead_in
from meetings.analysis.words import word_set
from transcription.types import Transcript

Level = Literal["low", "medium", "high"]

# Politeness and business nouns: VADER learned them from posts, where they are feelings.
UNFELT = word_set("""
please yes no okay ok share shared sharing shares support number numbers credit stop cut
interest hand hands kind matter chance play security secure value values important agree agreed
agreement like well sure join engage help party reach clear fine increase increased thanks thank
welcome free ready dear best better
""")
# What a meeting worries about and VADER does not know; on its scale of -4..4.
FELT = {
    "late": -1.0,
    "overdue": -1.5,
    "blocked": -1.5,
    "blocker": -1.5,
    "behind": -0.8,
    "outage": -1.8,
    "bug": -0.8,
    "bugs": -0.8,
    "slow": -1.0,
    "overloaded": -1.6,
    "understaffed": -1.4,
    "unacceptable": -2.6,
    "complained": -1.7,
    "nightmare": -2.5,
    "broken": -1.2,
    "unreliable": -1.6,
    "embarrassing": -1.6,
    "unusable": -2.0,
    "smoothly": 1.5,
    "finished": 0.8,
}
# "The crash is fixed" is good news: a solved trouble changes sides at half its weight.
RESOLVED = re.compile(
    r"(?<!not )(?<!to be )(?<!n't )(?<!never )\b(?:is|are|was|were|been|got|now|have|has|we|it's) "
    r"(?:now |all |finally |already |been )*(?:fixed|solved|resolved|sorted|repaired|settled)\b"
)
# "I'm annoyed, to be honest": said of the speaker, no praise.
CANDID = re.compile(r"\b(?:to be (?:honest|frank|fair|sure)|honestly|frankly|in all honesty)\b")
URGENT = re.compile(
    r"\b(?:urgent|urgently|deadline|asap|as soon as possible|overtime|pressure|stress\w*|overloaded"
    r"|burn(?:ed|t)? out|worried|late|delay\w*|behind schedule|overdue|risk\w*|crisis|critical"
    r"|emergency|escalat\w*|complain\w*|unacceptable|blocked|out of time)\b"
)
TONES: dict[str, re.Pattern[str]] = {
    "worried": re.compile(r"\b(?:worried|worry|afraid|concern\w*|nervous|unsure|risk\w*|fear)\b"),
    "frustrated": re.compile(
        r"\b(?:angry|annoy\w*|frustrat\w*|unacceptable|terrible|again late|fed up|complain\w*)\b"
    ),
    "appreciative": re.compile(
        r"\b(?:thank you|thanks|great (?:job|work)|well done|proud|congratulations|excellent)\b"
    ),
    "enthusiastic": re.compile(
        r"\b(?:love|amazing|fantastic|excited|wonderful|awesome|great news)\b"
    ),
}
POSITIVE, NEGATIVE = 0.05, -0.05
STRONG = 0.3
MIXED_SHARE = 0.1
TONE_SHARE = 0.04
CURVE_POINTS = 40
LOW_ENGAGEMENT, HIGH_ENGAGEMENT = 3.5, 6.5
LOW_STRESS, HIGH_STRESS = 0.12, 0.3
MOST_REPORTED = 3
FEWEST_REPORTED_WORDS = 3
QUESTION_WEIGHT = 0.5


class Reading(TypedDict):
    """The polarity of one stretch, -1..1, between two times in seconds."""

    start: float
    end: float
    score: float


class SpeakerMood(TypedDict):
    speaker: str
    score: float
    curve: list[Reading]


class MoodEvidence(TypedDict):
    """A sentence that weighed most; its words as they stand in the transcript."""

    text: str
    score: float
    evidence: list[Evidence]


class Mood(TypedDict):
    overall_mood: Literal["positive", "neutral", "negative", "mixed"]
    sentiment_score: float
    emotional_tone: str
    stress_level: Level
    engagement_level: Level
    curve: list[Reading]
    speakers: list[SpeakerMood]
    most_positive: list[MoodEvidence]
    most_negative: list[MoodEvidence]


@dataclass(frozen=True, slots=True)
class _Felt:
    unit: Unit
    score: float


def read_mood(transcript: Transcript) -> Mood:
    """Neutral and low where nothing was said, or in a language the lexicon does not know."""
    felt = _feel(transcript)
    mean = _mean([reading.score for reading in felt])
    speakers = list(dict.fromkeys(r.unit.speaker for r in felt if r.unit.speaker))
    return Mood(
        overall_mood=_judge(felt, mean),
        sentiment_score=round(mean, 3),
        emotional_tone=_name_tone(felt, mean),
        stress_level=_judge_stress(felt),
        engagement_level=_judge_engagement(felt, transcript.duration),
        curve=_draw_curve(felt),
        speakers=[_read_speaker(speaker, felt) for speaker in speakers],
        most_positive=_report(felt, lambda reading: -reading.score, lambda score: score > POSITIVE),
        most_negative=_report(felt, lambda reading: reading.score, lambda score: score < NEGATIVE),
    )


def list_readings(transcript: Transcript) -> list[Reading]:
    """The polarity of every sentence in the order they were said."""
    return [Reading(start=f.unit.start, end=f.unit.end, score=f.score) for f in _feel(transcript)]


def _feel(transcript: Transcript) -> list[_Felt]:
    is_english = transcript.language.lower().startswith("en")
    units = split_units(transcript)
    return [_Felt(unit, _read_unit(unit) if is_english else 0.0) for unit in units]


def _read_unit(unit: Unit) -> float:
    """The polarity of a unit without its "great, ..."; a question states only half of it."""
    score = score_polarity(" ".join(drop_lead_in(unit.text.split())))
    return score * QUESTION_WEIGHT if is_question(unit) else score


def score_polarity(sentence: str) -> float:
    """-1..1 for one English sentence."""
    spoken = CANDID.sub("", sentence.lower())
    compound = float(_find_analyzer().polarity_scores(spoken)["compound"])
    if compound < 0 and RESOLVED.search(spoken):
        return round(-compound / 2, 4)
    return compound


@lru_cache(maxsize=1)
def _find_analyzer() -> SentimentIntensityAnalyzer:
    analyzer = SentimentIntensityAnalyzer()
    for word in UNFELT:
        analyzer.lexicon.pop(word, None)
    analyzer.lexicon.update(FELT)
    return analyzer


def _mean(scores: Sequence[float]) -> float:
    return sum(scores) / len(scores) if scores else 0.0


def _share(felt: Sequence[_Felt], is_counted: Callable[[_Felt], bool]) -> float:
    return sum(map(is_counted, felt)) / len(felt) if felt else 0.0


def _judge(
    felt: Sequence[_Felt], mean: float
) -> Literal["positive", "neutral", "negative", "mixed"]:
    """Mixed where strong feelings of both kinds were voiced in a tenth of the sentences each."""
    glad = _share(felt, lambda reading: reading.score >= STRONG)
    upset = _share(felt, lambda reading: reading.score <= -STRONG)
    if min(glad, upset) >= MIXED_SHARE and max(glad, upset) < 3 * min(glad, upset):
        return "mixed"
    if mean >= POSITIVE:
        return "positive"
    return "negative" if mean <= NEGATIVE else "neutral"


def _name_tone(felt: Sequence[_Felt], mean: float) -> str:
    """The feeling voiced most often, "first then second" where two are; else by polarity."""
    shares = {
        tone: _share(felt, lambda reading, p=words: bool(p.search(reading.unit.text.lower())))  # type: ignore[misc] # a default binds the loop's value
        for tone, words in TONES.items()
    }
    voiced = sorted(
        (tone for tone in shares if shares[tone] >= TONE_SHARE), key=lambda t: -shares[t]
    )
    if voiced:
        return " and ".join(voiced[:2])
    if mean >= STRONG / 2:
        return "optimistic"
    if mean <= -STRONG / 2:
        return "tense"
    return "constructive" if mean >= POSITIVE else "matter-of-fact"


def _judge_stress(felt: Sequence[_Felt]) -> Level:
    """By the share of sentences that are strongly negative or speak of urgency and trouble."""
    share = _share(
        felt,
        lambda reading: reading.score <= -STRONG or bool(URGENT.search(reading.unit.text.lower())),
    )
    if share >= HIGH_STRESS:
        return "high"
    return "medium" if share >= LOW_STRESS else "low"


def _judge_engagement(felt: Sequence[_Felt], duration: float) -> Level:
    """The engagement score of the metrics, a point more for exclamations or swings of mood."""
    units = [reading.unit for reading in felt]
    score = score_engagement(units, max([duration, *(unit.end for unit in units[-1:])]))
    lively = _share(felt, lambda reading: "!" in reading.unit.text or abs(reading.score) >= STRONG)
    score += min(1.0, lively * 4)
    if score >= HIGH_ENGAGEMENT:
        return "high"
    return "medium" if score >= LOW_ENGAGEMENT else "low"


def _draw_curve(felt: Sequence[_Felt]) -> list[Reading]:
    """At most CURVE_POINTS means of consecutive sentences."""
    size = max(1, -(-len(felt) // CURVE_POINTS))
    groups = [felt[first : first + size] for first in range(0, len(felt), size)]
    return [
        Reading(
            start=group[0].unit.start,
            end=group[-1].unit.end,
            score=round(_mean([reading.score for reading in group]), 3),
        )
        for group in groups
    ]


def _read_speaker(speaker: str, felt: Sequence[_Felt]) -> SpeakerMood:
    own = [reading for reading in felt if reading.unit.speaker == speaker]
    score = round(_mean([reading.score for reading in own]), 3)
    return SpeakerMood(speaker=speaker, score=score, curve=_draw_curve(own))


def _report(
    felt: Sequence[_Felt], order: Callable[[_Felt], float], is_worth: Callable[[float], bool]
) -> list[MoodEvidence]:
    worth = [
        reading
        for reading in felt
        if is_worth(reading.score) and len(reading.unit.words) >= FEWEST_REPORTED_WORDS
    ]
    ranked = sorted(worth, key=order)
    return [
        MoodEvidence(text=r.unit.text, score=round(r.score, 3), evidence=cite([r.unit]))
        for r in ranked[:MOST_REPORTED]
    ]
