"""The one Redis connection on which a process hears of its rooms."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.conf import settings
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from intellibooks.cancellation import honour_cancellation
from intellibooks.redis_cluster import opening_pubsub
from intellibooks.redis_connection import aconnect

logger = logging.getLogger(__name__)

CONFIRM_SECONDS = 1.0  # a socket is not kept waiting for longer
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0
QUIET_SECONDS = 15.0  # without even an answer to a ping: the connection is dead

Hear = Callable[[str, bytes], None]


def connect_redis() -> Redis:
    """A client that reports every failure at once: we reconnect, and then look what we missed."""
    client: Redis = aconnect(
        retry=Retry(NoBackoff(), 0),
        socket_timeout=settings.REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=settings.REDIS_TIMEOUT_SECONDS,
    )
    return client


class Subscription:
    """Hears the channels it was given, through restarts of Redis.

    ``hear(channel, body)`` gets what was published; ``confirmed(channel)`` says that from now on
    nothing on that channel is missed. Both are called in the event loop.
    """

    def __init__(self, hear: Hear, confirmed: Callable[[str], None]) -> None:
        self.hear, self.confirmed = hear, confirmed
        self.redis = connect_redis()
        self.pubsub: Any = None
        self.channels: dict[str, asyncio.Event] = {}
        self.is_down = False

    async def add(self, channel: str) -> None:
        """Returns once Redis has confirmed it, or soon where Redis is away."""
        event = self.channels.setdefault(channel, asyncio.Event())
        if not event.is_set():
            await self.ask("subscribe", channel)
        if not self.is_down:
            with suppress(TimeoutError):
                async with asyncio.timeout(CONFIRM_SECONDS):
                    await event.wait()

    async def remove(self, channel: str) -> None:
        if self.channels.pop(channel, None) is not None:
            await self.ask("unsubscribe", channel)

    async def ask(self, command: str, *channels: str) -> None:
        """Tell Redis. Where it is away nothing is lost: ``listen`` asks for every channel anew."""
        if self.pubsub is None:
            return
        try:
            await getattr(self.pubsub, command)(*channels)
        except (RedisError, OSError) as error:
            logger.debug("%s was not heard: %s", command, error)
        except AttributeError as error:
            # redis-py writes in a task of its own, and has no connection left if the reader has
            # ended it meanwhile: measured with 100 rooms that everybody left at once.
            logger.debug("%s came too late: %s", command, error)

    async def run(self) -> None:
        """Listens until it is cancelled."""
        pause = FIRST_PAUSE
        while True:
            try:
                await self.listen()
            except (RedisError, OSError) as error:
                honour_cancellation()
                if not self.is_down:
                    logger.warning("sockets wait for Redis: %s", error)
                pause = FIRST_PAUSE if not self.is_down else min(2 * pause, LONGEST_PAUSE)
                self.is_down = True
            for event in self.channels.values():
                event.clear()
            await asyncio.sleep(pause)

    async def listen(self) -> None:
        """Until the connection is lost. Raises RedisError or OSError."""
        async with opening_pubsub(self.redis) as pubsub:
            channels = list(self.channels)
            await pubsub.subscribe(*channels)
            self.pubsub = pubsub
            try:
                # Those that came while we connected; asking twice does no harm.
                if late := [name for name in self.channels if name not in channels]:
                    await pubsub.subscribe(*late)
                self.is_down = False
                while True:
                    honour_cancellation()
                    self.take(await pubsub.get_message(timeout=QUIET_SECONDS))
            finally:
                self.pubsub = None

    def take(self, message: dict[str, Any] | None) -> None:
        if message is None:
            raise RedisConnectionError("not even an answer to a ping")
        channel = message["channel"].decode() if message["channel"] else ""
        if message["type"] == "message":
            self.hear(channel, message["data"])
        elif message["type"] == "subscribe" and (event := self.channels.get(channel)):
            event.set()
            self.confirmed(channel)

    async def ping(self) -> None:
        """Called more often than every QUIET_SECONDS, so that a dead connection is noticed."""
        await self.ask("ping")

    async def close(self) -> None:
        with suppress(RedisError, OSError):
            await self.redis.aclose()
