"""A socket over the real ASGI application, with whatever credentials it shows."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.db import connections

from intellibooks.asgi import application

ROOM = "/ws/chat/room-1"


class Knock(WebsocketCommunicator):
    def __init__(
        self,
        path: str = ROOM,
        *,
        bearer: str = "",
        cookie: str = "",
        origin: str = "",
        address: str = "127.0.0.1",
    ) -> None:
        headers = [(b"host", b"127.0.0.1:8004")]
        if cookie:
            headers.append((b"cookie", cookie.encode()))
        if origin:
            headers.append((b"origin", origin.encode()))
        super().__init__(application, path, headers, ["bearer", bearer] if bearer else None)
        self.scope["client"] = (address, 1234)

    async def is_let_in(self) -> bool:
        accepted, _ = await self.connect(timeout=5)
        return accepted

    async def read_close(self) -> int:
        """The code with which the server closes; frames before it do not matter."""
        async with asyncio.timeout(5):
            while True:
                message = await self.receive_output(timeout=5)
                if message["type"] == "websocket.close":
                    return int(message["code"])

    async def read_type(self, kind: str) -> dict[str, Any]:
        async with asyncio.timeout(5):
            while True:
                frame: dict[str, Any] = json.loads(await self.receive_from(timeout=5))
                if frame["type"] == kind:
                    return frame


async def knock(path: str = ROOM, **shown: Any) -> bool:
    """Whether a socket is accepted; it is closed again."""
    socket = Knock(path, **shown)
    accepted = await socket.is_let_in()
    if accepted:
        await socket.disconnect()
    return accepted


async def in_database(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """``function`` in a thread whose connection does not stay open."""

    def run() -> Any:
        try:
            return function(*args, **kwargs)
        finally:
            connections.close_all()

    return await sync_to_async(run)()
