import pytest

from meetings.analysis.summary import NOTHING_SAID, summarize
from tests.meetings.analysis.meetings import TEAM_MEETING, load_sample, write_meeting
from transcription.types import Transcript


def test_summary_names_topics_decisions_and_who_works() -> None:
    summary = summarize(write_meeting(TEAM_MEETING))["summary"]
    assert summary.startswith("The meeting covered three topics: mobile app release, customer")
    assert "The team decided to hire a temporary support agent." in summary
    assert "Daniel will submit the app to Apple on Monday." in summary
    assert summary.endswith("action items were noted for Daniel, Priya and Maria.")


@pytest.mark.parametrize("is_bare", [False, True])
def test_greetings_fillers_and_questions_stay_out(is_bare: bool) -> None:
    result = summarize(write_meeting(TEAM_MEETING, is_bare=is_bare))
    told = " ".join([result["summary"], *(point["text"] for point in result["key_points"])]).lower()
    assert not any(word in told for word in ("hear me", " um", "weekend.", "?", "good morning"))


@pytest.mark.parametrize("is_bare", [False, True])
def test_key_points_are_sentences_with_evidence(is_bare: bool) -> None:
    transcript, _ = load_sample(is_bare=is_bare)
    points = summarize(transcript)["key_points"]
    assert len(points) >= 4
    for point in points:
        assert point["text"][0].isupper()
        assert point["text"].endswith(".")
        assert point["evidence"]


@pytest.mark.parametrize("is_bare", [False, True])
def test_sample_summary_has_every_decision(is_bare: bool) -> None:
    transcript, reference = load_sample(is_bare=is_bare)
    summary = summarize(transcript)["summary"].lower()
    assert all(decision["text"].lower() in summary for decision in reference["decisions"])


def test_summary_keeps_to_its_length() -> None:
    result = summarize(write_meeting(TEAM_MEETING), max_sentences=1)
    assert result["summary"].count(". ") <= 3


def test_silent_meeting_says_so() -> None:
    result = summarize(Transcript((), 60.0))
    assert result["summary"] == NOTHING_SAID
    assert result["key_points"] == []
    assert result["main_topics"] == []
