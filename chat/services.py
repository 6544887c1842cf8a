"""What people do in a room: open it, write in it, read it."""

from typing import Any

from chat import events
from chat.models import Conversation, Message, is_session_id
from intellibooks.errors import NotFound


def open_conversation(session_id: str, *, title: str = "") -> Conversation:
    """The room of that id, made if it is new. Raises NotFound where the id is malformed."""
    if not is_session_id(session_id):
        raise NotFound("A session id has 1 to 64 letters, digits, dots, dashes or underscores.")
    conversation, _ = Conversation.objects.get_or_create(pk=session_id, defaults={"title": title})
    return conversation


def post_message(
    session_id: str,
    content: str,
    *,
    user_id: str = "",
    metadata: dict[str, Any] | None = None,
    sender: str = "",
) -> Message:
    """A person's message, stored and shown to everyone but the socket that sent it."""
    with events.record(session_id, sender=sender) as log:
        message = Message.objects.create(
            conversation=log.conversation,
            role=Message.Role.USER,
            user_id=user_id,
            content=content,
            metadata=metadata or {},
        )
        log.append(
            "message",
            content=message.content,
            role=message.role,
            message_id=str(message.pk),
            metadata={**message.metadata, "user_id": user_id},
        )
    return message
