"""One who does not read is closed, the room goes on, and nothing is lost for him."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.conf import LazySettings
from django.db import connections
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from chat import events
from chat.services import open_conversation
from chat.stream.outbox import TOO_SLOW
from intellibooks.metrics.process import REGISTRY
from tests.chat.stream.rooms import ROOM, chunk, count
from tests.chat.stream.served import entering, read_frame, running_server

pytestmark = pytest.mark.django_db(transaction=True)
EVENTS = 120
PADDING = "x" * 100_000  # 12 MB in all: more than the kernel's buffers between the two hold


def fill_room() -> None:
    for number in range(EVENTS):
        with events.record(ROOM) as log:
            log.append("chunk", **chunk(number), padding=PADDING)
    connections.close_all()


def count_closed() -> float:
    name, labels = "studio_sockets_closed_total", {"code": str(TOO_SLOW)}
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def read_seqs(socket: ClientConnection, last: int) -> list[int]:
    """Up to that one, or to the end of the connection. Raises ConnectionClosed without any."""
    found: list[int] = []
    while not found or found[-1] < last:
        try:
            frame = await read_frame(socket)
        except ConnectionClosed:
            break
        if "seq" in frame:
            found.append(frame["seq"])
    return found


async def test_slow_reader_is_closed_and_resumes_while_the_room_goes_on(
    settings: LazySettings,
) -> None:
    settings.SOCKET_QUEUE_FRAMES, closed = 20, count_closed()
    await sync_to_async(open_conversation)(ROOM)
    async with running_server() as rooms, entering(f"{rooms}/{ROOM}") as quick:
        async with entering(f"{rooms}/{ROOM}", max_queue=1) as slow:
            await read_frame(slow, "system")
            filling = asyncio.create_task(sync_to_async(fill_room, thread_sensitive=False)())
            assert await read_seqs(quick, EVENTS) == count(1, EVENTS)
            await filling
            had = await read_seqs(slow, EVENTS)
            assert had == count(1, len(had))
            assert len(had) < EVENTS
            assert slow.close_code == TOO_SLOW
            assert count_closed() == closed + 1
        async with entering(f"{rooms}/{ROOM}?last_seq={len(had)}") as again:
            assert await read_seqs(again, EVENTS) == count(len(had) + 1, EVENTS)
    await sync_to_async(connections.close_all)()
