import pytest

from meetings.analysis.actions import ActionItem, find_actions
from tests.meetings.analysis.meetings import TEAM_MEETING, load_sample, write_meeting


def find_items(lines: str, *, is_bare: bool = False) -> list[ActionItem]:
    return find_actions(write_meeting(lines, is_bare=is_bare))["action_items"]


@pytest.mark.parametrize(
    ("line", "task", "owner", "due"),
    [
        ("Ann: I'll send the report by Monday.", "Send the report", "Ann", "by Monday"),
        ("Ann: Bob, please call the vendor.", "Call the vendor", "Bob", None),
        ("Ann: Can you book a room, Bob?", "Book a room", "Bob", None),
        ("Ann: Bob will fix the login page next week.", "Fix the login page", "Bob", "next week"),
        ("Ann: Bob needs to renew the lease.", "Renew the lease", "Bob", None),
        ("Ann: We need to order chairs by Friday.", "Order chairs", None, "by Friday"),
    ],
)
def test_task_is_found_with_owner_and_due(
    line: str, task: str, owner: str | None, due: str | None
) -> None:
    (item,) = find_items(line)
    assert (item["task"], item["owner"], item["due"]) == (task, owner, due)


@pytest.mark.parametrize(
    "line",
    [
        "Ann: I am worried it will break the release.",
        "Ann: The question is whether we should hire a designer.",
        "Ann: Let's get started.",
        "Ann: I will be honest with you.",
        "Ann: Can you hear me?",
        "Ann: If I will send the letter they may answer.",
        "Ann: Four new people will join the sales team in April.",
        "Ann: Should we call the vendor by Friday?",
    ],
)
def test_talk_that_promises_nothing_is_no_task(line: str) -> None:
    assert find_items(line) == []


def test_two_promises_in_one_sentence_are_two_items() -> None:
    items = find_items("Ann: I'll write the letter and Robert will check the numbers by Friday.")
    assert [(item["owner"], item["task"]) for item in items] == [
        ("Ann", "Write the letter"),
        ("Robert", "Check the numbers"),
    ]


def test_refused_request_is_no_task() -> None:
    assert find_items("Ann: Can you call the vendor?\nRobert: Sorry, I can't.") == []


def test_open_request_belongs_to_who_takes_it() -> None:
    (item,) = find_items("Ann: Who can update the manual?\nRobert: I can do it.")
    assert (item["task"], item["owner"]) == ("Update the manual", "Robert")


def test_task_repeated_at_the_end_is_told_once_with_all_its_evidence() -> None:
    (item,) = find_items(
        "Ann: I'll send the report.\nBob: Good.\nAnn: I will send the report today."
    )
    assert item["due"] == "today"
    assert [evidence["segment"] for evidence in item["evidence"]] == [0, 2]


def test_bare_text_gives_the_same_tasks() -> None:
    spoken, bare = find_items(TEAM_MEETING), find_items(TEAM_MEETING, is_bare=True)
    assert len(spoken) == 6
    assert [item["task"].lower().replace(" me ", " priya ") for item in bare] == [
        item["task"].lower() for item in spoken
    ]


def test_decisions_are_told_without_their_opening() -> None:
    decisions = find_actions(write_meeting(TEAM_MEETING))["decisions"]
    assert [decision["text"] for decision in decisions] == [
        "We ship the mobile app without the payment feature.",
        "Hire a temporary support agent.",
        "Automate the renewal with the new provider.",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Ann: We have not decided to move yet.",
        "Ann: Before we decide to move we need numbers.",
        "Ann: Have we decided to move the office?",
        "Ann: I agree, this is a bad problem.",
    ],
)
def test_undecided_talk_is_no_decision(line: str) -> None:
    assert find_actions(write_meeting(line))["decisions"] == []


def test_question_is_answered_by_the_next_speaker() -> None:
    lines = "Ann: What does it cost? I forgot.\nBob: About ten euros. Not much."
    (question,) = find_actions(write_meeting(lines))["questions"]
    assert question["answer"] == "About ten euros. Not much."
    assert question["answered_by"] == "Bob"


@pytest.mark.parametrize("is_bare", [False, True])
def test_sample_has_every_task_and_hardly_another(is_bare: bool) -> None:
    transcript, reference = load_sample(is_bare=is_bare)
    items = find_actions(transcript)["action_items"]
    wanted = {task["task"].lower() for task in reference["action_items"]}
    found = [item["task"].lower() for item in items]
    assert wanted <= set(found)
    assert len(wanted) >= 0.8 * len(found)


def test_sample_tasks_have_their_owners_and_dates() -> None:
    transcript, reference = load_sample()
    found = {item["task"].lower(): item for item in find_actions(transcript)["action_items"]}
    for task in reference["action_items"]:
        item = found[task["task"].lower()]
        assert item["owner"] == task["owner"]
        assert task["due"] in (item["due"] or "")


@pytest.mark.parametrize("is_bare", [False, True])
def test_sample_decisions_are_exactly_those_of_the_reference(is_bare: bool) -> None:
    transcript, reference = load_sample(is_bare=is_bare)
    found = [decision["text"] for decision in find_actions(transcript)["decisions"]]
    assert found == [decision["text"] for decision in reference["decisions"]]


@pytest.mark.parametrize("is_bare", [False, True])
def test_sample_questions_are_all_found(is_bare: bool) -> None:
    transcript, reference = load_sample(is_bare=is_bare)
    found = {question["text"] for question in find_actions(transcript)["questions"]}
    assert {question["text"] for question in reference["questions"]} <= found
