import json
from collections.abc import AsyncIterator

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from chat import events
from chat.models import Message
from intellibooks.doorbell import doorbell
from tests.chat.sockets import Socket

pytestmark = pytest.mark.django_db(transaction=True)
COUNTS = {"chunks_processed": 1, "total_chunks": 1, "transcript_length": 6}


@pytest.fixture
async def alice() -> AsyncIterator[Socket]:
    socket = Socket()
    await socket.open()
    yield socket
    await socket.disconnect()
    await sync_to_async(connections.close_all)()


@pytest.fixture
async def bob(alice: Socket) -> AsyncIterator[Socket]:
    socket = Socket()
    await socket.open()
    assert (await alice.read())["event"] == "user_joined"
    yield socket
    await socket.disconnect()


async def test_connected_frame_greets_with_a_constant_text() -> None:
    socket = Socket()
    frame = await socket.open()
    assert frame.pop("timestamp").endswith("Z")
    assert frame == {
        "type": "system",
        "event": "connected",
        "content": "Connected to session",
        "session_id": "session-1",
        "metadata": {"last_seq": 0},
    }
    await socket.disconnect()


async def test_message_reaches_the_others_and_not_its_sender(alice: Socket, bob: Socket) -> None:
    await alice.send_to(json.dumps({"content": "hello", "user_id": "alice"}))
    frame = await bob.read_type("message")
    assert (frame["content"], frame["role"]) == ("hello", "user")
    assert await alice.receive_nothing(timeout=0.2)
    stored = await Message.objects.aget()
    assert frame["message_id"] == str(stored.pk)


async def test_published_frames_reach_the_room_as_they_are(alice: Socket) -> None:
    def change() -> None:
        with events.record("session-1") as log:
            log.append("meeting", state="started")
            log.announce(
                "transcript_update", event="transcript_updated", content="so far", metadata=COUNTS
            )
        doorbell.wait()

    await sync_to_async(change)()
    first, second = await alice.read(), await alice.read()
    assert (first["type"], first["seq"]) == ("meeting", 1)
    assert (second["type"], second["content"]) == ("transcript_update", "so far")


async def test_frames_of_another_room_do_not_arrive(alice: Socket) -> None:
    other = Socket("/ws/chat/session-2")
    await other.open()
    await other.send_to(json.dumps({"content": "secret"}))
    assert await alice.receive_nothing(timeout=0.2)
    await other.disconnect()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{not json", "INVALID_JSON"),
        ("[1, 2]", "INVALID_MESSAGE"),
        ("7", "INVALID_MESSAGE"),
        ("[" * 100_000, "INVALID_JSON"),
        ('{"content": ""}', "INVALID_MESSAGE"),
        ('{"content": 5}', "INVALID_MESSAGE"),
        ('{"content": "\\u0000"}', "INVALID_MESSAGE"),
        ('{"content": "\\ud800"}', "INVALID_MESSAGE"),
        (json.dumps({"content": "x" * 10_001}), "TOO_LONG"),
    ],
)
async def test_a_bad_frame_is_answered_and_the_socket_stays(
    alice: Socket, text: str, code: str
) -> None:
    await alice.send_to(text)
    frame = await alice.read()
    assert (frame["type"], frame["code"], frame["session_id"]) == ("error", code, "session-1")
    await alice.send_to('{"type": "ping"}')
    assert (await alice.read())["type"] == "pong"
    assert not await Message.objects.aexists()


async def test_a_binary_frame_is_answered(alice: Socket) -> None:
    await alice.send_to(bytes_data=b"\x00\x01")
    assert (await alice.read())["code"] == "BINARY_NOT_SUPPORTED"


async def test_an_unknown_type_is_ignored(alice: Socket) -> None:
    await alice.send_to('{"type": "dance", "content": "x"}')
    assert await alice.receive_nothing(timeout=0.2)


@pytest.mark.parametrize("path", ["/ws/other", "/", "/ws/chat/", f"/ws/chat/{'x' * 65}"])
async def test_unknown_addresses_are_refused_at_the_handshake(path: str) -> None:
    accepted, _ = await Socket(path).connect(timeout=5)
    assert not accepted


async def test_address_works_with_a_slash_at_its_end() -> None:
    socket = Socket("/ws/chat/session-1/")
    assert (await socket.open())["event"] == "connected"
    await socket.disconnect()


@pytest.mark.parametrize(
    ("origin", "is_welcome"),
    [
        ("http://localhost:3001", True),
        ("http://127.0.0.1:8004", True),
        ("http://evil.example", False),
        ("null", False),
        ("http://localhost:3001.evil.example", False),
    ],
)
async def test_sockets_of_foreign_pages_are_refused(origin: str, is_welcome: bool) -> None:
    socket = Socket(origin=origin)
    accepted, _ = await socket.connect(timeout=5)
    assert accepted == is_welcome
    await socket.disconnect()
