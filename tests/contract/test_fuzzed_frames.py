"""Whatever is sent on a socket: the socket stays, and what comes back is described."""

import asyncio
import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from hypothesis import example, given
from hypothesis import strategies as st
from pytest_django import Settings

from chat.client_frames import CLIENT_FRAMES
from chat.stream.incoming import BadFrame, parse_frame
from tests.chat.sockets import Socket
from tests.contract.limits import limit_fuzz

CODES = {"INVALID_MESSAGE", "INVALID", "NOT_FOUND", "CONFLICT", "TOO_LONG", "FORBIDDEN"}
REFUSALS = {"INVALID_JSON", "INVALID_MESSAGE", "BINARY_NOT_SUPPORTED"}
FIELDS = sorted({name for shape in CLIENT_FRAMES.values() for name in shape.__annotations__})
ODD = st.sampled_from([2**63, -1, 10**400, 1e308, "\x00", "\ud800", "x" * 10_001, "0", "9" * 30])
PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | ODD
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
FRAMES = st.builds(
    lambda kind, fields: {**fields, "type": kind},
    st.sampled_from(sorted(CLIENT_FRAMES)),
    st.dictionaries(st.sampled_from(sorted(set(FIELDS) - {"type"})), VALUES, max_size=5),
)


@limit_fuzz(300)
@given(text=st.none() | st.text() | VALUES.map(json.dumps))
@example("[" * 100_000)
@example('{"a":' * 100_000)
@example("9" * 5_000)
@example('{"type": NaN}')
def test_every_text_is_a_frame_or_an_error_that_says_why(text: str | None) -> None:
    try:
        assert isinstance(parse_frame(text), dict)
    except BadFrame as error:
        assert error.frame_code in REFUSALS  # noqa: PT017 - either outcome is right


async def ask(socket: Socket, frame: dict[str, Any]) -> None:
    """Until the pong, which shows that the socket lives on; each frame read is verified."""
    await socket.send_to(json.dumps(frame))
    await socket.say(type="ping")
    if frame["type"] == "ping":
        await socket.read_type("pong")
    while (answer := await socket.read())["type"] != "pong":
        assert answer["type"] != "error" or answer["code"] in CODES, (frame, answer)


@pytest.mark.django_db(transaction=True)
def test_no_frame_breaks_a_socket(settings: Settings) -> None:
    settings.LIMITS, settings.CHAT_RESPONDER = {}, ""
    socket = Socket("/ws/chat/session-1?user_id=alice")
    with asyncio.Runner() as runner:
        runner.run(socket.open())

        @limit_fuzz(120)
        @given(frame=FRAMES)
        @example({"type": "message", "content": "x", "at_ms": 10**400})
        @example({"type": "history", "before": "9" * 30})
        @example({"type": "history", "before": 2**63})
        @example({"type": "message", "content": "x", "metadata": {"a": 1e308, "b": [[[]]]}})
        def send(frame: dict[str, Any]) -> None:
            runner.run(ask(socket, frame))

        send()
        runner.run(socket.disconnect())
        runner.run(sync_to_async(connections.close_all)())
