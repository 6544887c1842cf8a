"""What each frame of a client does: the table.

A new frame type is one line in ``HANDLERS`` and one async function ``(socket, frame)`` in a file
of this package. The frame is a parsed JSON object whose content nobody has checked yet. Raise
BadFrame (or another DomainError) to answer with an error frame; the socket stays open.

``act`` is what the person needs to be allowed in the room. It is asked before the handler runs,
from what was known at the last look, and once more by ``socket.run`` in the same database hop as
the function it is given. A frame of a type that is not here is ignored.
"""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from chat.access import Act
from chat.stream import basic_frames, message_frames, people_frames
from chat.stream.socket import RoomSocket

Handle = Callable[[RoomSocket, dict[str, Any]], Awaitable[None]]
Hook = Callable[[RoomSocket], Awaitable[None]]


class Handler(NamedTuple):
    handle: Handle
    act: Act = "view"


HANDLERS: dict[str, Handler] = {
    "ping": Handler(basic_frames.answer_ping),
    "resume": Handler(basic_frames.resume),
    "message": Handler(message_frames.say, "write"),
    "research": Handler(message_frames.say, "write"),
    "smart": Handler(message_frames.say, "write"),
    "edit": Handler(message_frames.edit, "write"),
    "delete": Handler(message_frames.delete, "write"),
    "history": Handler(message_frames.answer_history),
    "typing": Handler(people_frames.type_text, "write"),
    "read": Handler(people_frames.read),
}

# Called when a socket has entered, after each of its frames, and when it has left. Nothing slow
# may be awaited in them; an error is logged and changes nothing.
ENTERED: tuple[Hook, ...] = (people_frames.enter,)
HEARD: tuple[Hook, ...] = ()
LEFT: tuple[Hook, ...] = (people_frames.leave,)
