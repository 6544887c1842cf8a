"""Taking words back: out of their row, out of the event log, out of notifications.

Every event keeps its place in the log, because viewers count them; it only says nothing.
"""

import json
from typing import Any

from django.utils import timezone

from chat import events, notifications
from chat.frames import encode
from chat.models import Conversation, Event, Message

SHOWN_IN = ("message", "message_edited")  # the kept frames that carry a message's text


def redact_message(message: Message) -> None:
    """A tombstone in its place, whoever said it; a second time changes nothing."""
    with events.record(message.conversation_id) as log:
        fresh = log.conversation.messages.filter(pk=message.pk, deleted_at=None).first()
        if fresh is not None:
            bury_message(log, fresh)


def bury_message(log: events.EventLog, message: Message) -> None:
    message.content, message.metadata = "", {}
    message.deleted_at = timezone.now()
    message.save(update_fields=["content", "metadata", "deleted_at"])
    rewrite_frames(message)
    notifications.withdraw(notifications.link_to(log.conversation, message.pk))
    log.append("message_deleted", message_id=str(message.pk))


def clear_messages(session_id: str) -> int:
    """Takes back everything said in a room that stays; how many messages there were."""
    with events.record(session_id) as log:
        count = forget_messages(log.conversation)
        log.append("history_cleared", count=count)
    return count


def forget_messages(room: Conversation) -> int:
    """Deletes the rows; the events keep their places in the log, without words."""
    notifications.withdraw_all(room)
    shown = Event.objects.filter(conversation=room, type__in=SHOWN_IN)
    for row in shown.iterator(chunk_size=500):
        reframe(row, "", {"is_deleted": True})
    count, _ = room.messages.all().delete()
    return count


def rewrite_frames(message: Message) -> None:
    """The log shows what the message says now: what was taken back is not replayed."""
    rows = Event.objects.filter(
        conversation=message.conversation_id,
        type__in=SHOWN_IN,
        seq__gte=message.seq,
        frame__contains=f'"message_id":"{message.pk}"',
    )
    for row in rows:
        reframe(row, message.content, {**message.metadata, "user_id": message.user_id})


def reframe(row: Event, content: str, metadata: dict[str, Any]) -> None:
    frame = json.loads(row.frame)
    row.frame = encode({**frame, "content": content, "metadata": metadata})
    row.save(update_fields=["frame"])
