from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from meetings import services, speakers
from meetings.editing.renaming import rename_speakers
from meetings.metadata import read_metadata
from meetings.models import Meeting, StageResult
from meetings.segments import write_segments
from tests.meetings.editing.conftest import build_rows

pytestmark = pytest.mark.django_db(transaction=True)
TALK = [
    {"speaker": "Speaker 2", "seconds": 6.0, "share": 0.5, "turns": 1, "words": 8},
    {"speaker": "Speaker 1", "seconds": 6.0, "share": 0.5, "turns": 2, "words": 8},
]


def analyse(meeting: Meeting, *names: str) -> None:
    """As if the analyses had run now and been over a second later, with these two names."""
    talk = [{**one, "speaker": name} for one, name in zip(TALK, names, strict=True)]
    owner: dict[str, Any] = {"task": "call Robert", "owner": names[1], "due": None}
    done = {"status": "completed", "duration_seconds": 1.0, "generation": meeting.generation}
    done["finished_at"] = timezone.now() + timedelta(seconds=1)
    for name, result in (("metrics", {"talk_time": talk}), ("actions", {"action_items": [owner]})):
        StageResult.objects.update_or_create(
            meeting=meeting, name=name, defaults={**done, "result": result}
        )


def read_talk(meeting: Meeting) -> dict[str, float]:
    found = read_metadata(services.get_meeting(meeting.pk))
    return {one["speaker"]: one["seconds"] for one in found["metrics"]["talk_time"]}


@pytest.fixture
def analysed(meeting: Meeting) -> Meeting:
    """Its segments were written, and analysed while nobody had a name."""
    write_segments(meeting, build_rows(meeting), [], [])
    analyse(meeting, "Speaker 2", "Speaker 1")
    return meeting


def test_names_given_since_are_shown(analysed: Meeting) -> None:
    speakers.rename_speaker(analysed, "Speaker 1", "Ana")
    assert read_talk(analysed) == {"Speaker 2": 6.0, "Ana": 6.0}
    assert read_metadata(analysed)["action_items"] == ["Ana: call Robert"]


def test_names_that_two_voices_swapped_are_not_confused(analysed: Meeting) -> None:
    speakers.rename_speaker(analysed, "Speaker 1", "Ana")
    speakers.rename_speaker(analysed, "Speaker 2", "Bob")
    analyse(analysed, "Bob", "Ana")
    assert read_metadata(analysed)["action_items"] == ["Ana: call Robert"]
    for label, name in (("Speaker 1", ""), ("Speaker 2", "Ana"), ("Speaker 1", "Bob")):
        speakers.rename_speaker(analysed, label, name)
    assert read_metadata(analysed)["action_items"] == ["Bob: call Robert"]


def test_talk_of_merged_voices_is_added_up(analysed: Meeting) -> None:
    speakers.merge_speakers(analysed, "Speaker 2", "Speaker 1")
    assert read_talk(analysed) == {"Speaker 1": 12.0}


def test_single_segment_given_away_renames_nobody(analysed: Meeting) -> None:
    speakers.assign_segments(analysed, ["t000010000"], "Dora")
    assert read_talk(analysed) == {"Speaker 2": 6.0, "Speaker 1": 6.0}


def test_anonymised_speakers_have_no_names_in_results(analysed: Meeting) -> None:
    speakers.rename_speaker(analysed, "Speaker 1", "Ana")
    analyse(analysed, "Speaker 2", "Ana")
    speakers.anonymise_speakers(analysed)
    assert read_talk(analysed) == {"Speaker 2": 6.0, "Speaker 1": 6.0}


def test_other_texts_and_numbers_stay_as_they_are() -> None:
    result = {"text": "Ana", "owner": None, "speakers": [{"speaker": "Ana", "score": 0.1}]}
    assert rename_speakers(result, {"Ana": "Bo"}) == {
        "text": "Ana",
        "owner": None,
        "speakers": [{"speaker": "Bo", "score": 0.1}],
    }
