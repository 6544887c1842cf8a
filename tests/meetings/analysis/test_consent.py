"""What a group settles without the word "decide"."""

import pytest

from meetings.analysis.actions import find_actions
from tests.meetings.analysis.meetings import write_meeting


def find_decisions(lines: str) -> list[str]:
    return [found["text"] for found in find_actions(write_meeting(lines))["decisions"]]


@pytest.mark.parametrize(
    ("lines", "decision"),
    [
        (
            "Ann: We close the north door from tomorrow. Any objections? No. Then it is decided.",
            "We close the north door from tomorrow.",
        ),
        (
            "Ann: I suggest the music room. Agreed? Good, then the books move to the music room.",
            "The books move to the music room.",
        ),
        (
            "Ann: We move the launch to the second of May. Is everybody okay with that?\nBob: Yes.",
            "We move the launch to the second of May.",
        ),
        (
            "Ann: I move that we build the larger hall. All in favour? The motion is carried.",
            "We build the larger hall.",
        ),
        (
            "Bob: For the prizes I'd propose two hundred euros.\nAnn: Everyone agreed? Good.",
            "Two hundred euros for the prizes.",
        ),
        ("Ann: The committee has decided to repair the roof.", "Repair the roof."),
        ("Ann: Then that's a decision, only direct messages ring.", "Only direct messages ring."),
        ("Ann: Okay, then let's replace the electrician.", "Replace the electrician."),
    ],
)
def test_assent_settles_what_stands_beside_it(lines: str, decision: str) -> None:
    assert find_decisions(lines) == [decision]


@pytest.mark.parametrize(
    "lines",
    [
        "Ann: We move the launch to the second of May. Is everybody okay with that?\nBob: No.",
        "Ann: Any objections?\nBob: No.",
        "Ann: I had a long talk about money with him. It was good.",
        "Ann: So let's move on to the next topic.",
    ],
)
def test_talk_without_assent_settles_nothing(lines: str) -> None:
    assert find_decisions(lines) == []


def test_decision_of_stop_words_does_not_swallow_the_others() -> None:
    lines = "Ann: We have decided that we open until eight.\nAnn: We agree to borrow the cases."
    assert find_decisions(lines) == ["We open until eight.", "Borrow the cases."]
