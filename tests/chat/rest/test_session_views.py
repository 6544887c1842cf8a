import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat import presence
from chat.models import Conversation, Event, Membership, Message
from chat.presence import Attendance
from meetings import services as meeting_services
from meetings.models import Meeting
from tests.chat.rest.api import Api, without_times

UNKNOWN = (
    "0b7f3a52-6f2c-4a27-9d0e-5b8c1f4f7a11"  # fixed: test names must not differ between processes
)

pytestmark = pytest.mark.django_db


def say(text: str, session_id: str = "session-1", who: str = "alice", **more: Any) -> Any:
    status, body = Api(who).post(f"/sessions/{session_id}/messages", {"content": text, **more})
    assert status == 200, body
    return body


@pytest.fixture
def session() -> str:
    assert Api().post("/sessions", {"session_id": "session-1"})[0] == 200
    return "session-1"


def test_a_session_is_opened_under_the_id_that_the_client_chose() -> None:
    status, body = Api().post("/sessions", {"session_id": "session-17-abc", "title": "Plans"})
    assert (status, without_times(body)) == (
        200,
        {"success": True, "session_id": "session-17-abc", "title": "Plans"},
    )


def test_a_session_without_wishes_gets_an_id_and_a_title() -> None:
    _, body = Api().post("/sessions")
    assert body["title"] == "New Notebook"
    assert uuid.UUID(body["session_id"])


def test_opening_a_session_again_touches_it_and_keeps_its_title(session: str) -> None:
    Api().post("/sessions", {"session_id": "session-2"})
    _, body = Api().post("/sessions", {"session_id": session, "title": "Other"})
    assert body["title"] == "New Notebook"
    _, listed = Api().get("/sessions")
    assert [it["session_id"] for it in listed["sessions"]] == [session, "session-2"]


@pytest.mark.parametrize("session_id", ["", "a/b", "../x", "ü", "x" * 65, "x y", []])
def test_malformed_session_ids_are_refused(session_id: Any) -> None:
    status, body = Api().post("/sessions", {"session_id": session_id})
    assert (status, body["errors"][0]["field"]) == (422, "session_id")


def test_the_list_says_what_is_in_each_session(session: str) -> None:
    say("hello", at_ms=1000)
    presence.update(session, [Attendance("c1", "alice", "2026-01-01T00:00:00.000Z")], [])
    status, body = Api().get("/sessions/")
    assert status == 200
    entry = without_times(body["sessions"].pop())
    assert entry == {
        "session_id": "session-1",
        "title": "New Notebook",
        "document_count": 0,
        "message_count": 1,
        "unread_count": 0,
        "is_active": True,
        "connections": 1,
    }
    assert body == {"sessions": [], "total": 1, "persistence_enabled": True}


def test_the_list_costs_the_same_queries_however_long_it_is(session: str) -> None:
    def count_queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            Api("alice").get("/sessions")
        return len(queries)

    say("one")
    few = count_queries()
    for number in range(5):
        Api().post("/sessions", {"session_id": f"more-{number}"})
        say("two", f"more-{number}")
    assert count_queries() == few


def test_unread_are_the_messages_of_others_behind_the_read_mark(session: str) -> None:
    for text in ("one", "two", "three"):
        say(text, who="bob")
    say("mine", who="alice")
    room = Conversation.objects.get()
    room.read_marks.create(user_id="alice", seq=1)
    _, listed = Api("alice").get("/sessions")
    assert listed["sessions"][0]["unread_count"] == 2


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "offset=-1", "limit=1e3"])
def test_pages_that_make_no_sense_are_refused(session: str, query: str) -> None:
    assert Api().get(f"/sessions?{query}")[0] == 422
    assert Api().get(f"/sessions/{session}/messages?{query}")[0] == 422


def test_a_session_is_shown_with_its_messages(session: str) -> None:
    said = say("look", metadata={"sources": [{"document_id": "d"}], "rag_used": True}, at_ms=7)
    status, body = Api().get(f"/sessions/{session}")
    assert status == 200
    (message,) = body["messages"]
    assert without_times(message) == {
        "message_id": said["message_id"],
        "role": "user",
        "content": "look",
        "sources": [{"document_id": "d"}],
        "intent": None,
        "rag_used": True,
        "user_id": "alice",
        "seq": 1,
        "at_ms": 7,
        "client_id": None,
        "metadata": {"sources": [{"document_id": "d"}], "rag_used": True},
        "edited_at": None,
        "is_deleted": False,
    }
    assert (body["message_count"], body["documents"], body["has_more"]) == (1, [], False)


@pytest.mark.parametrize("method", ["get", "put"])
@pytest.mark.parametrize("session_id", ["unknown", "x" * 500, "..", "a%2Fb"])
def test_unknown_sessions_are_not_found(method: str, session_id: str) -> None:
    status, body = Api().ask(method, f"/sessions/{session_id}", {"title": "T"})
    assert (status, body["code"]) == (404, "not_found")


def test_a_session_is_renamed_and_its_viewers_are_told(session: str) -> None:
    _, body = Api().put(f"/sessions/{session}", {"title": "Budget"})
    assert body["title"] == "Budget"
    assert Conversation.objects.get().title == "Budget"
    assert '"title":"Budget"' in Event.objects.get(type="session").frame


def test_a_deleted_session_is_gone_with_everything_in_it(session: str) -> None:
    say("secret")
    status, body = Api().delete(f"/sessions/{session}")
    assert (status, body) == (
        200,
        {
            "success": True,
            "session_id": "session-1",
            "deleted": True,
            "messages_deleted": 1,
            "message": "Session deleted",
        },
    )
    assert not Message.objects.exists()
    assert not Event.objects.exists()
    assert not Conversation.objects.exists()


def test_deleting_an_absent_session_succeeds() -> None:
    status, body = Api().delete("/sessions/unknown")
    assert (status, body["success"], body["deleted"]) == (200, True, False)


def test_deleting_the_session_of_a_meeting_keeps_the_meeting() -> None:
    meeting = meeting_services.start_meeting()
    say("secret words", meeting.pk)
    _, body = Api().delete(f"/sessions/{meeting.pk}")
    assert (body["deleted"], body["messages_deleted"]) == (False, 1)
    assert body["message"].startswith("The messages are deleted.")
    assert Meeting.objects.filter(pk=meeting.pk).exists()
    assert not Message.objects.exists()
    frames = list(Event.objects.order_by("seq").values_list("type", "frame"))
    assert "history_cleared" in [kind for kind, _ in frames]
    assert not any("secret words" in frame for _, frame in frames)


def test_somebody_elses_session_is_as_absent_as_one_that_is_not(session: str) -> None:
    Membership.objects.create(conversation_id=session, user_id="alice", role="owner")
    bob = Api("bob")
    assert bob.get("/sessions")[1]["sessions"] == []
    assert bob.get(f"/sessions/{session}")[0] == 404
    assert bob.get(f"/sessions/{session}/messages")[0] == 404
    assert bob.put(f"/sessions/{session}", {"title": "T"})[0] == 404
    assert bob.post("/sessions", {"session_id": session})[0] == 404
    assert bob.delete(f"/sessions/{session}")[1]["deleted"] is False
    assert Conversation.objects.exists()


def test_a_viewer_reads_and_neither_writes_nor_deletes(session: str) -> None:
    Membership.objects.create(conversation_id=session, user_id="alice", role="owner")
    Membership.objects.create(conversation_id=session, user_id="carol", role="viewer")
    carol = Api("carol")
    assert carol.get(f"/sessions/{session}/messages")[0] == 200
    status, body = carol.post(f"/sessions/{session}/messages", {"content": "hi"})
    assert (status, body["detail"]) == (403, "Write access required")
    assert carol.put(f"/sessions/{session}", {"title": "T"})[0] == 403
    assert carol.delete(f"/sessions/{session}")[0] == 403


def test_messages_are_paged_oldest_first(session: str) -> None:
    for number in range(5):
        say(f"m{number}")
    _, body = Api().get(f"/sessions/{session}/messages?limit=2&offset=1")
    assert [it["content"] for it in body["messages"]] == ["m1", "m2"]
    assert (body["session_id"], body["total"], body["has_more"]) == (session, 5, True)


@pytest.mark.parametrize("cursor", ["message_id", "seq"])
def test_the_cursor_walks_back_through_the_whole_history(session: str, cursor: str) -> None:
    said = [say(f"m{number}") for number in range(5)]
    seen, has_more = [said[-1]], True
    while has_more:
        path = f"/sessions/{session}/messages?limit=2&before={seen[0][cursor]}"
        _, body = Api().get(path)
        seen, has_more = body["messages"] + seen, body["has_more"]
    assert [it["content"] for it in seen] == ["m0", "m1", "m2", "m3", "m4"]


@pytest.mark.parametrize("before", ["nonsense", UNKNOWN, "9" * 30, "-1"])
def test_a_cursor_that_leads_nowhere_is_refused(session: str, before: str) -> None:
    assert Api().get(f"/sessions/{session}/messages?before={before}")[0] in {404, 422}


def test_a_message_is_edited_by_its_author_alone(session: str) -> None:
    said = say("helo")
    path = f"/sessions/{session}/messages/{said['message_id']}"
    status, body = Api("bob").patch(path, {"content": "bye"})
    assert (status, body["detail"]) == (403, "Only its author can edit a message")
    status, body = Api("alice").patch(path, {"content": "hello"})
    assert (status, body["content"]) == (200, "hello")
    assert body["edited_at"].endswith("Z")


def test_a_deleted_message_leaves_an_empty_place(session: str) -> None:
    said = say("secret", at_ms=1)
    path = f"/sessions/{session}/messages/{said['message_id']}"
    _, body = Api("alice").delete(path)
    assert (body["content"], body["is_deleted"]) == ("", True)
    _, page = Api().get(f"/sessions/{session}/messages")
    assert [(it["content"], it["is_deleted"]) for it in page["messages"]] == [("", True)]
    assert Api("alice").delete(path)[0] == 404


@pytest.mark.parametrize("message_id", ["x", UNKNOWN, "%00"])
def test_unknown_messages_are_not_found(session: str, message_id: str) -> None:
    path = f"/sessions/{session}/messages/{message_id}"
    assert Api().patch(path, {"content": "x"})[0] == 404
    assert Api().delete(path)[0] == 404


def test_a_message_sent_again_is_the_same_message(session: str) -> None:
    first = say("hello", client_id="c-1")
    second = say("hello", client_id="c-1")
    assert (first["duplicate"], second["duplicate"]) == (False, True)
    assert first["message_id"] == second["message_id"]
    status, body = Api("alice").post(
        f"/sessions/{session}/messages", {"content": "other", "client_id": "c-1"}
    )
    assert (status, body["code"]) == (409, "conflict")


def test_a_database_of_ones_own_is_not_offered(session: str) -> None:
    path = f"/sessions/{session}/database/config"
    assert Api().get(path) == (
        200,
        {"success": False, "configured": False, "message": "Not available in this service"},
    )
    assert Api().post(path, {"host": "db"})[0] == 501
