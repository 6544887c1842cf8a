"""The application behind the server and the limits that `manage.py serve` gives it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from websockets.asyncio.client import ClientConnection, connect

from intellibooks.asgi import application
from intellibooks.serving import build_web_command
from tests.intellibooks.serve_process import find_free_port


def read_flag(name: str) -> str:
    command = [str(word) for word in build_web_command("127.0.0.1", 1)]
    return command[command.index(f"--{name}") + 1]


@asynccontextmanager
async def running_server() -> AsyncIterator[str]:
    """The address of its rooms; in this process and event loop, so with this test's database."""
    port = find_free_port()
    config = uvicorn.Config(
        application,
        port=port,
        ws=read_flag("ws"),
        ws_max_size=int(read_flag("ws-max-size")),
        ws_per_message_deflate=False,
        lifespan="off",
        log_level="warning",
        log_config=None,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())  # noqa: SLF001 - without its signal handlers
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"ws://127.0.0.1:{port}/ws/chat"
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def entering(address: str, **options: Any) -> AsyncIterator[ClientConnection]:
    async with connect(address, compression=None, proxy=None, close_timeout=2, **options) as socket:
        yield socket


async def read_frame(socket: ClientConnection, kind: str = "") -> dict[str, Any]:
    """The next frame of that kind. Raises ConnectionClosed."""
    async with asyncio.timeout(10):
        while True:
            frame: dict[str, Any] = json.loads(await socket.recv())
            if kind in {"", frame["type"]}:
                return frame
