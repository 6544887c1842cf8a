from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from chat.models import Conversation, Membership
from meetings.models import Meeting
from tests.intellibooks.auth.people import bearing, make_token
from tests.meetings.library.shelf import make_meeting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def meeting(settings: Settings) -> Meeting:
    """Alice's, with Bob as editor and Vera as viewer; Charlie is a stranger."""
    settings.AUTH_MODE = "required"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    made = make_meeting("Weekly", owner="alice")
    for user_id, role in (("bob", Membership.Role.EDITOR), ("vera", Membership.Role.VIEWER)):
        made.conversation.memberships.create(user_id=user_id, role=role)
    return made


def ask(name: str, method: str, path: str) -> Any:
    return bearing(make_token(name)).generic(method, path, "{}", "application/json")


def test_a_shared_meeting_can_be_read_by_whoever_has_the_link(
    client: Client, meeting: Meeting
) -> None:
    shared = ask("alice", "POST", f"/api/meetings/{meeting.pk}/share").json()
    token = Conversation.objects.get().share_token
    assert token is not None
    assert len(token) == 32
    assert shared == {
        "session_id": meeting.pk,
        "share_token": token,
        "share_url": f"/console/m/{meeting.pk}?share={token}",
    }
    answer = client.get(f"/api/meetings/{meeting.pk}", {"share": token})
    assert (answer.status_code, answer.json()["can"]) == (200, ["view"])


def test_a_link_opens_no_list_and_no_search(client: Client, meeting: Meeting) -> None:
    share = ask("alice", "POST", f"/api/meetings/{meeting.pk}/share").json()["share_token"]
    assert client.get("/api/meetings", {"share": share}).status_code == 401
    assert client.get("/api/search", {"q": "weekly", "share": share}).status_code == 401


def test_sharing_again_gives_the_same_link(meeting: Meeting) -> None:
    path = f"/api/meetings/{meeting.pk}/share"
    assert ask("alice", "POST", path).json() == ask("alice", "POST", path).json()


def test_a_withdrawn_link_leads_nowhere(client: Client, meeting: Meeting) -> None:
    path = f"/api/meetings/{meeting.pk}/share"
    token = ask("alice", "POST", path).json()["share_token"]
    withdrawn = ask("alice", "DELETE", path).json()
    assert withdrawn == {"session_id": meeting.pk, "share_token": None, "share_url": None}
    assert client.get(f"/api/meetings/{meeting.pk}", {"share": token}).status_code == 404
    assert ask("alice", "POST", path).json()["share_token"] != token


@pytest.mark.parametrize(
    ("method", "route", "statuses"),
    [
        ("GET", "", {"vera": 200, "bob": 200, "alice": 200}),
        ("GET", "/segments", {"vera": 200, "bob": 200, "alice": 200}),
        ("GET", "/timeline", {"vera": 200, "bob": 200, "alice": 200}),
        ("PATCH", "", {"vera": 403, "bob": 200, "alice": 200}),
        ("POST", "/share", {"vera": 403, "bob": 403, "alice": 200}),
        ("DELETE", "/share", {"vera": 403, "bob": 403, "alice": 200}),
        ("DELETE", "/audio", {"vera": 403, "bob": 403, "alice": 200}),
        ("DELETE", "", {"vera": 403, "bob": 403, "alice": 200}),
    ],
)
def test_each_may_what_the_role_allows(
    meeting: Meeting, method: str, route: str, statuses: dict[str, int]
) -> None:
    path = f"/api/meetings/{meeting.pk}{route}"
    answered = {name: ask(name, method, path).status_code for name in ("charlie", *statuses)}
    assert answered == {"charlie": 404, **statuses}


def test_a_stranger_learns_no_more_than_of_a_meeting_that_is_not_there(meeting: Meeting) -> None:
    absent = "11111111-0000-4000-8000-000000000000"
    told = [
        ask("charlie", "DELETE", f"/api/meetings/{pk}").content.decode().replace(pk, "")
        for pk in (meeting.pk, absent)
    ]
    assert told[0] == told[1]


@pytest.mark.parametrize(("name", "count"), [("charlie", 0), ("vera", 1), ("alice", 1)])
def test_the_list_shows_what_one_may_see(meeting: Meeting, name: str, count: int) -> None:
    answer = ask(name, "GET", "/api/meetings").json()
    assert (answer["total"], len(answer["results"])) == (count, count)
    assert sum(answer["counts"].values()) == count
    assert ask(name, "GET", "/api/meetings?q=weekly").json()["total"] == count


@pytest.mark.parametrize(
    ("name", "acts"),
    [("vera", ["view"]), ("bob", ["view", "write", "edit"])],
)
def test_the_meeting_tells_what_one_may_do(meeting: Meeting, name: str, acts: list[str]) -> None:
    assert ask(name, "GET", f"/api/meetings/{meeting.pk}").json()["can"] == acts
