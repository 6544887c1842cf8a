"""The product's own application, with one frame more: what is shouted goes to the others unkept.

Everything else is what `manage.py serve` runs, so the fan-out alone is measured, without the
database. Chat messages are kept, and measured for themselves.
"""

from typing import Any

from intellibooks.asgi import application  # first: it sets Django up

# isort: split
from chat.stream.handlers import HANDLERS, Handler
from chat.stream.socket import RoomSocket

__all__ = ["application"]


async def shout(socket: RoomSocket, frame: dict[str, Any]) -> None:
    socket.tell_others("shout", content=str(frame.get("content", "")))


HANDLERS["shout"] = Handler(shout, "write")
