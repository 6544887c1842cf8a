"""Every frame that a client sends about messages, and exactly what comes of it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.test import override_settings

from chat.models import Message
from chat.stream.socket import RoomSocket
from tests.chat.sockets import Socket

UNKNOWN = (
    "0b7f3a52-6f2c-4a27-9d0e-5b8c1f4f7a11"  # fixed: test names must not differ between processes
)

pytestmark = pytest.mark.django_db(transaction=True)


@asynccontextmanager
async def enter(*user_ids: str) -> AsyncIterator[list[Socket]]:
    """Sockets of these people in one room, each past the frames of the others' arrival."""
    sockets = []
    for user_id in user_ids:
        sockets.append(Socket(f"/ws/chat/session-1?user_id={user_id}"))
        await sockets[-1].open()
    for number, socket in enumerate(sockets, start=1):
        for _ in sockets[number:]:
            assert (await socket.read())["event"] == "user_joined"
    yield sockets
    for socket in sockets:
        await socket.disconnect()
    await sync_to_async(connections.close_all)()


@pytest.fixture
async def alice() -> AsyncIterator[Socket]:
    async with enter("alice") as (socket,):
        yield socket


async def answer_responder(socket: RoomSocket, message: Message, kind: str) -> None:
    await socket.reply("status", status="processing", intent=kind, description="Looking")


async def fail_responder(socket: RoomSocket, message: Message, kind: str) -> None:
    raise RuntimeError("the backend is away")


def without_times(frame: dict[str, Any]) -> dict[str, Any]:
    assert frame.pop("timestamp").endswith("Z")
    return frame


@pytest.mark.parametrize("kind", ["message", "research", "smart", None])
async def test_what_is_said_reaches_the_others_and_ones_own_other_sockets(kind: str | None) -> None:
    async with enter("alice", "alice", "bob") as (first, second, bob):
        frame = {"type": kind} if kind else {}
        await first.say(**frame, content="hello", session_id="other", metadata={"x": 1})
        stored_id = ""
        for socket in (second, bob):
            got = without_times(await socket.read())
            stored_id = got.pop("message_id")
            assert got == {
                "type": "message",
                "session_id": "session-1",
                "seq": 1,
                "content": "hello",
                "role": "user",
                "metadata": {"x": 1, "user_id": "alice"},
            }
        assert await first.receive_nothing(timeout=0.1)
    stored = await Message.objects.aget()
    assert (str(stored.pk), stored.user_id) == (stored_id, "alice")


async def test_a_client_id_is_acknowledged_and_a_resend_is_recognised(alice: Socket) -> None:
    acks = []
    for _ in range(2):
        await alice.say(content="hello", client_id="c-1")
        acks.append(without_times(await alice.read()))
    message = await Message.objects.aget()
    ack = {"type": "ack", "session_id": "session-1", "client_id": "c-1", "seq": 1}
    ack["message_id"] = str(message.pk)
    assert acks == [{**ack, "duplicate": False}, {**ack, "duplicate": True}]


async def test_an_edit_and_a_deletion_are_shown_to_everyone() -> None:
    async with enter("alice", "bob") as (alice, bob):
        await alice.say(content="helo")
        message_id = (await bob.read())["message_id"]
        await alice.say(type="edit", message_id=message_id, content="hello @bob")
        for socket in (alice, bob):
            edited = without_times(await socket.read())
            assert edited.pop("edited_at").endswith("Z")
            assert edited == {
                "type": "message_edited",
                "session_id": "session-1",
                "seq": 2,
                "message_id": message_id,
                "content": "hello @bob",
                "role": "user",
                "metadata": {"user_id": "alice"},
            }
        await alice.say(type="delete", message_id=message_id)
        for socket in (alice, bob):
            assert without_times(await socket.read()) == {
                "type": "message_deleted",
                "session_id": "session-1",
                "seq": 3,
                "message_id": message_id,
            }


async def test_history_is_answered_to_the_asker_alone() -> None:
    async with enter("alice", "bob") as (alice, bob):
        for text in ("one", "two", "three"):
            await bob.say(content=text, client_id=text)
            await bob.read_type("ack")
            await alice.read_type("message")
        await alice.say(type="history", limit=2)
        page = without_times(await alice.read())
        assert (page["type"], page["session_id"], page["has_more"]) == (
            "history",
            "session-1",
            True,
        )
        assert [it["content"] for it in page["messages"]] == ["two", "three"]
        await alice.say(type="history", before=page["messages"][0]["message_id"])
        older = await alice.read()
        assert [it["content"] for it in older["messages"]] == ["one"]
        assert older["has_more"] is False
        await alice.say(type="history", before=2)
        assert [it["content"] for it in (await alice.read())["messages"]] == ["one"]
        assert await bob.receive_nothing(timeout=0.1)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"type": "message"}, "INVALID_MESSAGE"),
        ({"content": "\x07\x08"}, "INVALID_MESSAGE"),
        ({"content": "x" * 10_001}, "TOO_LONG"),
        ({"content": "x", "metadata": []}, "INVALID_MESSAGE"),
        ({"content": "x", "metadata": {"a": "\ud800"}}, "INVALID_MESSAGE"),
        ({"content": "x", "metadata": {"a": "x" * 20_000}}, "TOO_LONG"),
        ({"content": "x", "client_id": 7}, "INVALID_MESSAGE"),
        ({"content": "x", "at_ms": -1}, "INVALID_MESSAGE"),
        ({"type": "edit", "message_id": "x", "content": "x"}, "NOT_FOUND"),
        (
            {"type": "edit", "message_id": UNKNOWN, "content": ""},
            "INVALID_MESSAGE",
        ),
        ({"type": "edit", "content": "x"}, "NOT_FOUND"),
        ({"type": "delete", "message_id": {"a": 1}}, "NOT_FOUND"),
        ({"type": "history", "limit": 101}, "INVALID"),
        ({"type": "history", "limit": "x"}, "INVALID"),
        ({"type": "history", "before": "x"}, "NOT_FOUND"),
        ({"type": "history", "before": {}}, "INVALID"),
        ({"type": "history", "before": -1}, "INVALID"),
        ({"type": "typing", "is_typing": "yes"}, "INVALID_MESSAGE"),
        ({"type": "read"}, "INVALID_MESSAGE"),
        ({"type": "read", "seq": -1}, "INVALID_MESSAGE"),
        ({"type": "read", "seq": 2**70}, "INVALID_MESSAGE"),
    ],
)
async def test_a_frame_that_makes_no_sense_is_answered_and_nothing_is_stored(
    alice: Socket, frame: dict[str, Any], code: str
) -> None:
    await alice.send_to(json.dumps(frame))
    got = without_times(await alice.read())
    assert got.pop("error") == got.pop("content") != ""
    assert got == {"type": "error", "session_id": "session-1", "code": code}
    await alice.say(type="ping")
    assert (await alice.read())["type"] == "pong"
    assert not await Message.objects.aexists()


async def test_somebody_elses_message_is_not_edited() -> None:
    async with enter("alice", "bob") as (alice, bob):
        await alice.say(content="mine")
        message_id = (await bob.read())["message_id"]
        await bob.say(type="edit", message_id=message_id, content="yours")
        refusal = await bob.read()
        assert (refusal["code"], refusal["error"]) == (
            "FORBIDDEN",
            "Only its author can edit a message",
        )
    assert (await Message.objects.aget()).content == "mine"


async def test_a_responder_sees_each_new_message_once(alice: Socket) -> None:
    with override_settings(CHAT_RESPONDER=f"{__name__}.answer_responder"):
        await alice.say(type="research", content="why?", client_id="c")
        kinds = [await alice.read(), await alice.read()]
        assert {it["type"] for it in kinds} == {"ack", "status"}
        await alice.say(type="research", content="why?", client_id="c")
        assert (await alice.read())["duplicate"] is True
        assert await alice.receive_nothing(timeout=0.1)


async def test_a_responder_that_fails_is_told_of(alice: Socket) -> None:
    with override_settings(CHAT_RESPONDER=f"{__name__}.fail_responder"):
        await alice.say(content="why?")
        assert (await alice.read())["code"] == "REPLY_FAILED"
