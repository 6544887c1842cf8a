"""What no client of ours would send: answered, ignored or the end, as the contract says."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from websockets.exceptions import ConnectionClosed

from chat.models import Conversation, Message
from tests.chat.sockets import Socket
from tests.chat.stream.rooms import enter, leave
from tests.chat.stream.served import entering, read_frame, running_server

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def alice() -> AsyncIterator[Socket]:
    socket = await enter()
    await socket.read_type("system")
    yield socket
    await leave(socket)


async def ping(socket: Socket) -> None:
    await socket.say(type="ping")
    await socket.read_type("pong")


async def test_frame_of_10_mib_ends_the_connection_and_nobody_elses() -> None:
    async with running_server() as rooms:
        async with entering(f"{rooms}/session-1") as bob, entering(f"{rooms}/session-1") as eve:
            with suppress(ConnectionClosed):  # it may end before all of it is sent
                await eve.send(json.dumps({"content": "x" * 10 * 1024 * 1024}))
            await asyncio.wait_for(eve.wait_closed(), 5)
            assert eve.close_code == 1009
            await bob.send('{"type": "ping"}')
            await read_frame(bob, "pong")
        assert not await Message.objects.aexists()
    await sync_to_async(connections.close_all)()


async def test_session_id_in_the_body_does_not_lead_to_another_room(alice: Socket) -> None:
    bob, mallory = await enter(), Socket("/ws/chat/session-2")
    await mallory.open()
    await alice.say(content="for us", session_id="session-2")
    assert (await bob.read_type("message"))["session_id"] == "session-1"
    assert await mallory.receive_nothing(timeout=0.1)
    assert (await Message.objects.aget()).conversation_id == "session-1"
    await leave(bob, mallory)


async def test_session_id_in_the_body_makes_no_room(alice: Socket) -> None:
    await alice.say(content="hello", session_id="../../etc/passwd")
    await ping(alice)
    assert [room.pk async for room in Conversation.objects.all()] == ["session-1"]


async def test_control_characters_are_left_out_of_what_is_kept(alice: Socket) -> None:
    await alice.say(content="a\x07b\x1b[31mc\r\nd\te\x9b")
    await ping(alice)
    assert (await Message.objects.aget()).content == "ab[31mc\nd\te"


@pytest.mark.parametrize("content", ["\x01\x02", " \x1b \n", "\u0085"])
async def test_message_of_control_characters_alone_is_refused(alice: Socket, content: str) -> None:
    await alice.say(content=content)
    assert (await alice.read_type("error"))["code"] == "INVALID_MESSAGE"
    assert not await Message.objects.aexists()


@pytest.mark.parametrize(
    "text",
    [
        '{"type": 5}',
        '{"type": null, "content": "x"}',
        '{"type": ["message"], "content": "x"}',
        '{"type": {"a": 1}}',
        '{"type": "\\ud800"}',
        '{"type": "__class__"}',
        json.dumps({"type": "x" * 60_000}),
    ],
)
async def test_type_that_is_none_is_ignored(alice: Socket, text: str) -> None:
    await alice.send_to(text)
    assert await alice.receive_nothing(timeout=0.05)
    await ping(alice)
    assert not await Message.objects.aexists()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "INVALID_JSON"),
        ("   ", "INVALID_JSON"),
        ('{"content": "x"} {"content": "y"}', "INVALID_JSON"),
        ('{"content": ' + "9" * 5000 + "}", "INVALID_JSON"),
        ("true", "INVALID_MESSAGE"),
        ("null", "INVALID_MESSAGE"),
        ('"text"', "INVALID_MESSAGE"),
        ("NaN", "INVALID_MESSAGE"),
        ("[" * 900 + "]" * 900, "INVALID_MESSAGE"),
        ('{"a":' * 50_000, "INVALID_JSON"),
        ('{"content": "x", "metadata": {"a": "\\udfff"}}', "INVALID_MESSAGE"),
        ('{"content": "x", "metadata": {"a": NaN}}', "INVALID_MESSAGE"),
        ('{"content": "x", "metadata": [1]}', "INVALID_MESSAGE"),
        ('{"content": "x", "client_id": "\\u0000"}', "INVALID_MESSAGE"),
        ('{"content": "x", "at_ms": -1}', "INVALID_MESSAGE"),
        ('{"content": "x", "at_ms": 1e400}', "INVALID_MESSAGE"),
    ],
)
async def test_nonsense_is_answered_and_not_kept(alice: Socket, text: str, code: str) -> None:
    await alice.send_input({"type": "websocket.receive", "text": text})
    assert (await alice.read_type("error"))["code"] == code
    await ping(alice)
    assert not await Message.objects.aexists()


async def test_empty_binary_frame_is_answered(alice: Socket) -> None:
    await alice.send_input({"type": "websocket.receive", "bytes": b""})
    assert (await alice.read_type("error"))["code"] == "BINARY_NOT_SUPPORTED"


async def test_bare_carriage_returns_and_line_separators_can_be_shown_again(alice: Socket) -> None:
    await alice.say(content="one\u2028two\rthree")
    await ping(alice)
    await alice.say(type="history")
    shown: list[dict[str, Any]] = (await alice.read_type("history"))["messages"]
    assert shown[0]["content"] == (await Message.objects.aget()).content
