"""A client of a room, over the real ASGI application."""

import asyncio
import json
from typing import Any

from channels.testing import WebsocketCommunicator

from intellibooks.asgi import application
from tests.contract.frames import verify_told


class Socket(WebsocketCommunicator):
    """Presence comes when it is its turn, so it is set aside: ``read_presence``.

    Every frame that a test reads must be one that ``/asyncapi.yaml`` describes.
    """

    def __init__(self, path: str = "/ws/chat/session-1", origin: str = "") -> None:
        headers = [(b"host", b"127.0.0.1:8004")]
        if origin:
            headers.append((b"origin", origin.encode()))
        self.presence: list[dict[str, Any]] = []
        super().__init__(self.run_application, path, headers)

    async def run_application(self, scope: Any, receive: Any, send: Any) -> None:
        async def sift(message: Any) -> None:
            text = message.get("text") or ""
            if text.startswith('{"type":"presence"'):
                self.presence.append(json.loads(text))
            else:
                await send(message)

        await application(scope, receive, sift)

    async def read(self) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(await self.receive_from(timeout=5))
        verify_told(frame)
        return frame

    async def read_type(self, kind: str) -> dict[str, Any]:
        """The next frame of that type; who came and went meanwhile does not matter."""
        while (frame := await self.read())["type"] != kind:
            pass
        return frame

    async def read_presence(self, count: int) -> dict[str, Any]:
        """The presence once it says that so many are there."""
        async with asyncio.timeout(5):
            while not self.presence or self.presence[-1]["count"] != count:
                await asyncio.sleep(0.02)
        return self.presence[-1]

    async def say(self, **frame: Any) -> None:
        await self.send_to(json.dumps(frame))

    async def open(self) -> dict[str, Any]:
        accepted, _ = await self.connect(timeout=5)
        assert accepted
        return await self.read()
