"""What can be counted in a meeting, and an honest word where it cannot."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import isfinite
from typing import Literal, TypedDict

from meetings.analysis.questions import is_question
from meetings.analysis.text import Unit, find_names, split_units
from transcription.types import Transcript

# Full marks for each part of the engagement score; see ``score_engagement``.
QUESTIONS_PER_100_WORDS = 3.0
TURNS_PER_MINUTE = 6.0
WORDS_PER_MINUTE = 150.0
FULL_SCORE = 10.0
SECONDS_PER_MINUTE = 60.0


class Unmeasurable(TypedDict):
    """Stands where a number would be a guess."""

    measurable: Literal[False]
    reason: str


class SpeakerShare(TypedDict):
    """``share`` is the part of all speech of named speakers, 0..1."""

    speaker: str
    seconds: float
    share: float
    turns: int
    words: int


class Metrics(TypedDict):
    word_count: int
    character_count: int
    sentence_count: int
    question_count: int
    estimated_duration_minutes: float
    average_words_per_sentence: float
    engagement_score: float
    speech_seconds: float
    silence_seconds: float
    words_per_minute: float
    talk_time: list[SpeakerShare] | Unmeasurable
    turns: int | Unmeasurable
    longest_monologue_seconds: float | Unmeasurable
    interruptions: int | Unmeasurable


NO_SPEAKERS = Unmeasurable(measurable=False, reason="The transcript does not say who speaks.")


def measure(transcript: Transcript) -> Metrics:
    """Counts and times of the whole meeting; zeros where nobody spoke."""
    units = split_units(transcript)
    words = sum(len(unit.words) for unit in units)
    speech = measure_speech((s.start, s.end) for s in transcript.segments if s.text.strip())
    duration = _read_duration(transcript)
    has_speakers = any(unit.speaker for unit in units)
    names = find_names(units, transcript)
    return Metrics(
        word_count=words,
        character_count=len(transcript.text),
        sentence_count=len(units),
        question_count=sum(is_question(unit, names) for unit in units),
        estimated_duration_minutes=round(duration / SECONDS_PER_MINUTE, 2),
        average_words_per_sentence=round(words / len(units), 1) if units else 0.0,
        engagement_score=score_engagement(units, duration),
        speech_seconds=round(speech, 2),
        silence_seconds=round(max(0.0, duration - speech), 2),
        words_per_minute=round(words * SECONDS_PER_MINUTE / speech, 1) if speech > 0 else 0.0,
        talk_time=_share_talk(units) if has_speakers else NO_SPEAKERS,
        turns=units[-1].turn + 1 if has_speakers else NO_SPEAKERS,
        longest_monologue_seconds=_find_monologue(units) if has_speakers else NO_SPEAKERS,
        interruptions=_count_interruptions(transcript) if has_speakers else NO_SPEAKERS,
    )


def score_engagement(units: Sequence[Unit], duration: float) -> float:
    """0..10, the mean of what can be measured, each part 0..1:

    questions (3 in 100 words are full marks), speaking rate over the whole duration, silence
    included (150 words a minute), and, where speakers are known, changes of speaker (6 a minute)
    and balance (1 - the distance of the talk shares from equal shares, 0 for a monologue).
    """
    words = sum(len(unit.words) for unit in units)
    minutes = duration / SECONDS_PER_MINUTE
    if not words or minutes <= 0:
        return 0.0
    questions = sum(is_question(unit) for unit in units)
    parts = [
        questions * 100 / words / QUESTIONS_PER_100_WORDS,
        words / minutes / WORDS_PER_MINUTE,
    ]
    seconds = _sum_talk(units)
    if seconds:
        parts += [units[-1].turn / minutes / TURNS_PER_MINUTE, _balance(list(seconds.values()))]
    return round(FULL_SCORE * sum(min(1.0, part) for part in parts) / len(parts), 1)


def measure_speech(spans: Iterable[tuple[float, float]]) -> float:
    """Seconds covered by the spans; what overlaps counts once."""
    covered, reached = 0.0, float("-inf")
    for start, end in sorted(span for span in spans if all(map(isfinite, span))):
        covered += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return covered


def _read_duration(transcript: Transcript) -> float:
    """The length of the audio, never shorter than its last segment."""
    ends = [segment.end for segment in transcript.segments if isfinite(segment.end)]
    duration = transcript.duration if isfinite(transcript.duration) else 0.0
    return max([0.0, duration, *ends])


def _sum_talk(units: Iterable[Unit]) -> Counter[str]:
    seconds: Counter[str] = Counter()
    for unit in units:
        if unit.speaker:
            seconds[unit.speaker] += unit.end - unit.start  # type: ignore[assignment] # typeshed: ints only
    return seconds


def _balance(seconds: Sequence[float]) -> float:
    total = sum(seconds)
    if not seconds[1:] or total <= 0:
        return 0.0
    equal = 1 / len(seconds)
    distance = sum(abs(part / total - equal) for part in seconds)
    return 1 - distance / (2 * (1 - equal))


def _share_talk(units: Sequence[Unit]) -> list[SpeakerShare]:
    """Every speaker, the most talkative first."""
    seconds = _sum_talk(units)
    total = sum(seconds.values()) or 1.0
    words: Counter[str] = Counter()
    turns: dict[str, set[int]] = {}
    for unit in units:
        if unit.speaker:
            words[unit.speaker] += len(unit.words)
            turns.setdefault(unit.speaker, set()).add(unit.turn)
    return [
        SpeakerShare(
            speaker=speaker,
            seconds=round(talked, 2),
            share=round(talked / total, 3),
            turns=len(turns[speaker]),
            words=words[speaker],
        )
        for speaker, talked in seconds.most_common()
    ]


def _find_monologue(units: Sequence[Unit]) -> float:
    starts: dict[int, float] = {}
    longest = 0.0
    for unit in units:
        if unit.speaker:
            longest = max(longest, unit.end - starts.setdefault(unit.turn, unit.start))
    return round(longest, 2)


def _count_interruptions(transcript: Transcript) -> int | Unmeasurable:
    """Times somebody started while another was speaking; engines that never overlap cannot tell."""
    segments = [segment for segment in transcript.segments if segment.speaker]
    count = sum(
        later.start < earlier.end and later.speaker != earlier.speaker
        for earlier, later in pairwise(segments)
    )
    if count:
        return count
    return Unmeasurable(measurable=False, reason="The transcript has no overlapping speech.")
