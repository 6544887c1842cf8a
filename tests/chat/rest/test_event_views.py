"""The event log over REST."""

import pytest
from django.test import Client

from chat import events
from chat.models import Event
from chat.services import open_conversation

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _room() -> None:
    open_conversation("session-1")
    for _ in range(5):
        with events.record("session-1") as log:
            log.append("meeting", state="started")


def read(client: Client, query: str = "", *, kind: str = "sessions") -> dict[str, object]:
    answer = client.get(f"/api/{kind}/session-1/events{query}")
    assert answer.status_code == 200
    body: dict[str, object] = answer.json()
    body["seqs"] = [frame["seq"] for frame in body.pop("events")]  # type: ignore[attr-defined]
    return body


def test_everything_after_an_event_comes_in_order(client: Client) -> None:
    assert read(client, "?after_seq=2") == {
        "session_id": "session-1",
        "seqs": [3, 4, 5],
        "last_seq": 5,
        "has_more": False,
        "gap": False,
    }


def test_pages_follow_each_other(client: Client) -> None:
    first = read(client, "?limit=2", kind="meetings")
    assert (first["seqs"], first["has_more"]) == ([1, 2], True)
    assert read(client, "?after_seq=4&limit=2")["has_more"] is False


def test_whoever_has_everything_gets_nothing(client: Client) -> None:
    answer = read(client, "?after_seq=5")
    assert (answer["seqs"], answer["gap"]) == ([], False)


def test_events_that_are_no_longer_kept_are_a_gap(client: Client) -> None:
    Event.objects.filter(seq__lte=3).delete()
    answer = read(client, "?after_seq=1")
    assert (answer["seqs"], answer["gap"]) == ([4, 5], True)
    assert read(client, "?after_seq=3")["gap"] is False


def test_a_future_that_never_was_is_a_gap(client: Client) -> None:
    assert read(client, "?after_seq=99")["gap"] is True


@pytest.mark.parametrize("query", ["?after_seq=x", "?after_seq=-1", "?limit=0", "?limit=1001"])
def test_bad_queries_are_refused(client: Client, query: str) -> None:
    assert client.get(f"/api/sessions/session-1/events{query}").status_code == 422


def test_unknown_room_is_not_found(client: Client) -> None:
    assert client.get("/api/sessions/session-2/events").status_code == 404
