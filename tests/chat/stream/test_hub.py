"""The hub of a process comes with its first socket and goes with its last."""

import asyncio
import time

import pytest

from chat.stream.hub import end_tasks
from chat.stream.subscription import Subscription
from tests.chat.stream.rooms import enter, leave
from tests.timing import check_seconds

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
        check_seconds(time.monotonic() - began, 0.8)  # 1 s is when the client gives up on us
        assert not find_its_tasks()


async def test_a_channel_is_dropped_while_the_connection_ends() -> None:
    subscription = Subscription(lambda channel, body: None, lambda channel: None)
    listening = asyncio.create_task(subscription.run())
    try:
        subscription.channels["other"] = asyncio.Event()
        await subscription.add("room")
        dropping = asyncio.create_task(subscription.remove("room"))
        await asyncio.sleep(0)  # redis-py has begun to send
        await subscription.pubsub.connection.disconnect(nowait=True)
        await dropping
        assert list(subscription.channels) == ["other"]
    finally:
        await end_tasks({listening})
        await subscription.close()
