from typing import Any

import pytest
from django.test import Client

from chat.models import Membership
from intellibooks.models import AuditEntry
from meetings import pipeline, services
from meetings.models import Meeting
from meetings.reprocessing.dependencies import NAMES
from meetings.reprocessing.service import reprocess_meeting

pytestmark = pytest.mark.django_db(transaction=True)

JSON = "application/json"


@pytest.fixture
def address(processed: Meeting) -> str:
    return f"/api/meetings/{processed.pk}"


@pytest.fixture
def revised(processed: Meeting) -> Meeting:
    """Its mood was read three times, its summary twice."""
    for stages in (["mood"], ["mood", "summary"]):
        reprocess_meeting(processed, stages=stages)
        assert pipeline.process_meeting(processed.pk)
    return processed


def test_api_reprocess_answers_the_status(client: Client, address: str) -> None:
    answer = client.post(f"{address}/reprocess", {"stages": ["mood"]}, content_type=JSON)
    assert answer.status_code == 200
    state: dict[str, Any] = answer.json()["processing_state"]
    waiting = [row["name"] for row in state["stages"] if row["status"] == "pending"]
    assert (answer.json()["status"], state["stage"], waiting) == ("processing", "mood", ["mood"])
    assert client.get(f"{address}/metadata").json()["processing"] is True
    assert AuditEntry.objects.get(action="reprocessed").target in address


def test_api_reprocess_without_a_body_asks_for_all(client: Client, address: str) -> None:
    state = client.post(f"{address}/reprocess").json()["processing_state"]
    done = [row["name"] for row in state["stages"] if row["status"] == "completed"]
    assert done == ["gather", "recording"]


def test_api_reprocess_names_the_stages_that_exist(client: Client, address: str) -> None:
    answer = client.post(f"{address}/reprocess", {"stages": ["moood"]}, content_type=JSON)
    problem = f"'moood' is none of {', '.join(NAMES)}."
    assert (answer.status_code, answer.json()) == (
        422,
        {
            "detail": "Invalid request",
            "error": f"stages: {problem}",
            "code": "invalid",
            "errors": [{"field": "stages", "detail": problem, "code": "invalid"}],
        },
    )


def test_api_reprocess_of_a_running_meeting_is_a_conflict(client: Client) -> None:
    meeting = services.start_meeting()
    answer = client.post(f"/api/meetings/{meeting.pk}/reprocess")
    assert (answer.status_code, answer.json()) == (
        409,
        {
            "detail": "Meeting cannot be reprocessed now",
            "error": "The meeting is being recorded: stop it first.",
            "code": "conflict",
        },
    )


@pytest.mark.parametrize("path", ["reprocess", "revisions/1/restore"])
def test_api_reprocess_is_hidden_from_strangers(
    client: Client, address: str, processed: Meeting, path: str
) -> None:
    Membership.objects.create(conversation=processed.conversation, user_id="alice", role="owner")
    assert client.post(f"{address}/{path}").status_code == 404


def test_api_revisions_are_listed_in_pages(client: Client, address: str, revised: Meeting) -> None:
    answer = client.get(f"{address}/revisions?stage=mood&limit=1").json()
    (row,) = answer["results"]
    assert (answer["total"], answer["next"]) == (2, 1)
    assert set(row) == {"id", "stage", "engine", "generation", "finished_at", "replaced_at"}
    assert (row["stage"], row["engine"], row["generation"]) == ("mood", "local", 1)
    rest = client.get(f"{address}/revisions?stage=mood&offset=1").json()
    assert (rest["next"], rest["results"][0]["id"] < row["id"]) == (None, True)
    assert client.get(f"{address}/revisions").json()["total"] == 3


def test_api_revisions_refuse_a_stage_that_is_none(client: Client, address: str) -> None:
    assert client.get(f"{address}/revisions?stage=gather").status_code == 422


def test_api_revision_has_its_result(client: Client, address: str, revised: Meeting) -> None:
    kept = revised.stage_revisions.filter(name="mood").latest("pk")
    answer = client.get(f"{address}/revisions/{kept.pk}").json()
    assert (answer["id"], answer["stage"], answer["result"]) == (kept.pk, "mood", kept.result)


def test_api_revision_that_is_unknown_is_404(client: Client, address: str) -> None:
    answer = client.get(f"{address}/revisions/99")
    assert (answer.status_code, answer.json()["detail"]) == (404, "Revision not found")


def test_api_restore_brings_the_earlier_result_back(
    client: Client, address: str, revised: Meeting
) -> None:
    kept = revised.stage_revisions.filter(name="mood").latest("pk")
    revised.stages.filter(name="mood").update(result={"overall_mood": "gloomy"})
    answer = client.post(f"{address}/revisions/{kept.pk}/restore")
    assert (answer.status_code, answer.json()["status"]) == (200, "completed")
    assert revised.stages.get(name="mood").result == kept.result
    assert client.get(f"{address}/metadata").json()["mood"]["overall_mood"] != "gloomy"
