import uuid
from typing import Any

import pytest
from django.test import override_settings

from chat.models import Conversation, Membership, Notification
from intellibooks.models import AuditEntry
from tests.chat.rest.api import Api, without_times

UNKNOWN = (
    "0b7f3a52-6f2c-4a27-9d0e-5b8c1f4f7a11"  # fixed: test names must not differ between processes
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> Api:
    return Api("alice")


@pytest.fixture
def bob() -> Api:
    return Api("bob")


@pytest.fixture
def path(alice: Api) -> str:
    """Alice's conversation."""
    _, body = alice.post("/conversations/", {"title": "Budget"})
    return f"/conversations/{body['id']}"


def share(path: str, user_id: str, role: str) -> None:
    assert Api("alice").post(f"{path}/collaborators", {"user_id": user_id, "role": role})[0] == 200


def test_a_conversation_belongs_to_whoever_made_it(alice: Api) -> None:
    status, body = alice.post("/conversations/", {"title": "Budget", "document_ids": ["d1"]})
    assert status == 200
    conversation_id = body.pop("id")
    assert without_times(body) == {
        "user_id": "alice",
        "title": "Budget",
        "document_ids": ["d1"],
        "is_public": False,
        "messages": [],
        "has_more": False,
    }
    assert uuid.UUID(conversation_id).version == 4
    assert Membership.objects.get().role == "owner"


def test_in_open_mode_the_body_may_say_who_one_is() -> None:
    _, body = Api().post("/conversations/", {"user_id": "dora", "title": "T"})
    assert body["user_id"] == "dora"
    assert Membership.objects.get().user_id == "dora"


def test_a_name_in_the_body_does_not_replace_who_one_is(alice: Api) -> None:
    _, body = alice.post("/conversations/", {"user_id": "bob", "title": "T"})
    assert body["user_id"] == "alice"


def test_strangers_are_denied(path: str, bob: Api) -> None:
    for status, body in (
        bob.get(path),
        Api().get(path),
        bob.post(f"{path}/messages", {"role": "user", "content": "hi"}),
        bob.post(f"{path}/publish"),
        bob.get(f"{path}/collaborators"),
        bob.post(f"{path}/collaborators", {"user_id": "bob", "role": "editor"}),
        bob.delete(f"{path}/collaborators/alice"),
    ):
        assert (status, body) == (
            403,
            {"detail": "Access denied", "error": "Access denied", "code": "forbidden"},
        )


@pytest.mark.parametrize(
    ("method", "tail", "sent", "text"),
    [
        ("post", "messages", {"role": "user", "content": "hi"}, "Write access required"),
        ("post", "publish", {}, "Only owners can publish"),
        ("delete", "publish", {}, "Only owners can publish"),
        (
            "post",
            "collaborators",
            {"user_id": "x", "role": "viewer"},
            "Only owners can manage collaborators",
        ),
        ("delete", "collaborators/alice", {}, "Only owners can manage collaborators"),
    ],
)
def test_a_viewer_is_refused_with_the_fixed_text(
    path: str, bob: Api, method: str, tail: str, sent: dict[str, Any], text: str
) -> None:
    share(path, "bob", "viewer")
    assert bob.get(path)[0] == 200
    status, body = bob.ask(method, f"{path}/{tail}", sent)
    assert (status, body["detail"]) == (403, text)


def test_an_editor_writes_and_does_not_publish(path: str, bob: Api) -> None:
    share(path, "bob", "editor")
    status, said = bob.post(f"{path}/messages", {"role": "user", "content": "hi"})
    assert (status, said["user_id"], said["role"]) == (200, "bob", "user")
    assert bob.post(f"{path}/publish")[0] == 403


def test_answers_of_an_assistant_elsewhere_are_kept(alice: Api, path: str) -> None:
    sent = {"role": "assistant", "content": "42", "metadata": {"intent": "question"}}
    _, said = alice.post(f"{path}/messages", sent)
    assert (said["role"], said["intent"]) == ("assistant", "question")
    _, body = alice.get(path)
    assert [it["content"] for it in body["messages"]] == ["42"]


@pytest.mark.parametrize("role", ["system", "owner", ""])
def test_nobody_speaks_as_the_system(alice: Api, path: str, role: str) -> None:
    status, body = alice.post(f"{path}/messages", {"role": role, "content": "x"})
    assert (status, body["errors"][0]["field"]) == (422, "role")


def test_a_public_link_shows_the_conversation_to_everyone(alice: Api, path: str) -> None:
    alice.post(f"{path}/messages", {"role": "user", "content": "hi"})
    status, body = alice.post(f"{path}/publish")
    token = body["share_token"]
    assert (status, body) == (200, {"share_token": token, "share_url": f"/share/{token}"})
    assert alice.post(f"{path}/publish")[1]["share_token"] == token
    status, shown = Api().get(f"/conversations/public/{token}")
    assert (status, shown["title"], shown["is_public"]) == (200, "Budget", True)
    assert [it["content"] for it in shown["messages"]] == ["hi"]


@override_settings(AUTH_MODE="required")
def test_a_public_link_needs_no_other_credentials() -> None:
    room = Conversation.objects.create(pk=str(uuid.uuid4()), share_token="secret-link")
    assert Api().get("/conversations/public/secret-link")[0] == 200
    assert Api().get(f"/conversations/{room.pk}")[0] == 401


def test_a_withdrawn_link_leads_nowhere(alice: Api, path: str) -> None:
    token = alice.post(f"{path}/publish")[1]["share_token"]
    assert alice.delete(f"{path}/publish") == (200, {"status": "success"})
    assert Api().get(f"/conversations/public/{token}")[0] == 404
    assert alice.post(f"{path}/publish")[1]["share_token"] != token


@pytest.mark.parametrize("token", ["unknown", "x" * 500, "None"])
def test_unknown_links_lead_nowhere(path: str, token: str) -> None:
    assert Api().get(f"/conversations/public/{token}")[0] == 404


@pytest.mark.parametrize("conversation_id", [UNKNOWN, "session-1", "x" * 500])
def test_unknown_conversations_are_not_found(alice: Api, conversation_id: str) -> None:
    assert alice.get(f"/conversations/{conversation_id}")[0] == 404


def test_the_collaborators_are_listed_for_members(alice: Api, bob: Api, path: str) -> None:
    share(path, "bob", "viewer")
    status, members = bob.get(f"{path}/collaborators")
    assert status == 200
    assert [without_times(it) for it in members] == [
        {"user_id": "alice", "role": "owner"},
        {"user_id": "bob", "role": "viewer"},
    ]


def test_a_public_link_does_not_show_who_takes_part(alice: Api, path: str) -> None:
    token = alice.post(f"{path}/publish")[1]["share_token"]
    assert Api().get(f"{path}?share={token}")[0] == 200
    assert Api().get(f"{path}/collaborators?share={token}")[0] == 403


def test_a_collaborator_set_again_has_the_new_role(alice: Api, bob: Api, path: str) -> None:
    share(path, "bob", "viewer")
    _, body = alice.post(f"{path}/collaborators", {"user_id": "bob", "role": "editor"})
    assert without_times(body) == {"status": "success", "user_id": "bob", "role": "editor"}
    assert Notification.objects.count() == 1  # told of the invitation, not of every change
    assert bob.post(f"{path}/messages", {"role": "user", "content": "x"})[0] == 200


def test_somebody_is_invited_by_address(alice: Api, path: str) -> None:
    sent = {"email": "eve@example.org", "role": "viewer"}
    assert alice.post(f"{path}/collaborators", sent)[1]["user_id"] == "eve@example.org"
    assert Api("eve@example.org").get(path)[0] == 200


@pytest.mark.parametrize(
    "sent",
    [
        {"role": "viewer"},
        {"user_id": "x"},
        {"user_id": "x", "role": "owner"},
        {"user_id": "x" * 151, "role": "viewer"},
        {"email": "no-address", "role": "viewer"},
    ],
)
def test_incomplete_invitations_are_refused(alice: Api, path: str, sent: dict[str, str]) -> None:
    assert alice.post(f"{path}/collaborators", sent)[0] == 422


def test_a_removed_collaborator_is_a_stranger(alice: Api, bob: Api, path: str) -> None:
    share(path, "bob", "editor")
    assert alice.delete(f"{path}/collaborators/bob") == (200, {"status": "success"})
    assert bob.get(path)[0] == 403
    assert alice.delete(f"{path}/collaborators/bob")[0] == 200


def test_a_collaborator_may_leave(bob: Api, path: str) -> None:
    share(path, "bob", "viewer")
    assert bob.delete(f"{path}/collaborators/bob")[0] == 200
    assert bob.get(path)[0] == 403


def test_the_owner_stays_the_owner(alice: Api, path: str) -> None:
    sent = {"user_id": "alice", "role": "viewer"}
    assert alice.post(f"{path}/collaborators", sent)[0] == 409
    assert alice.delete(f"{path}/collaborators/alice")[0] == 409
    assert Membership.objects.get().role == "owner"


def test_sharing_a_room_of_nobody_makes_the_inviter_its_owner(bob: Api) -> None:
    room = Conversation.objects.create(pk=str(uuid.uuid4()))
    sent = {"user_id": "carol", "role": "viewer"}
    assert Api().post(f"/conversations/{room.pk}/collaborators", sent)[0] == 422
    assert bob.post(f"/conversations/{room.pk}/collaborators", sent)[0] == 200
    roles = dict(room.memberships.values_list("user_id", "role"))
    assert roles == {"bob": "owner", "carol": "viewer"}


def test_who_let_whom_in_is_on_record(alice: Api, path: str) -> None:
    share(path, "bob", "viewer")
    alice.post(f"{path}/publish")
    alice.delete(f"{path}/collaborators/bob")
    entries = AuditEntry.objects.order_by("id").values_list("action", "actor")
    assert list(entries) == [
        ("member_set", "alice"),
        ("published", "alice"),
        ("member_removed", "alice"),
    ]
