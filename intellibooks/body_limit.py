"""No request body above the limit is read, and none that only drips in.

Refused at its header, when it has grown past the limit, or when its bytes do not come.
"""

import asyncio
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from intellibooks.errors import DomainError, TooLarge, TooSlow

# Slower than any codec of speech: a recorder on such a line could not keep up anyway.
LEAST_BYTES_PER_SECOND = 1024
PATIENCE_SECONDS = 60.0
LINGER_SECONDS = 5.0


class BodyRefused(Exception):
    """The body grew past the limit, or stopped coming, while it was being received."""

    def __init__(self, problem: DomainError) -> None:
        super().__init__(problem.error)
        self.problem = problem


class LimitBody:
    """ASGI middleware around the HTTP application; ``limit`` in bytes, ``limits`` for paths.

    A body has ``patience`` seconds, and another one for each LEAST_BYTES_PER_SECOND that came.
    It also notes when the request began (``scope["begun_at"]``, seconds since the epoch): a
    view is called only when the whole body is there, which for an upload can be much later.
    """

    def __init__(
        self,
        application: Any,
        limit: int,
        limits: Mapping[str, int] | None = None,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self.application = application
        self.limit = limit
        self.limits = limits or {}
        self.patience = patience

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        scope["begun_at"] = time.time()
        limit = self.limits.get(scope.get("path", "").rstrip("/"), self.limit)
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or int(length) > limit:
            await refuse(send, too_large(limit), receive)
            return
        body = LimitedBody(receive, limit, self.patience)
        started = False

        async def send_noted(message: Any) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.application(scope, body.receive, send_noted)
        except BodyRefused as refusal:
            if not started:
                await refuse(send, refusal.problem, None if body.is_slow else receive)


class LimitedBody:
    """What is received of one request; raises BodyRefused."""

    __slots__ = ("begun", "from_server", "is_slow", "is_whole", "limit", "patience", "received")

    def __init__(self, from_server: Any, limit: int, patience: float) -> None:
        self.from_server, self.limit, self.patience = from_server, limit, patience
        self.received = 0
        self.is_whole = self.is_slow = False
        self.begun = asyncio.get_running_loop().time()

    async def receive(self) -> Any:
        if self.is_whole:  # all that can come is that the client leaves
            return await self.from_server()
        deadline = self.begun + self.patience + self.received / LEAST_BYTES_PER_SECOND
        try:
            async with asyncio.timeout_at(deadline):
                message = await self.from_server()
        except TimeoutError:
            self.is_slow = True
            raise BodyRefused(
                TooSlow("The body of the request did not come in time; please send it again.")
            ) from None
        self.received += len(message.get("body", b""))
        if self.received > self.limit:
            raise BodyRefused(too_large(self.limit))
        self.is_whole = not message.get("more_body", False)
        return message


def too_large(limit: int) -> TooLarge:
    return TooLarge(f"The request is larger than the {limit} bytes allowed.")


async def refuse(send: Any, problem: DomainError, receive: Any = None) -> None:
    """With ``receive`` the connection is closed once the client has stopped sending.

    Closed before, its machine may throw the answer away: it sees a broken connection.
    """
    body = json.dumps(problem.body()).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    if receive is not None:
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                while (await receive()).get("more_body", False):
                    pass
    await send({"type": "http.response.body", "body": b""})
