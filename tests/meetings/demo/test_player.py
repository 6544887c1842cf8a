"""How a recording is cut, and what counts as a fault."""

from typing import Any

import numpy as np
import pytest

from meetings.demo.player import PROMISED, Outcome, cut_chunks, describe_status, find_faults
from transcription.audio import Audio


def make_outcome(**changes: Any) -> Outcome:
    fields: dict[str, Any] = {
        "session_id": "session-1",
        "chunks_sent": 2,
        "live_text": "hello",
        "transcript": {"transcript": "hello", "chunks_processed": 2, "total_chunks": 2},
        "metadata": {**dict.fromkeys(PROMISED), "failed_stages": []},
        "seconds_after_stop": 1.0,
    }
    return Outcome(**{**fields, **changes})


def test_chunks_are_those_of_the_recorder() -> None:
    audio = Audio(np.arange(163_840 * 2 + 5, dtype=np.int64).astype(np.int16))
    parts = [part.samples for part in cut_chunks(audio)]
    assert [len(part) for part in parts] == [163_840, 163_840, 5]
    assert np.array_equal(np.concatenate(parts), audio.samples)


def test_whole_number_of_chunks_has_no_empty_one_behind() -> None:
    assert len(list(cut_chunks(Audio(np.zeros(163_840, np.int16))))) == 1


def test_good_meeting_has_no_faults() -> None:
    assert find_faults(make_outcome()) == []


def test_silence_needs_no_live_text() -> None:
    silence = {"transcript": "", "chunks_processed": 2}
    assert find_faults(make_outcome(live_text="", transcript=silence)) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"live_text": ""}, "Speech was recognised, but none of it came over the WebSocket."),
        ({"chunks_sent": 3}, "Only 2 of 3 chunks were transcribed."),
        (
            {"metadata": {**dict.fromkeys(PROMISED), "failed_stages": ["mood", "agenda"]}},
            "Stages that failed: mood, agenda.",
        ),
        ({"metadata": dict.fromkeys(PROMISED[2:])}, "The metadata lacks summary, key_points."),
    ],
)
def test_fault_is_one_sentence(changes: dict[str, Any], fault: str) -> None:
    assert find_faults(make_outcome(**changes)) == [fault]


def test_status_tells_how_far_it_is() -> None:
    status = {"chunks_processed": 1, "total_chunks": 2, "processing_state": {"stage": "mood"}}
    assert describe_status(status) == "Processing: 1 of 2 chunks transcribed, stage mood"
