"""What happens in another process reaches the sockets of this one."""

import asyncio
import os
import sys

import pytest
from django.conf import settings
from django.db import connection

from chat.services import open_conversation
from tests.chat.stream.rooms import ROOM, count, enter, leave, let_happen, read_seqs

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _room(db: None) -> None:
    open_conversation(ROOM)


async def start_publisher(first: int, last: int) -> asyncio.subprocess.Process:
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "intellibooks.settings",
        "DATA_DIR": str(settings.DATA_DIR),
        "REDIS_URL": settings.REDIS_URL,
    }
    words = ("-m", "tests.chat.stream.publisher", str(connection.settings_dict["NAME"]))
    return await asyncio.create_subprocess_exec(
        sys.executable, *words, str(first), str(last), env=env, cwd=settings.BASE_DIR
    )


async def test_events_of_two_processes_at_once_reach_every_socket_complete_and_in_order() -> None:
    """Those that were there from the start, and those that come in between."""
    sockets = [await enter() for _ in range(3)]
    publisher, ours = await start_publisher(0, 59), 0
    async with asyncio.timeout(30):
        while publisher.returncode is None:
            await let_happen(100 + ours)
            ours += 1
            if ours % 10 == 0 and len(sockets) < 20:
                sockets.append(await enter("?last_seq=0"))
            await asyncio.sleep(0.02)
    assert publisher.returncode == 0
    for socket in sockets:
        assert await read_seqs(socket, 60 + ours) == count(1, 60 + ours)
    await leave(*sockets)
