import pytest

from meetings.analysis.mood import read_mood, score_polarity
from tests.meetings.analysis.meetings import TEAM_MEETING, load_sample, write_meeting


@pytest.mark.parametrize("is_bare", [False, True])
def test_sample_passages_have_the_right_sign(is_bare: bool) -> None:
    transcript, reference = load_sample(is_bare=is_bare)
    curve = read_mood(transcript)["curve"]
    for passage in reference["moods"]:
        scores = [
            reading["score"]
            for reading in curve
            if reading["end"] > passage["start"] and reading["start"] < passage["end"]
        ]
        mean = sum(scores) / len(scores)
        assert mean > 0.05 if passage["mood"] == "positive" else mean < -0.05


@pytest.mark.parametrize(
    ("lines", "mood"),
    [
        (
            "Ann: This is wonderful.\nBob: I love it.\nAnn: The launch was a great success.",
            "positive",
        ),
        ("Ann: This is terrible.\nBob: I am angry.\nAnn: We lost the customer.", "negative"),
        ("Ann: The room is on the second floor.\nBob: It has a door.", "neutral"),
        ("Ann: I love the design.\nBob: The delay is terrible.\nAnn: The floor is grey.", "mixed"),
    ],
)
def test_overall_mood_is_named(lines: str, mood: str) -> None:
    assert read_mood(write_meeting(lines))["overall_mood"] == mood


def test_politeness_is_not_a_feeling() -> None:
    assert score_polarity("Please share the number with the support team, okay?") == 0


def test_solved_trouble_is_good_news() -> None:
    assert score_polarity("The crash is fixed now.") > 0
    assert score_polarity("The crash is not fixed.") < 0


def test_strongest_readings_are_quoted_with_their_place() -> None:
    mood = read_mood(write_meeting(TEAM_MEETING))
    assert mood["most_negative"][0]["text"].endswith("which was a disaster.")
    assert mood["most_negative"][0]["evidence"]


def test_each_speaker_has_a_curve() -> None:
    speakers = read_mood(write_meeting(TEAM_MEETING))["speakers"]
    assert [speaker["speaker"] for speaker in speakers] == ["Maria", "Daniel", "Priya"]
    assert all(speaker["curve"] for speaker in speakers)
