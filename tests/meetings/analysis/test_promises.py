"""Ways in which people take on work without "I will"."""

import pytest

from meetings.analysis.actions import ActionItem, find_actions
from meetings.analysis.keywords import find_keywords
from meetings.analysis.mood import score_polarity
from tests.meetings.analysis.meetings import write_meeting


def find_items(lines: str) -> list[ActionItem]:
    return find_actions(write_meeting(lines))["action_items"]


@pytest.mark.parametrize(
    ("lines", "task", "owner", "due"),
    [
        ("Ann: I have to print the new price list.", "Print the new price list", "Ann", None),
        ("Ann: I need to tell the bank about it.", "Tell the bank about it", "Ann", None),
        ("Ann: I can write the call for volunteers.", "Write the call for volunteers", "Ann", None),
        (
            "Ann: I'm gonna, um, set up the the alert, uh, this week.",
            "Set up the alert",
            "Ann",
            "this week",
        ),
        (
            "Ann: I'm collecting the slips until next Friday.",
            "Collect the slips",
            "Ann",
            "until next Friday",
        ),
        ("Ann: Bob, you'll have to cancel the contract.", "Cancel the contract", "Bob", None),
        (
            "Ann: Who can paint the fence?\nBob: I was there, I can take that.",
            "Paint the fence",
            "Bob",
            None,
        ),
        (
            "Ann: Somebody has to get a price for the tent.\nBob: Sure, I'll do it.",
            "Get a price for the tent",
            "Bob",
            None,
        ),
        (
            "Bob: I will need the offer for it.\nAnn: I'll forward it to you tonight.",
            "Forward the offer to you",
            "Ann",
            "tonight",
        ),
        ("Ann: I'll design the poster. In March.", "Design the poster", "Ann", "In March"),
    ],
)
def test_work_is_found(lines: str, task: str, owner: str, due: str | None) -> None:
    (item,) = find_items(lines)
    assert (item["task"], item["owner"], item["due"]) == (task, owner, due)


@pytest.mark.parametrize(
    "lines",
    [
        "Ann: I have to say that the room is cold.",
        "Ann: I will talk about the budget.",
        "Ann: Who can paint the fence?\nBob: It was green last year and nobody liked it.",
        "Ann: I can see the sea from here.",
        "Ann: I'm collecting stamps.",
        "Ann: How much money could you save there?",
    ],
)
def test_talk_is_no_work(lines: str) -> None:
    assert find_items(lines) == []


def test_answer_that_goes_on_about_the_task_adds_its_date() -> None:
    (item,) = find_items(
        "Ann: Bob, can you write the letter?\nBob: Yes, I'll send it out tomorrow."
    )
    assert (item["task"], item["due"]) == ("Write the letter", "tomorrow")


def test_people_come_after_what_was_talked_about() -> None:
    lines = "Ann: Bob, the roof leaks.\nBob: Ann, the roof is old.\nAnn: Bob, the beams are wet."
    found = [keyword["type"] for keyword in find_keywords(write_meeting(lines))["keywords"]]
    assert found == sorted(found, key=lambda kind: kind == "entity")


def test_to_be_honest_is_no_praise() -> None:
    assert score_polarity("I'm really annoyed with him, to be honest.") < 0
