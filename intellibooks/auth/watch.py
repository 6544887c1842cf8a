"""The open sockets of a process, closed when their right to be open ends."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

from channels.db import database_sync_to_async
from django.conf import settings
from django.db import DatabaseError
from redis.exceptions import RedisError

from intellibooks.auth.credentials import is_current
from intellibooks.auth.revocation import Revoked, matches, name_channel
from intellibooks.cancellation import honour_cancellation
from intellibooks.identity import Identity
from intellibooks.metrics.process import SOCKETS_CLOSED
from intellibooks.redis_cluster import opening_pubsub
from intellibooks.redis_connection import aconnect

logger = logging.getLogger(__name__)

NOT_AUTHENTICATED, NOT_ALLOWED = 4401, 4403

FindViewers = Callable[[Collection[tuple[Identity, str]]], set[tuple[Identity, str]]]


class OpenSocket:
    """One socket as the middleware sees it: who, where, and a way to close it."""

    __slots__ = ("asgi_send", "identity", "is_accepted", "is_closed", "room_id", "subprotocol")

    def __init__(self, identity: Identity, room_id: str, asgi_send: Any) -> None:
        self.identity = identity
        self.room_id = room_id
        self.asgi_send = asgi_send
        self.subprotocol: str | None = None
        self.is_accepted = False
        self.is_closed = False

    def send(self, message: dict[str, Any]) -> Any:
        """The application's send; not a coroutine itself, since every frame goes through it."""
        if self.is_closed:
            return asyncio.sleep(0)  # the server would raise
        if message["type"] == "websocket.accept":
            self.is_accepted = True
            if self.subprotocol:
                message = {**message, "subprotocol": message.get("subprotocol") or self.subprotocol}
        elif message["type"] == "websocket.close":
            self.is_closed = True
        return self.asgi_send(message)

    async def close(self, code: int) -> None:
        """The server then tells the application as it would of any other end."""
        if self.is_closed or not self.is_accepted:
            return
        self.is_closed = True
        SOCKETS_CLOSED.labels(code).inc()
        with suppress(RuntimeError, OSError):  # it is gone already
            await self.asgi_send({"type": "websocket.close", "code": code})


class Watch:
    """Looks again at whom a message names at once, and at everybody from time to time."""

    def __init__(self, find_viewers: FindViewers) -> None:
        self.find_viewers = find_viewers
        self.sockets: set[OpenSocket] = set()
        self.task: asyncio.Task[None] | None = None

    def add(self, socket: OpenSocket) -> None:
        self.sockets.add(socket)
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self.run())

    def remove(self, socket: OpenSocket) -> None:
        self.sockets.discard(socket)
        if not self.sockets and self.task is not None:
            self.task.cancel()
            self.task = None

    async def run(self) -> None:
        """Lives as long as there are sockets."""
        while True:
            try:
                async with listening() as subscription:
                    await self.look({})  # what was said while nobody listened
                    await self.follow(subscription)
            except (RedisError, OSError) as error:
                honour_cancellation()
                logger.warning("revocations are seen late, Redis does not answer: %s", error)
                await asyncio.sleep(check_seconds())
                await self.look({})

    async def follow(self, subscription: Any) -> None:
        """Raises RedisError."""
        clock = asyncio.get_running_loop()
        due = clock.time() + check_seconds()
        while True:
            honour_cancellation()
            message = await subscription.get_message(timeout=max(0.0, due - clock.time()))
            if message is not None:
                await self.look(read_message(message["data"]))
            if clock.time() >= due:
                due = clock.time() + check_seconds()
                await self.look({})

    async def look(self, message: Revoked) -> None:
        """Close those who may not stay, of the concerned ones; an empty message concerns all."""
        concerned = [
            socket
            for socket in self.sockets
            # One that is still entering is asked by its room itself.
            if socket.is_accepted
            and (not message or matches(socket.identity, socket.room_id, message))
        ]
        if not concerned:
            return
        pairs = {(socket.identity, socket.room_id) for socket in concerned}
        try:
            known, seeing = await self.ask(pairs)
        except DatabaseError as error:
            logger.warning("open sockets cannot be checked, they stay open: %s", error)
            return
        for socket in concerned:
            if socket.identity not in known:
                await socket.close(NOT_AUTHENTICATED)
            elif (socket.identity, socket.room_id) not in seeing:
                await socket.close(NOT_ALLOWED)

    async def ask(
        self, pairs: set[tuple[Identity, str]]
    ) -> tuple[set[Identity], set[tuple[Identity, str]]]:
        def read() -> tuple[set[Identity], set[tuple[Identity, str]]]:
            known = {identity for identity in {pair[0] for pair in pairs} if is_current(identity)}
            return known, self.find_viewers([pair for pair in pairs if pair[0] in known])

        return await database_sync_to_async(read, thread_sensitive=False)()


@asynccontextmanager
async def listening() -> AsyncIterator[Any]:
    """A subscription to revocations. Raises RedisError."""
    client = aconnect()
    try:
        async with opening_pubsub(client, ignore_subscribe_messages=True) as subscription:
            await subscription.subscribe(name_channel())
            yield subscription
    finally:
        await client.aclose()


def read_message(body: bytes) -> Revoked:
    """What was published; everybody is looked at where it makes no sense."""
    try:
        message = json.loads(body)
    except ValueError:
        return {}
    return cast(Revoked, message) if isinstance(message, dict) else {}


def check_seconds() -> float:
    return float(getattr(settings, "REVOCATION_CHECK_SECONDS", 15))
