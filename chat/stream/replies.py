"""Who answers in a room besides the people: found by a setting, run beside the socket."""

import asyncio
import logging
from functools import cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from chat.models import Message
from chat.stream.socket import RoomSocket

logger = logging.getLogger(__name__)

_RUNNING: set[asyncio.Task[None]] = set()  # a task that nobody holds may be collected


class Responder(Protocol):
    """Answers one message: ``kind`` is message, research or smart.

    A ``status`` frame that it sends is followed by a message or an error: nothing else clears
    the client's spinner. It runs as a task of its own, so it may take its time.
    """

    async def __call__(self, socket: RoomSocket, message: Message, kind: str) -> None: ...


@cache
def find_responder(path: str) -> Responder:
    responder: Responder = import_string(path)
    return responder


def start_reply(socket: RoomSocket, message: Message, kind: str) -> None:
    """Lets the responder that CHAT_RESPONDER names look at a new message, if there is one."""
    path = str(getattr(settings, "CHAT_RESPONDER", ""))
    if not path:
        return
    task = asyncio.create_task(reply(find_responder(path), socket, message, kind))
    _RUNNING.add(task)
    task.add_done_callback(_RUNNING.discard)


async def reply(responder: Responder, socket: RoomSocket, message: Message, kind: str) -> None:
    """The rim of a reply: whatever goes wrong is told to the asker."""
    try:
        await responder(socket, message, kind)
    except Exception:
        logger.exception("session %s: no reply to message %s", socket.session_id, message.pk)
        await socket.complain("REPLY_FAILED", "There is no answer to this message at the moment.")
