"""What was said in a room: pages of it, and how much of it a person has not read."""

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError
from django.db.models import (
    Count,
    F,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce

from chat.frames import format_utc
from chat.messages import parse_id
from chat.models import Conversation, Message, ReadMark
from intellibooks.errors import InvalidRequest, NotFound
from intellibooks.identity import Identity

LONGEST_PAGE = 100  # of a history frame
LATEST_SEQ = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Page:
    """Messages, oldest first; ``has_more`` if older ones stand before them."""

    messages: list[Message]
    has_more: bool


def read_history(room: Conversation, *, before: object = None, limit: int = 50) -> Page:
    """The newest ``limit`` messages, or those before a message id or a seq.

    Raises NotFound, InvalidRequest.
    """
    earlier = room.messages.filter(stands_before(room, before))
    newest_first = list(earlier.order_by("-seq", "-created_at", "-pk")[: limit + 1])
    return Page(newest_first[:limit][::-1], has_more=len(newest_first) > limit)


def stands_before(room: Conversation, before: object) -> Q:
    """Messages older than the cursor: none, the id of a message, or a seq."""
    if before is None or before == "":
        return Q()
    if isinstance(before, int) or (isinstance(before, str) and before.isdecimal()):
        return Q(seq__lt=read_seq(before))
    if not isinstance(before, str):
        raise InvalidRequest("before is the id of a message, or a seq.")
    mark = room.messages.filter(pk=parse_id(before)).first()
    if mark is None:
        raise NotFound("There is no such message in this session.")
    same_seq = Q(seq=mark.seq)  # 0 for all that was written before seqs were kept
    return (
        Q(seq__lt=mark.seq)
        | (same_seq & Q(created_at__lt=mark.created_at))
        | (same_seq & Q(created_at=mark.created_at, pk__lt=mark.pk))
    )


def read_seq(value: object) -> int:
    """Raises InvalidRequest."""
    text = str(value)
    is_whole = not isinstance(value, bool) and text.isascii() and text.isdigit()
    if not is_whole or len(text) > len(str(LATEST_SEQ)) or int(text) > LATEST_SEQ:
        raise InvalidRequest("A seq is a whole number from 0.")
    return int(text)


def read_limit(value: object) -> int:
    """How many messages a history frame asks for; 50 if it does not say. Raises InvalidRequest."""
    if value is None:
        return 50
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LONGEST_PAGE:
        raise InvalidRequest(f"limit is a whole number from 1 to {LONGEST_PAGE}.")
    return value


def encode_message(message: Message) -> dict[str, Any]:
    """A message for REST and for history frames."""
    known = message.metadata
    return {
        "message_id": str(message.pk),
        "role": message.role,
        "content": message.content,
        "sources": known.get("sources", []),
        "intent": known.get("intent"),
        "rag_used": known.get("rag_used") is True,
        "created_at": format_utc(message.created_at),
        "user_id": message.user_id,
        "seq": message.seq,
        "at_ms": message.at_ms,
        "client_id": message.client_id or None,
        "metadata": known,
        "edited_at": format_utc(message.edited_at) if message.edited_at else None,
        "is_deleted": message.is_deleted,
    }


def mark_read(room: Conversation, identity: Identity, seq: int) -> int | None:
    """How far that person has read now; None if nothing changed or nobody can be named.

    A mark only moves forward, and not beyond the room's last event.
    """
    reached = min(seq, room.last_seq)
    if not identity.user_id or reached < 1:
        return None
    marks = ReadMark.objects.filter(conversation=room, user_id=identity.user_id)
    if marks.filter(seq__lt=reached).update(seq=reached):
        return reached
    try:
        _, is_new = marks.get_or_create(
            conversation=room, user_id=identity.user_id, defaults={"seq": reached}
        )
    except IntegrityError:  # the room was deleted meanwhile
        return None
    return reached if is_new else None


def with_counts(rooms: QuerySet[Conversation], identity: Identity) -> QuerySet[Conversation]:
    """Each room with ``message_count``, ``last_message_at`` and ``unread_count``; one query."""
    messages = Message.objects.filter(conversation=OuterRef("pk"), deleted_at=None).order_by()
    mark = ReadMark.objects.filter(
        conversation=OuterRef("conversation"), user_id=identity.user_id
    ).values("seq")
    unread = messages.filter(seq__gt=Coalesce(Subquery(mark), Value(0))).exclude(
        user_id=identity.user_id
    )
    return rooms.annotate(
        message_count=count(messages),
        last_message_at=Subquery(
            messages.values("conversation").annotate(at=Max("created_at")).values("at")
        ),
        unread_count=count(unread) if identity.user_id else Value(0),
    )


def count(messages: QuerySet[Message]) -> Coalesce:
    counted = messages.values(room=F("conversation")).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
