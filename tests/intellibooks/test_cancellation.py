"""Listeners end at once, at whatever moment of their beginning they are told to."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from chat.stream.subscription import Subscription
from intellibooks.auth.watch import Watch

MOMENTS = 60  # turns of the event loop: at the end of them both listen quietly


async def is_stubborn(listen: Coroutine[Any, Any, None], moment: int) -> bool:
    task = asyncio.create_task(listen)
    for _ in range(moment):
        await asyncio.sleep(0)
    task.cancel()
    _, running = await asyncio.wait([task], timeout=2)
    task.cancel()
    return bool(running)


def watch() -> Coroutine[Any, Any, None]:
    return Watch(lambda _: set()).run()


def subscribe() -> Coroutine[Any, Any, None]:
    subscription = Subscription(lambda *_: None, lambda _: None)
    subscription.channels["room"] = asyncio.Event()
    return subscription.run()


@pytest.mark.parametrize("listen", [watch, subscribe])
async def test_listener_ends_whenever_it_is_cancelled(
    listen: Callable[[], Coroutine[Any, Any, None]],
) -> None:
    stubborn = [moment for moment in range(MOMENTS) if await is_stubborn(listen(), moment)]
    assert not stubborn
