"""The WebSocket of a room: a plain ASGI application, because that is what scales.

A consumer class of Channels costs every forwarded frame a task and a thread hop.
"""

import logging
from typing import Any

from django.db import DatabaseError

from chat.stream.dispatch import call_hooks, receive_frame
from chat.stream.handlers import ENTERED, LEFT
from chat.stream.socket import RoomSocket
from intellibooks.errors import DomainError

logger = logging.getLogger(__name__)

UNAVAILABLE = 4503


async def room(scope: Any, receive: Any, send: Any) -> None:
    """One socket in the room that the address names."""
    await receive()  # websocket.connect
    socket = RoomSocket(scope, send)
    try:
        await socket.enter()
    except DomainError:
        await send({"type": "websocket.close"})  # before accept: the handshake is refused for good
        return
    except DatabaseError:
        logger.exception("session %s cannot be opened", socket.session_id)
        await socket.accept()
        await socket.close(UNAVAILABLE, "The service is not ready; please try again.")
        return
    del scope  # it holds every header; a room has thousands of quiet sockets
    await socket.accept()
    try:
        await socket.join()
        await call_hooks(ENTERED, socket)
        while (message := await receive())["type"] == "websocket.receive":
            await receive_frame(socket, message.get("text"))
    except OSError:
        return  # it went away while we answered
    finally:
        try:
            await socket.leave()
        finally:  # also where a server that ends cancels us
            await call_hooks(LEFT, socket)


async def refuse(scope: Any, receive: Any, send: Any) -> None:
    """Every other address: the handshake is refused instead of failing with a traceback."""
    await receive()
    await send({"type": "websocket.close"})
