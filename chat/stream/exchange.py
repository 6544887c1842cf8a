"""Frames that are not kept, from hub to hub: typing, comings and goings."""

import asyncio
from contextlib import suppress
from typing import NamedTuple

from django.conf import settings
from redis.asyncio import Redis
from redis.exceptions import RedisError

from chat.stream import wire
from intellibooks.redis_cluster import count_subscribers

MOST_WAITING = 10_000  # frames; a Redis that hangs must not fill the memory


class Told(NamedTuple):
    session_id: str
    text: str
    kind: str
    sender: str


def exchange_channel() -> str:
    return f"{settings.CHANNEL_PREFIX}__hubs"


class Exchange:
    """The channel on which the hubs talk. All that gathers during a round trip goes in the next.

    A hub that is the only one says nothing: its own sockets have the frame already, and the
    round trip would cost more than the fan-out of a small room. Each hub says hello when it
    comes, so that the others know.
    """

    def __init__(self, name: str, redis: Redis) -> None:
        self.mark = name.encode()  # of our own messages, told apart without unpacking them
        self.redis = redis
        self.waiting: list[Told] = []
        self.publishing: asyncio.Task[None] | None = None
        self.is_alone = False
        self.heard = 0  # messages of others

    def tell(self, told: Told) -> None:
        if self.is_alone or len(self.waiting) >= MOST_WAITING:
            return
        self.waiting.append(told)
        if self.publishing is None:
            self.publishing = asyncio.create_task(self.publish())

    async def publish(self) -> None:
        """Lost where Redis is away: nobody is promised these frames."""
        try:
            while self.waiting:
                batch, self.waiting = self.waiting, []
                await self.redis.publish(exchange_channel(), self.mark + wire.pack(batch))
        except (RedisError, OSError):
            self.waiting.clear()
        finally:
            self.publishing = None

    def hear(self, body: bytes) -> list[Told]:
        """What another hub said. Raises ValueError or TypeError where it is nonsense."""
        if body.startswith(self.mark):
            return []
        self.heard += 1
        self.is_alone = False
        return [Told(*told) for told in wire.unpack(body[len(self.mark) :])]

    async def greet(self) -> None:
        """Say that we are here, and ask how many we are."""
        with suppress(RedisError, OSError):
            heard = self.heard
            await self.redis.publish(exchange_channel(), self.mark + wire.pack([]))
            hubs = await count_subscribers(self.redis, exchange_channel())
            # One that came while we asked has greeted us.
            self.is_alone = hubs <= 1 and heard == self.heard

    async def finish(self) -> None:
        """What was said last goes out."""
        if self.publishing is not None:
            with suppress(RedisError, OSError):
                await self.publishing
