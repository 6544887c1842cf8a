import pytest

from meetings.analysis.keywords import find_keywords
from tests.meetings.analysis.meetings import TEAM_MEETING, load_sample, write_meeting


@pytest.mark.parametrize("is_bare", [False, True])
def test_fifteen_keywords_hold_seven_of_the_reference(is_bare: bool) -> None:
    transcript, reference = load_sample(is_bare=is_bare)
    keywords = find_keywords(transcript)["keywords"]
    found = {k["text"].lower() for k in keywords if k["type"] != "entity"}
    assert len(found) <= 15
    assert len(found.intersection(reference["keywords"])) >= 7


def test_scores_fall_from_one_to_zero() -> None:
    scores = [k["relevance_score"] for k in find_keywords(write_meeting(TEAM_MEETING))["keywords"]]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == 1.0
    assert scores[-1] > 0


def test_people_are_entities_and_not_keywords() -> None:
    keywords = find_keywords(write_meeting(TEAM_MEETING))["keywords"]
    kinds = {keyword["text"]: keyword["type"] for keyword in keywords}
    assert kinds["Daniel"] == kinds["Priya"] == "entity"
    assert kinds["mobile app release"] == "keyphrase"
    assert "morning" not in kinds


def test_context_is_a_sentence_that_says_the_keyword() -> None:
    for keyword in find_keywords(write_meeting(TEAM_MEETING))["keywords"]:
        assert keyword["text"].lower() in keyword["context"].lower()
        assert keyword["evidence"]


def test_domain_needs_more_than_a_chance_word() -> None:
    assert find_keywords(write_meeting(TEAM_MEETING))["domain"] == "technology"
    assert find_keywords(write_meeting("Ann: The cat ate my budget."))["domain"] == "general"
