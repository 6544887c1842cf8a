from typing import Any

import pytest
from django.test import Client

from chat.models import Membership
from intellibooks.identity import Identity
from meetings import highlights, services
from meetings.erasing import certificate
from meetings.models import Highlight, Meeting
from tests.intellibooks.auth.people import bearing, make_token

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def meeting() -> Meeting:
    """Alice's, and Vera may read it."""
    meeting = services.start_meeting(owner="alice")
    meeting.conversation.memberships.create(user_id="vera", role=Membership.Role.VIEWER)
    return meeting


@pytest.fixture
def vera(settings: Any) -> Client:
    settings.AUTH_MODE = "required"
    return bearing(make_token("vera"))


def path(meeting: Meeting, part: str = "") -> str:
    return f"/api/meetings/{meeting.pk}/highlights{part}"


def mark(client: Client, meeting: Meeting, **body: Any) -> Any:
    return client.post(path(meeting), body, content_type=JSON)


def list_stretches(client: Client, meeting: Meeting) -> list[tuple[int, int]]:
    rows = client.get(path(meeting)).json()["highlights"]
    return [(row["start_ms"], row["end_ms"]) for row in rows]


def test_viewer_marks_a_stretch_and_a_moment(vera: Client, meeting: Meeting) -> None:
    answer = mark(vera, meeting, start_ms=4000, end_ms=9000, note="ask Bob")
    made = answer.json()
    assert (answer.status_code, made.pop("created_at")[-1]) == (200, "Z")
    assert made == {"id": made["id"], "start_ms": 4000, "end_ms": 9000, "note": "ask Bob"}
    assert mark(vera, meeting, start_ms=500).json()["end_ms"] == 500
    assert list_stretches(vera, meeting) == [(500, 500), (4000, 9000)]


def test_same_stretch_twice_is_one_and_keeps_its_note(vera: Client, meeting: Meeting) -> None:
    first = mark(vera, meeting, start_ms=1, end_ms=2, note="mine").json()
    again = mark(vera, meeting, start_ms=1, end_ms=2)
    assert (again.status_code, again.json()) == (200, first)


def test_note_is_changed_and_the_highlight_taken_away(vera: Client, meeting: Meeting) -> None:
    own = path(meeting, f"/{mark(vera, meeting, start_ms=1).json()['id']}")
    assert vera.patch(own, {"note": "new"}, content_type=JSON).json()["note"] == "new"
    assert vera.delete(own).json() == {"success": True, "session_id": meeting.pk}
    assert (vera.delete(own).status_code, list_stretches(vera, meeting)) == (404, [])


def test_nobody_sees_or_changes_somebody_elses(vera: Client, meeting: Meeting) -> None:
    own = path(meeting, f"/{mark(vera, meeting, start_ms=1).json()['id']}")
    alice = bearing(make_token("alice"))
    assert list_stretches(alice, meeting) == []
    assert alice.patch(own, {"note": "x"}, content_type=JSON).status_code == 404
    assert alice.delete(own).status_code == 404
    assert list_stretches(vera, meeting) == [(1, 1)]


def test_highlight_of_another_meeting_is_not_found(vera: Client, meeting: Meeting) -> None:
    made = mark(vera, meeting, start_ms=1).json()["id"]
    other = services.start_meeting(owner="vera")
    assert vera.delete(path(other, f"/{made}")).status_code == 404


def test_token_that_may_only_read_marks_nothing(vera: Client, meeting: Meeting) -> None:
    reading = bearing(make_token("vera", scopes=["read"]))
    assert mark(reading, meeting, start_ms=1).status_code == 403
    assert list_stretches(reading, meeting) == []


def test_in_open_mode_each_claimed_name_has_its_own(client: Client) -> None:
    room = services.start_meeting()
    bob = Client(headers={"X-User-Id": "bob"})
    mark(bob, room, start_ms=1)
    mark(client, room, start_ms=2)
    assert list_stretches(bob, room) == [(1, 1)]
    assert list_stretches(client, room) == [(2, 2)]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"start_ms": -1},
        {"start_ms": 2**31},
        {"start_ms": 5, "end_ms": 4},
        {"start_ms": 5, "note": "x" * 501},
    ],
)
def test_nonsense_is_refused(vera: Client, meeting: Meeting, body: dict[str, Any]) -> None:
    answer = mark(vera, meeting, **body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert not Highlight.objects.exists()


def test_there_is_room_for_so_many(meeting: Meeting) -> None:
    bob = Identity("bob")
    Highlight.objects.bulk_create(
        Highlight(meeting=meeting, user_id="bob", start_ms=at, end_ms=at)
        for at in range(highlights.MOST_HIGHLIGHTS)
    )
    highlights.add_highlight(meeting, bob, start_ms=2)  # is there already
    with pytest.raises(highlights.TooManyHighlights, match="Take one away"):
        highlights.add_highlight(meeting, bob, start_ms=10**6)
    assert highlights.add_highlight(meeting, Identity("vera"), start_ms=3).pk


@pytest.mark.usefixtures("data_dir")
def test_erasing_the_meeting_takes_them_along(meeting: Meeting) -> None:
    highlights.add_highlight(meeting, Identity("vera"), start_ms=1)
    paper = certificate.erase(meeting, actor="test", is_forced=True)
    assert paper.removed.rows["meetings_highlight"] == 1
    assert (paper.is_complete, Highlight.objects.count()) == (True, 0)
