"""What tests of the stream share: things that happen in a room, and viewers that note them."""

import asyncio
from collections.abc import Iterable
from typing import Any

from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.db import connections

from chat import events
from intellibooks.doorbell import doorbell
from tests.chat.sockets import Socket

ROOM = "session-1"


def happen(*numbers: int) -> None:
    """One kept event for each number, each in a transaction of its own."""
    for number in numbers:
        with events.record(ROOM) as log:
            log.append("chunk", **chunk(number))
    doorbell.wait()


def chunk(number: int) -> dict[str, Any]:
    return {
        "state": "received",
        "chunk_index": number,
        "chunks_processed": 0,
        "total_chunks": number + 1,
    }


async def let_happen(*numbers: int) -> None:
    await sync_to_async(happen, thread_sensitive=False)(*numbers)


async def enter(query: str = "") -> Socket:
    socket = Socket(f"/ws/chat/{ROOM}{query}")
    accepted, _ = await socket.connect(timeout=5)
    assert accepted
    return socket


async def read_seqs(socket: Socket, last: int) -> list[int]:
    """The seq of each kept frame up to that one, in the order in which they came."""
    found: list[int] = []
    async with asyncio.timeout(10):
        while not found or found[-1] < last:
            frame = await socket.read()
            if "seq" in frame:
                found.append(frame["seq"])
    return found


async def leave(*sockets: WebsocketCommunicator) -> None:
    for socket in sockets:
        await socket.disconnect()
    await sync_to_async(connections.close_all)()


def count(first: int, last: int) -> list[int]:
    return list(range(first, last + 1))


def find_kinds(frames: Iterable[dict[str, Any]]) -> list[str]:
    return [frame["type"] for frame in frames]
