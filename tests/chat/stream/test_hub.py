"""The hub of a process comes with its first socket and goes with its last."""

import asyncio
import time

import pytest

from tests.chat.stream.rooms import enter, leave

pytestmark = pytest.mark.django_db(transaction=True)
ITS_TASKS = {"Hub.watch", "Subscription.run", "Hub.fill"}


def find_its_tasks() -> set[str]:
    running = {task.get_coro().__qualname__ for task in asyncio.all_tasks()}  # type: ignore[union-attr]
    return ITS_TASKS & running


async def test_last_socket_leaves_without_delay_and_nothing_of_the_hub_stays() -> None:
    for _ in range(5):
        socket = await enter()
        await socket.say(type="ping")  # so that the hub is in the middle of its first look
        await socket.read_type("pong")
        assert find_its_tasks()
        began = time.monotonic()
        await leave(socket)
        assert time.monotonic() - began < 0.8  # 1 s is when the client gives up on us
        assert not find_its_tasks()
