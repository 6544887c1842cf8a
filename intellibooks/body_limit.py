"""No request body above the limit is read: refused at its header, or when it has grown past."""

import json
import time
from collections.abc import Mapping
from typing import Any

from intellibooks.errors import TooLarge


class BodyTooLarge(Exception):
    """The body grew past the limit while it was being received."""


class LimitBody:
    """ASGI middleware around the HTTP application; ``limit`` in bytes, ``limits`` for paths.

    It also notes when the request began (``scope["begun_at"]``, seconds since the epoch): a
    view is called only when the whole body is there, which for an upload can be much later.
    """

    def __init__(
        self, application: Any, limit: int, limits: Mapping[str, int] | None = None
    ) -> None:
        self.application = application
        self.limit = limit
        self.limits = limits or {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        scope["begun_at"] = time.time()
        limit = self.limits.get(scope.get("path", "").rstrip("/"), self.limit)
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or int(length) > limit:
            await self.refuse(send, limit)
            return
        received = 0
        started = False

        async def receive_counted() -> Any:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise BodyTooLarge
            return message

        async def send_noted(message: Any) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.application(scope, receive_counted, send_noted)
        except BodyTooLarge:
            if not started:
                await self.refuse(send, limit)

    async def refuse(self, send: Any, limit: int) -> None:
        problem = TooLarge(f"The request is larger than the {limit} bytes allowed.")
        body = json.dumps(problem.body()).encode()
        headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": body})
