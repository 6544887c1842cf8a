"""Who is there, who types, who has read how far."""

import time
from typing import Any

from chat import history, presence
from chat.models import Conversation
from chat.stream.incoming import BadFrame, read_seq
from chat.stream.presence_watch import get_watch
from chat.stream.socket import RoomSocket
from intellibooks.identity import Identity

SECONDS_BETWEEN_TYPING = 2.0


async def enter(socket: RoomSocket) -> None:
    get_watch().enter(socket)


async def leave(socket: RoomSocket) -> None:
    get_watch().leave(socket)


async def type_text(socket: RoomSocket, frame: dict[str, Any]) -> None:
    """Shown to the others and not kept; that somebody still types is said every 2 s at most."""
    is_typing = frame.get("is_typing", True)
    if not isinstance(is_typing, bool):
        raise BadFrame("INVALID_MESSAGE", "is_typing is true or false.")
    typed_at, now = socket.state.get("typed_at", 0.0), time.monotonic()
    if is_typing and (not typed_at or now - typed_at >= SECONDS_BETWEEN_TYPING):
        socket.state["typed_at"] = now
        tell_typing(socket, is_typing=True)
    if not is_typing and typed_at:
        socket.state["typed_at"] = 0.0
        tell_typing(socket, is_typing=False)


def tell_typing(socket: RoomSocket, *, is_typing: bool) -> None:
    user_id = socket.identity.user_id
    socket.tell_others(
        "typing", user_id=user_id, name=user_id or presence.GUEST, is_typing=is_typing
    )


async def read(socket: RoomSocket, frame: dict[str, Any]) -> None:
    """How far one has read, kept for the unread counts and shown to the others."""
    seq = read_seq(frame, "seq")
    reached = await socket.run(mark_read, socket.session_id, socket.identity, seq)
    if reached is not None:
        socket.tell_others("read", user_id=socket.identity.user_id, read_seq=reached)


def mark_read(session_id: str, identity: Identity, seq: int) -> int | None:
    room = Conversation.objects.filter(pk=session_id).first()
    return history.mark_read(room, identity, seq) if room else None
