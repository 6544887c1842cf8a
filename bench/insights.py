"""What the analyses find in meetings whose right answers are known, held against those answers."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

from bench.service import ROOT
from meetings.analysis.actions import find_actions
from meetings.analysis.agenda import find_agenda
from meetings.analysis.keywords import find_keywords
from meetings.analysis.mood import Reading, list_readings
from meetings.analysis.text import Evidence, stem
from meetings.analysis.words import FUNCTION_WORDS
from transcription.types import Segment, Transcript

SAMPLE_REFERENCE = ROOT / "meetings" / "sample" / "reference.json"
REFERENCES = ROOT / "tests" / "meetings" / "references"
HELD_OUT = REFERENCES / "held_out"

NEAR_SECONDS = 15.0
# Of the content words of the right answer; a recogniser garbles some that a reader would know.
SAME_SHARE, SAME_SHARE_HEARD = 0.5, 0.25
TOP_KEYWORDS = 15

Reference = Mapping[str, Any]
Claim = Mapping[str, Any]
Hits = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Score:
    """Right answers found and right answers there are; ``precise`` and ``settled`` are the right
    ones of all items and decisions that were found.
    """

    items: Hits
    owners: Hits
    dues: Hits
    precise: Hits
    decisions: Hits
    settled: Hits
    questions: Hits
    keywords: Hits
    boundaries: Hits
    moods: Hits


def read_references(folder: Path = REFERENCES) -> dict[str, Reference]:
    """By name; with those of the tests the sample that ships with the product."""
    own = {"sample": read_reference(SAMPLE_REFERENCE)} if folder == REFERENCES else {}
    return own | {path.stem: read_reference(path) for path in sorted(folder.glob("*.json"))}


def read_reference(path: Path) -> Reference:
    reference: Reference = json.loads(path.read_text())
    return reference


def write_transcript(reference: Reference) -> Transcript:
    """The meeting as a perfect engine and a perfect diarizer would hand it over."""
    segments = tuple(
        Segment(u["start"], u["end"], u["text"], speaker=u["speaker"])
        for u in reference["utterances"]
    )
    return Transcript(segments, reference["duration_seconds"], reference["language"])


def degrade(transcript: Transcript) -> Transcript:
    """Lower case, no marks, no speakers: what an offline engine writes."""
    segments = tuple(
        replace(segment, text=re.sub(r"[^\w' ]", "", segment.text.lower()), speaker=None)
        for segment in transcript.segments
    )
    return replace(transcript, segments=segments)


def score(transcript: Transcript, reference: Reference, *, is_heard: bool = False) -> Score:
    """``is_heard`` where an engine's own words stand in the transcript."""
    share = SAME_SHARE_HEARD if is_heard else SAME_SHARE
    actions = find_actions(transcript)
    items = pair_claims(reference["action_items"], actions["action_items"], "task", share)
    decisions = pair_claims(reference["decisions"], actions["decisions"], "text", share)
    questions = pair_claims(reference["questions"], actions["questions"], "text", share)
    wanted, found = reference["action_items"], actions["action_items"]
    owned = sum(wanted[w]["owner"] == found[f]["owner"] for w, f in items)
    return Score(
        items=(len(items), len(wanted)),
        owners=(owned, len(wanted)),
        dues=count_dues([(wanted[w], found[f]) for w, f in items], wanted),
        precise=(len(items), len(found)),
        decisions=(len(decisions), len(reference["decisions"])),
        settled=(len(decisions), len(actions["decisions"])),
        questions=(len(questions), len(reference["questions"])),
        keywords=count_keywords(transcript, reference),
        boundaries=count_boundaries(transcript, reference),
        moods=count_moods(transcript, reference),
    )


def count_dues(pairs: Sequence[tuple[Claim, Claim]], wanted: Sequence[Claim]) -> Hits:
    """Of the items with a date those that were found with it."""
    right = sum(
        bool(item["due"]) and measure_likeness(item["due"], found["due"] or "") >= SAME_SHARE
        for item, found in pairs
    )
    return right, sum(bool(item["due"]) for item in wanted)


def pair_claims(
    wanted: Sequence[Claim], found: Sequence[Claim], field: str, share: float
) -> list[tuple[int, int]]:
    """Indexes of right answers and of what was found, each used once, the most alike first.

    They are one where the words agree and the evidence lies near the second it was said.
    """
    alike = [
        (likeness, w, f)
        for w, right in enumerate(wanted)
        for f, claim in enumerate(found)
        if is_near(right["start"], claim["evidence"])
        and (likeness := measure_likeness(right[field], claim[field])) >= share
    ]
    return pair_best(alike)


def pair_best(alike: Iterable[tuple[float, int, int]]) -> list[tuple[int, int]]:
    taken: list[tuple[int, int]] = []
    for _, w, f in sorted(alike, key=lambda entry: (-entry[0], entry[1], entry[2])):
        if all(w != other and f != another for other, another in taken):
            taken.append((w, f))
    return sorted(taken)


def is_near(start: float, evidence: Sequence[Evidence]) -> bool:
    return any(
        entry["start"] - NEAR_SECONDS <= start <= entry["end"] + NEAR_SECONDS for entry in evidence
    )


def measure_likeness(right: str, found: str) -> float:
    """The share of the right answer's content words that were found."""
    terms = read_terms(right)
    return len(terms & read_terms(found)) / len(terms) if terms else 0.0


def read_terms(text: str) -> frozenset[str]:
    words = (word.removesuffix("'s") for word in re.findall(r"[\w']+", text.lower()))
    return frozenset(stem(word) for word in words if word not in FUNCTION_WORDS)


def count_keywords(transcript: Transcript, reference: Reference) -> Hits:
    """A keyword is found by one of the first fifteen that has all its words, or is part of it."""
    found = find_keywords(transcript)["keywords"][:TOP_KEYWORDS]
    wanted = reference["keywords"]
    alike = [
        (likeness, w, f)
        for w, keyword in enumerate(wanted)
        for f, candidate in enumerate(found)
        if (likeness := measure_nesting(keyword, candidate["text"])) > 0
    ]
    return len(pair_best(alike)), len(wanted)


def measure_nesting(right: str, found: str) -> float:
    """How much of each other two phrases are, 0..1; 0 where neither holds the other."""
    mine, theirs = read_terms(right), read_terms(found)
    if not mine or not theirs or not (mine <= theirs or theirs <= mine):
        return 0.0
    return len(mine & theirs) / len(mine | theirs)


def count_boundaries(transcript: Transcript, reference: Reference) -> Hits:
    topics = find_agenda(transcript)["agenda_items"]
    near = [
        (-distance, w, f)
        for w, right in enumerate(reference["topics"])
        for f, topic in enumerate(topics)
        if (distance := abs(topic["start"] - right["start"])) <= NEAR_SECONDS
    ]
    return len(pair_best(near)), len(reference["topics"])


def count_moods(transcript: Transcript, reference: Reference) -> Hits:
    """Marked passages whose mean reading, by seconds of overlap, has the right sign."""
    readings = list_readings(transcript)
    right = 0
    for passage in reference["moods"]:
        felt = sum(reading["score"] * overlap(reading, passage) for reading in readings)
        right += felt > 0 if passage["mood"] == "positive" else felt < 0
    return right, len(reference["moods"])


def overlap(reading: Reading, passage: Claim) -> float:
    """Seconds in both."""
    both = min(reading["end"], passage["end"]) - max(reading["start"], passage["start"])
    return float(max(0.0, both))


def write_long_meeting(references: Iterable[Reference], words: int) -> Transcript:
    """At least so many words: the meetings one after the other, again and again."""
    transcripts = [write_transcript(reference) for reference in references]
    segments: list[Segment] = []
    start, spoken = 0.0, 0
    for turn in count():
        transcript = transcripts[turn % len(transcripts)]
        # Each sentence is new: what was said before costs the analyses nothing.
        segments += [
            replace(
                segment,
                start=segment.start + start,
                end=segment.end + start,
                text=f"{segment.text} Item{turn} of list{place} stays.",
            )
            for place, segment in enumerate(transcript.segments)
        ]
        start += transcript.duration
        spoken += sum(len(segment.text.split()) for segment in transcript.segments)
        if spoken >= words:
            break
    return Transcript(tuple(segments), start)
