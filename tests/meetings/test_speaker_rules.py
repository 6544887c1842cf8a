import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.speaker_rules import BadName, Range, SpeakerRules, clean_name, covers, next_label


def test_label_without_a_name_shows_itself() -> None:
    rules = SpeakerRules(names={"Speaker 1": "Ana"})
    assert (rules.show("Speaker 1"), rules.show("Speaker 2")) == ("Ana", "Speaker 2")


def test_merges_lead_to_the_last_voice() -> None:
    rules = SpeakerRules(merges={"Speaker 3": "Speaker 2", "Speaker 2": "Speaker 1"})
    assert rules.find_voice("Speaker 3", 0, 10) == "Speaker 1"


def test_later_range_wins() -> None:
    rules = SpeakerRules(ranges=[Range(0, 1000, "Speaker 2"), Range(0, 500, "Speaker 3")])
    assert rules.find_voice("Speaker 1", 0, 400) == "Speaker 3"
    assert rules.find_voice("Speaker 1", 600, 900) == "Speaker 2"
    assert rules.find_voice("Speaker 1", 2000, 2500) == "Speaker 1"


def test_range_to_a_merged_voice_is_its_new_voice() -> None:
    rules = SpeakerRules(merges={"Speaker 2": "Speaker 1"}, ranges=[Range(0, 9, "Speaker 2")])
    assert rules.find_voice("Speaker 3", 0, 9) == "Speaker 1"


@pytest.mark.parametrize(
    ("start_ms", "end_ms", "is_covered"),
    [(0, 200, True), (0, 201, False), (50, 50, True), (101, 101, False), (99, 101, True)],
)
def test_range_covers_segments_by_half(start_ms: int, end_ms: int, is_covered: bool) -> None:
    assert covers(Range(0, 100, "x"), start_ms, end_ms) is is_covered


@pytest.mark.parametrize(
    "text", ["Ana", "Dr. Ana O'Neill-Søren", "علی‌رضا", "<b>&amp;", "李明", "👩‍💻"]
)
def test_names_of_all_scripts_are_kept(text: str) -> None:
    assert clean_name(text) == text


def test_space_is_made_even_and_letters_are_composed() -> None:
    assert clean_name("  Zoe\u0308   B ") == "Zoë B"


@pytest.mark.parametrize(
    "text",
    ["", "   ", "a\nb", "a\x00b", "\u202eanA", "a\u2028b", "\ufeff", "\u200d", "\ud800", "x" * 81],
)
def test_names_that_cannot_be_shown_are_refused(text: str) -> None:
    with pytest.raises(BadName):
        clean_name(text)


@pytest.mark.parametrize("text", ["Speaker 2", "speaker 12", "PERSON 1"])
def test_name_that_passes_for_another_voice_is_refused(text: str) -> None:
    with pytest.raises(BadName, match="Choose another name"):
        clean_name(text)


def test_added_voices_are_numbered() -> None:
    assert next_label([]) == "Person 1"
    assert next_label(["Person 1", "Speaker 1", "Person 3"]) == "Person 2"


@given(st.text(max_size=100))
def test_clean_name_stays_clean(text: str) -> None:
    try:
        name = clean_name(text)
    except BadName:
        return
    assert clean_name(name) == name
