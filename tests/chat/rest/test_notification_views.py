import uuid

import pytest

from chat.models import Conversation, Notification
from tests.chat.rest.api import Api, without_times

UNKNOWN = (
    "0b7f3a52-6f2c-4a27-9d0e-5b8c1f4f7a11"  # fixed: test names must not differ between processes
)

pytestmark = pytest.mark.django_db


def test_an_invitation_is_announced_to_whom_it_is_for() -> None:
    _, made = Api("alice").post("/conversations/", {"title": "Budget"})
    path = f"/conversations/{made['id']}/collaborators"
    Api("alice").post(path, {"user_id": "bob", "role": "viewer"})
    status, listed = Api("bob").get("/notifications/")
    assert status == 200
    assert uuid.UUID(listed[0].pop("id"))
    assert [without_times(it) for it in listed] == [
        {
            "user_id": "bob",
            "type": "invitation",
            "title": "alice shared Budget with you",
            "content": "You can take part as viewer.",
            "link": f"/chat/{made['id']}",
            "is_read": False,
        }
    ]
    assert Api("alice").get("/notifications")[1] == []
    assert Api().get("/notifications")[1] == []


def test_the_newest_notification_stands_first() -> None:
    for title in ("one", "two"):
        Notification.objects.create(user_id="bob", type="mention", title=title)
    assert [it["title"] for it in Api("bob").get("/notifications/")[1]] == ["two", "one"]


def test_a_notification_is_marked_as_read() -> None:
    row = Notification.objects.create(user_id="bob", type="mention", title="x")
    assert Api("bob").post(f"/notifications/{row.pk}/read") == (200, {"status": "success"})
    assert Api("bob").get("/notifications/")[1][0]["is_read"] is True


@pytest.mark.parametrize("who", ["alice", ""])
def test_a_notification_of_somebody_else_is_not_found(who: str) -> None:
    row = Notification.objects.create(user_id="bob", type="mention", title="x")
    assert Api(who).post(f"/notifications/{row.pk}/read")[0] == 404
    row.refresh_from_db()
    assert not row.is_read


@pytest.mark.parametrize("key", ["x", "0" * 36, "-" * 36, UNKNOWN, "x" * 500])
def test_unknown_notifications_are_not_found(key: str) -> None:
    assert Api("bob").post(f"/notifications/{key}/read")[0] == 404


def test_a_mention_is_announced_and_taken_back_with_its_message() -> None:
    Conversation.objects.create(pk="s").memberships.create(user_id="alice", role="owner")
    Conversation.objects.get().memberships.create(user_id="bob@example.org", role="editor")
    _, said = Api("alice").post("/sessions/s/messages", {"content": "ask @bob about it"})
    assert said["metadata"]["mentions"] == ["bob@example.org"]
    bob = Api("bob@example.org")
    (told,) = bob.get("/notifications")[1]
    assert (told["type"], told["title"]) == ("mention", "alice mentioned you in s")
    assert (told["content"], told["link"]) == (
        "ask @bob about it",
        f"/chat/s#message-{said['message_id']}",
    )
    Api("alice").delete(f"/sessions/s/messages/{said['message_id']}")
    assert bob.get("/notifications")[1] == []
