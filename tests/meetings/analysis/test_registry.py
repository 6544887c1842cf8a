"""Every analysis stands any transcript: complete, serialisable, with true evidence, in time."""

import json
from collections.abc import Iterator
from itertools import cycle, islice
from time import process_time
from typing import Any

import pytest

from meetings.analysis.registry import ANALYSES
from tests.meetings.analysis.meetings import TEAM_MEETING, write_meeting
from tests.timing import check_seconds
from transcription.types import Segment, Transcript

FULL = write_meeting(TEAM_MEETING)
HOSTILE = {
    "silent": Transcript((), 0.0),
    "one word": Transcript((Segment(0, 1, "hello"),), 1.0),
    "blank": Transcript((Segment(0, 1, " "), Segment(1, 2, "\x00\x07 ... ?!")), 2.0),
    "control characters": Transcript((Segment(0, 5, "a\x1b[2J\u202e\ud800 <b>hi</b> " * 99),), 5.0),
    "no times": Transcript((Segment(float("nan"), float("inf"), "I will go."),), float("nan")),
    "backwards": Transcript((Segment(9, 3, "I will send it."), Segment(1, 2, "Okay.")), 1.0),
    "german": Transcript((Segment(0, 5, "Heute geht es um das neue Budget."),), 5.0, language="de"),
    "chinese": Transcript((Segment(0, 5, "今天我们讨论预算。你怎么看\uff1f"),), 5.0, language="zh"),
    "repeated": Transcript((Segment(0, 9_999, "budget " * 50_000),), 9_999.0),
    "requests": Transcript((Segment(0, 9_999, "and i will send please " * 2_000),), 9_999.0),
    "long word": Transcript((Segment(0, 10, "a" * 60_000),), 10.0),
    "marks": Transcript((Segment(0, 10, "., ?" * 4_000),), 10.0),
}


def walk(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from walk(part)
    elif isinstance(value, list):
        for part in value:
            yield from walk(part)


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("stage", ANALYSES)
def test_any_transcript_gives_every_field(stage: str, kind: str) -> None:
    result = ANALYSES[stage](HOSTILE[kind])
    assert result.keys() == ANALYSES[stage](FULL).keys()
    assert json.dumps(result, allow_nan=False)


@pytest.mark.parametrize("stage", ANALYSES)
def test_evidence_points_into_the_transcript(stage: str) -> None:
    for found in walk(ANALYSES[stage](FULL)):
        for evidence in found.get("evidence", []):
            segment = FULL.segments[evidence["segment"]]
            assert (
                segment.start - 0.01 <= evidence["start"] <= evidence["end"] <= segment.end + 0.01
            )


@pytest.mark.parametrize("stage", ANALYSES)
def test_same_transcript_gives_the_same_result(stage: str) -> None:
    assert ANALYSES[stage](FULL) == ANALYSES[stage](FULL)


def test_meeting_of_nine_thousand_words_takes_less_than_ten_seconds() -> None:
    lines = "\n".join(
        f"{line} Item{number} of plan{number % 97} stays."
        for number, line in enumerate(islice(cycle(TEAM_MEETING.splitlines()), 540))
    )
    meeting = write_meeting(lines)
    assert len(meeting.text.split()) > 9_000
    started = process_time()
    for analyse in ANALYSES.values():
        analyse(meeting)
    check_seconds(process_time() - started, 10)
