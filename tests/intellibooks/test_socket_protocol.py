"""Frames that were encoded once, beside what uvicorn sends, to a real client."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from intellibooks.socket_protocol import WRITE_ENCODED, WriteEncoded, encode_text
from tests.chat.stream.served import read_flag
from tests.intellibooks.serve_process import find_free_port

Send = Callable[[dict[str, Any]], Awaitable[None]]
Play = Callable[[WriteEncoded, Send], Awaitable[None]]
ACCEPT: dict[str, Any] = {"type": "websocket.accept"}
CLOSE: dict[str, Any] = {"type": "websocket.close", "code": 4000}


@asynccontextmanager
async def playing(play: Play) -> AsyncIterator[ClientConnection]:
    """A client of an application that does that once it is asked in."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await play(scope["state"][WRITE_ENCODED], send)
        while (await receive())["type"] != "websocket.disconnect":
            pass

    port = find_free_port()
    config = uvicorn.Config(
        application, port=port, ws=read_flag("ws"), lifespan="off", log_config=None
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())  # noqa: SLF001 - without its signal handlers
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        async with connect(f"ws://127.0.0.1:{port}/", max_size=None, proxy=None) as socket:
            yield socket
    finally:
        server.should_exit = True
        await serving


def say(text: str) -> dict[str, Any]:
    return {"type": "websocket.send", "text": text}


@pytest.mark.parametrize("text", ["", "x" * 125, "x" * 126, "x" * 65_536, "Grüße \U0001f44b"])
async def test_frame_of_any_length_arrives_as_it_was(text: str) -> None:
    async def play(write: WriteEncoded, send: Send) -> None:
        await send(ACCEPT)
        assert write(encode_text(text))

    async with playing(play) as socket:
        assert await socket.recv() == text


async def test_both_ways_of_sending_keep_their_order() -> None:
    async def play(write: WriteEncoded, send: Send) -> None:
        await send(ACCEPT)
        for number in range(0, 200, 2):
            await send(say(str(number)))
            assert write(encode_text(str(number + 1)))

    async with playing(play) as socket:
        assert [await socket.recv() for _ in range(200)] == [str(n) for n in range(200)]


async def test_nothing_is_written_before_the_handshake_or_after_the_close() -> None:
    taken: list[bool] = []

    async def play(write: WriteEncoded, send: Send) -> None:
        taken.append(write(encode_text("too early")))
        await send(ACCEPT)
        taken.append(write(encode_text("in time")))
        await send(CLOSE)
        taken.append(write(encode_text("too late")))

    async with playing(play) as socket:
        assert [message async for message in drained(socket)] == ["in time"]
    assert socket.close_code == CLOSE["code"]
    assert taken == [False, True, False]


async def drained(socket: ClientConnection) -> AsyncIterator[str | bytes]:
    while True:
        try:
            yield await socket.recv()
        except ConnectionClosed:
            return


async def test_slow_reader_is_refused_until_send_has_waited_for_it() -> None:
    frame, most, wrote = encode_text("x" * 100_000), 1_000, asyncio.Event()
    counts: list[int] = []

    async def play(write: WriteEncoded, send: Send) -> None:
        await send(ACCEPT)
        taken = 0
        while taken < most and write(frame):
            taken += 1
            await asyncio.sleep(0)
        counts.append(taken)
        wrote.set()
        await send(say("at last"))
        assert write(encode_text("and again at once"))

    async with playing(play) as socket:
        await asyncio.wait_for(wrote.wait(), 10)
        assert 0 < counts[0] < most
        for _ in range(counts[0]):
            await socket.recv()
        assert await socket.recv() == "at last"
        assert await socket.recv() == "and again at once"


async def test_socket_that_is_gone_takes_nothing() -> None:
    taken: list[bool] = []
    gone = asyncio.Event()

    async def play(write: WriteEncoded, send: Send) -> None:
        await send(ACCEPT)
        while write(encode_text("still there?")):
            await asyncio.sleep(0.01)
        taken.append(write(encode_text("no")))
        gone.set()

    async with playing(play) as socket:
        await socket.recv()
        socket.transport.abort()
        await asyncio.wait_for(gone.wait(), 5)
    assert taken == [False]
