"""The agent service's answers in our shapes, with evidence that we look up."""

from typing import Any

import pytest

from meetings.analysis.registry import ANALYSES
from meetings.backends.order import analyse
from tests.meetings.backends.servers import Server
from transcription.types import Transcript


def answer(task: str, found: Any) -> dict[str, Any]:
    return {"success": True, "results": {task: found}, "errors": {}}


def test_request_has_the_text_and_one_task(agent_service: Server, meeting: Transcript) -> None:
    agent_service.send(answer("summarize", "They planned the release."))
    analyse("summary", meeting)
    assert agent_service.paths == ["/api/agents/analyze-text"]
    (request,) = agent_service.requests
    assert request["tasks"] == ["summarize"]
    assert request["text"].startswith("Maria: Okay, hi everyone")


@pytest.mark.parametrize(
    "found", ["They planned the release.", {"summary": "They planned the release."}]
)
def test_summary_is_taken_as_text_or_object(
    found: Any, agent_service: Server, meeting: Transcript
) -> None:
    agent_service.send(answer("summarize", found))
    result = analyse("summary", meeting)
    assert result["summary"] == "They planned the release."
    assert result.keys() == {*ANALYSES["summary"](meeting), "engine", "dropped"}


def test_key_point_found_nowhere_is_dropped(agent_service: Server, meeting: Transcript) -> None:
    points = ["Customers are getting frustrated.", "The moon landing was postponed."]
    agent_service.send(answer("summarize", {"summary": "A release.", "key_points": points}))
    result = analyse("summary", meeting)
    assert [point["text"] for point in result["key_points"]] == points[:1]
    assert result["key_points"][0]["evidence"][0]["segment"] == 12
    assert result["dropped"] == 1


def test_keywords_are_found_where_they_were_said(
    agent_service: Server, meeting: Transcript
) -> None:
    agent_service.send(answer("extract_keywords", ["Backlog", {"keyword": "bitcoin"}]))
    result = analyse("keywords", meeting)
    (keyword,) = result["keywords"]
    assert (keyword["text"], result["dropped"], result["engine"]) == ("Backlog", 1, "agent")
    assert [e["segment"] for e in keyword["evidence"]] == [1, 11]


@pytest.mark.parametrize(
    "body",
    [
        {"success": False, "results": {}, "errors": {"summarize": "no model"}},
        {"success": True, "results": {}},
        {"success": True, "results": {"summarize": {"summary": 7}}},
        ["unexpected"],
    ],
)
def test_answer_without_a_summary_leaves_it_to_the_next(
    body: Any, agent_service: Server, meeting: Transcript
) -> None:
    agent_service.send(body)
    assert analyse("summary", meeting)["engine"] == "local"


def test_stages_it_has_no_task_for_are_not_sent(agent_service: Server, meeting: Transcript) -> None:
    agent_service.send(answer("summarize", "x"))
    assert analyse("agenda", meeting)["engine"] == "local"
    assert agent_service.requests == []
