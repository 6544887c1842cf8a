"""What is said in a room: messages, corrections, history."""

from typing import Any

from chat import history, messages
from chat.models import Conversation
from chat.stream import replies
from chat.stream.socket import RoomSocket
from intellibooks.errors import NotFound


async def say(socket: RoomSocket, frame: dict[str, Any]) -> None:
    """A message for the others; with a client_id its sender gets an ``ack``."""
    posted = await socket.run(
        messages.post_message,
        socket.session_id,
        messages.read_draft(frame),
        author=messages.name_author(socket.identity, frame.get("user_id")),
        sender=socket.connection_id,
    )
    message = posted.message
    if message.client_id:
        await socket.reply(
            "ack",
            client_id=message.client_id,
            message_id=str(message.pk),
            seq=message.seq,
            duplicate=posted.is_duplicate,
        )
    if not posted.is_duplicate:
        replies.start_reply(socket, message, frame.get("type", "message"))


async def edit(socket: RoomSocket, frame: dict[str, Any]) -> None:
    """``message_edited`` goes to everyone, its sender too."""
    await socket.run(
        messages.edit_message,
        socket.session_id,
        str(frame.get("message_id")),
        frame.get("content"),
        editor=messages.name_author(socket.identity, frame.get("user_id")),
    )


async def delete(socket: RoomSocket, frame: dict[str, Any]) -> None:
    """``message_deleted`` goes to everyone, its sender too."""
    await socket.run(
        messages.delete_message,
        socket.session_id,
        str(frame.get("message_id")),
        deleter=messages.name_author(socket.identity, frame.get("user_id")),
    )


async def answer_history(socket: RoomSocket, frame: dict[str, Any]) -> None:
    """A page of messages, oldest first, to the asker alone."""
    limit = history.read_limit(frame.get("limit"))
    fields = await socket.run(encode_page, socket.session_id, frame.get("before"), limit)
    await socket.reply("history", **fields)


def encode_page(session_id: str, before: object, limit: int) -> dict[str, Any]:
    room = Conversation.objects.filter(pk=session_id).first()
    if room is None:
        raise NotFound
    page = history.read_history(room, before=before, limit=limit)
    encoded = [history.encode_message(message) for message in page.messages]
    return {"messages": encoded, "has_more": page.has_more}
