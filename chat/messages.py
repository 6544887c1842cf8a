"""Messages: said, corrected, taken back; stored and shown in one transaction."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from chat import access, events, mentions, notifications, wording
from chat.erasing import bury_message, rewrite_frames
from chat.frames import format_utc
from chat.models import Conversation, Message
from intellibooks.errors import Conflict, Forbidden, NotFound
from intellibooks.identity import Identity, is_open

ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Draft:
    """What a client wants to say, already cleaned by ``read_draft``."""

    content: str
    metadata: dict[str, Any]
    client_id: str = ""
    at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """A stored message; ``is_duplicate`` if it had been stored by an earlier try."""

    message: Message
    is_duplicate: bool = False


def read_draft(fields: dict[str, Any]) -> Draft:
    """The message that a frame or a request body holds. Raises InvalidMessage."""
    return Draft(
        content=wording.clean_content(fields.get("content")),
        metadata=wording.clean_metadata(fields.get("metadata")),
        client_id=wording.clean_client_id(fields.get("client_id")),
        at_ms=wording.clean_moment(fields.get("at_ms")),
    )


def name_author(identity: Identity, claimed: object) -> Identity:
    """Whoever writes: in open mode one without a name may claim it with each message."""
    if identity.user_id or not is_open() or not isinstance(claimed, str):
        return identity
    return Identity(user_id=wording.clean_name(claimed), share_token=identity.share_token)


def post_message(
    session_id: str,
    draft: Draft,
    *,
    author: Identity,
    role: str = Message.Role.USER,
    sender: str = "",
) -> Posted:
    """A message, stored and shown to everyone but the socket that sent it.

    Sent again with the same client_id it is the same message. Raises NotFound, Forbidden, and
    Conflict where the client_id was used for other words.
    """
    with events.record(session_id, sender=sender) as log:
        room = log.conversation
        access.require(author, room, "write", refusal="Write access required")
        if draft.client_id and (earlier := find_earlier(room, draft, author.user_id)):
            return Posted(earlier, is_duplicate=True)
        called = mentions.find_mentioned(room, draft.content, author=author.user_id)
        metadata = draft.metadata | ({"mentions": called} if called else {})
        message = Message(
            conversation=room,
            role=role,
            user_id=author.user_id,
            content=draft.content,
            metadata=metadata,
            client_id=draft.client_id,
            at_ms=draft.at_ms,
        )
        store_message(log, message)
        tell_mentioned(message, called)
    return Posted(message)


def find_earlier(room: Conversation, draft: Draft, user_id: str) -> Message | None:
    """The message of that client_id; the room's row is held, so nobody stores it meanwhile."""
    earlier = room.messages.filter(user_id=user_id, client_id=draft.client_id).first()
    if earlier is None:
        return None
    was_changed = earlier.edited_at is not None or earlier.is_deleted
    if earlier.content != draft.content and not was_changed:
        raise Conflict("This client_id was used for another message.")
    return earlier


def post_assistant_message(
    session_id: str,
    content: str,
    metadata: dict[str, Any] | None = None,
    message_id: uuid.UUID | None = None,
) -> Message:
    """What the assistant says, shown to everyone; the id is that of the ``message_delta`` frames
    that it was streamed in. Raises NotFound.
    """
    with events.record(session_id) as log:
        message = Message(
            id=message_id or uuid.uuid4(),
            conversation=log.conversation,
            role=Message.Role.ASSISTANT,
            user_id=ASSISTANT,
            content=content,
            metadata=metadata or {},
        )
        store_message(log, message)
    return message


def store_message(log: events.EventLog, message: Message) -> None:
    """The row and its frame, under one ``seq``."""
    message.seq = log.conversation.last_seq + 1
    message.save(force_insert=True)
    extra: dict[str, Any] = {"at_ms": message.at_ms} if message.at_ms is not None else {}
    if message.client_id:
        extra["client_id"] = message.client_id
    log.append(
        "message",
        content=message.content,
        role=message.role,
        message_id=str(message.pk),
        metadata={**message.metadata, "user_id": message.user_id},
        **extra,
    )


def tell_mentioned(message: Message, user_ids: list[str]) -> None:
    room = message.conversation
    notifications.notify(
        user_ids,
        notifications.MENTION,
        title=f"{message.user_id or 'Somebody'} mentioned you in {room.title or room.pk}",
        content=message.content,
        link=notifications.link_to(room, message.pk),
    )


def edit_message(session_id: str, message_id: str, content: object, *, editor: Identity) -> Message:
    """Other words for one's own message; its frames in the log say them too, from now on.

    Raises NotFound, Forbidden, InvalidMessage.
    """
    text = wording.clean_content(content)
    with events.record(session_id) as log:
        message = find_message(log.conversation, message_id, editor)
        if not is_author(editor, message):
            raise Forbidden("Only its author can edit a message")
        reword_message(log, message, text)
    return message


def reword_message(log: events.EventLog, message: Message, text: str) -> None:
    room, earlier = log.conversation, message.metadata.get("mentions", [])
    called = mentions.find_mentioned(room, text, author=message.user_id)
    message.metadata.pop("mentions", None)
    message.metadata |= {"mentions": called} if called else {}
    message.content, message.edited_at = text, timezone.now()
    message.save(update_fields=["content", "metadata", "edited_at"])
    rewrite_frames(message)
    notifications.retell(room, message.pk, text)
    tell_mentioned(message, [user_id for user_id in called if user_id not in earlier])
    log.append(
        "message_edited",
        message_id=str(message.pk),
        content=text,
        role=message.role,
        metadata={**message.metadata, "user_id": message.user_id},
        edited_at=format_utc(message.edited_at),
    )


def delete_message(session_id: str, message_id: str, *, deleter: Identity) -> Message:
    """A tombstone in the message's place: nothing of its words stays, neither in the log.

    Its author may, and whoever manages the room. Raises NotFound, Forbidden.
    """
    with events.record(session_id) as log:
        message = find_message(log.conversation, message_id, deleter)
        may = is_author(deleter, message) or access.allows(deleter, log.conversation, "manage")
        if not may:
            raise Forbidden("Only its author or an owner can delete a message")
        bury_message(log, message)
    return message


def find_message(room: Conversation, message_id: str, identity: Identity) -> Message:
    """A message that still says something, of a room one may write in."""
    access.require(identity, room, "write", refusal="Write access required")
    message = room.messages.filter(pk=parse_id(message_id), deleted_at=None).first()
    if message is None:
        raise NotFound("There is no such message in this session.")
    return message


def parse_id(message_id: object) -> uuid.UUID:
    try:
        return uuid.UUID(str(message_id))
    except ValueError as error:
        raise NotFound("There is no such message in this session.") from error


def is_author(identity: Identity, message: Message) -> bool:
    """Nameless people of open mode are all the same person."""
    return message.role == Message.Role.USER and message.user_id == identity.user_id
