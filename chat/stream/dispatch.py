"""Every frame of every client passes here: parse, limit, look up its handler, answer errors."""

import logging
from collections.abc import Iterable
from typing import Any

from django.db import DatabaseError

from chat.stream.handlers import HANDLERS, HEARD, Hook
from chat.stream.incoming import parse_frame
from chat.stream.limits import FLOOD, Flooded, limit_frame
from chat.stream.socket import ACCESS_LOST, AccessLost, RoomSocket
from intellibooks.errors import DomainError

logger = logging.getLogger(__name__)

DEFAULT_TYPE = "message"  # the contract: a frame without a type


async def receive_frame(socket: RoomSocket, text: str | None) -> None:
    """Does what the frame asks for; whatever is wrong with it becomes an error frame."""
    try:
        await limit_frame(socket)
        await handle_frame(socket, parse_frame(text))
    except Flooded as error:
        await socket.close(FLOOD, error.error)
    except AccessLost:
        await socket.close(ACCESS_LOST, "You may no longer see this room.")
    except DomainError as error:
        await socket.complain(getattr(error, "frame_code", error.code.upper()), error.error)
    except DatabaseError:
        logger.exception("a frame of session %s could not be stored", socket.session_id)
        await socket.complain("UNAVAILABLE", "The message could not be stored; please resend.")
    await call_hooks(HEARD, socket)


async def handle_frame(socket: RoomSocket, frame: dict[str, Any]) -> None:
    kind = frame.get("type", DEFAULT_TYPE)
    handler = HANDLERS.get(kind) if isinstance(kind, str) else None
    if handler is None:
        return  # the contract: an unknown type is ignored
    socket.needs = handler.act
    socket.require(handler.act)
    await handler.handle(socket, frame)


async def call_hooks(hooks: Iterable[Hook], socket: RoomSocket) -> None:
    """The rim around what is done besides: a failure is logged and the socket goes on."""
    for hook in hooks:
        try:
            await hook(socket)
        except Exception:
            logger.exception("session %s: %r failed", socket.session_id, hook)
