"""The wire shapes of sessions, conversations and notifications, in and out."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request

from chat import history
from chat.frames import format_utc
from chat.models import SESSION_ID, Conversation, Membership, Message, Notification
from chat.services import DEFAULT_TITLE
from chat.wording import LONGEST_MESSAGE, LONGEST_NAME

LONGEST_LIST = 500
MOST_DOCUMENTS = 200


class PageQuery(serializers.Serializer[Any]):
    limit = serializers.IntegerField(default=100, min_value=1, max_value=LONGEST_LIST)
    offset = serializers.IntegerField(default=0, min_value=0, max_value=2**31)


class MessageQuery(PageQuery):
    before = serializers.CharField(
        required=False, max_length=64, help_text="a message id or a seq; offset is ignored then"
    )


class OpenSession(serializers.Serializer[Any]):
    session_id = serializers.RegexField(
        rf"\A{SESSION_ID.pattern}\Z", required=False, allow_null=True
    )
    title = serializers.CharField(default=DEFAULT_TITLE, max_length=200, allow_blank=True)


class RenameSession(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=200)


class MessageRequest(serializers.Serializer[Any]):
    content = serializers.CharField(
        trim_whitespace=False,
        allow_blank=True,  # refused with the words that the socket uses
        help_text=f"1 to {LONGEST_MESSAGE} characters",
    )
    metadata = serializers.DictField(required=False)
    client_id = serializers.CharField(required=False, max_length=64)
    at_ms = serializers.IntegerField(required=False)
    user_id = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_NAME)


class RoleMessageRequest(MessageRequest):
    role = serializers.ChoiceField((Message.Role.USER, Message.Role.ASSISTANT), default="user")


class EditMessage(serializers.Serializer[Any]):
    content = serializers.CharField(trim_whitespace=False, allow_blank=True)


class CreateConversation(serializers.Serializer[Any]):
    user_id = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_NAME)
    title = serializers.CharField(default="New Conversation", max_length=200, allow_blank=True)
    document_ids = serializers.ListField(
        child=serializers.CharField(max_length=200), default=list, max_length=MOST_DOCUMENTS
    )


class SetCollaborator(serializers.Serializer[Any]):
    """Either ``user_id`` or ``email``, which then is the user id."""

    user_id = serializers.CharField(required=False, max_length=LONGEST_NAME)
    email = serializers.EmailField(required=False, max_length=LONGEST_NAME)
    role = serializers.ChoiceField((Membership.Role.VIEWER, Membership.Role.EDITOR))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        who = attrs.get("user_id") or attrs.get("email")
        if not who:
            raise serializers.ValidationError("Send user_id or email.")
        return {"user_id": who, "role": attrs["role"]}


class MessageAnswer(serializers.Serializer[Any]):
    message_id = serializers.CharField()
    role = serializers.CharField()
    content = serializers.CharField()
    sources = serializers.ListField()
    intent = serializers.CharField(allow_null=True)
    rag_used = serializers.BooleanField()
    created_at = serializers.CharField()
    user_id = serializers.CharField()
    seq = serializers.IntegerField()
    at_ms = serializers.IntegerField(allow_null=True)
    client_id = serializers.CharField(allow_null=True)
    metadata = serializers.DictField()
    edited_at = serializers.CharField(allow_null=True)
    is_deleted = serializers.BooleanField()


class PostedAnswer(MessageAnswer):
    duplicate = serializers.BooleanField()


class SessionAnswer(serializers.Serializer[Any]):
    session_id = serializers.CharField()
    title = serializers.CharField()
    document_count = serializers.IntegerField()
    message_count = serializers.IntegerField()
    unread_count = serializers.IntegerField()
    is_active = serializers.BooleanField()
    connections = serializers.IntegerField()
    created_at = serializers.CharField()
    updated_at = serializers.CharField()
    last_message_at = serializers.CharField(allow_null=True)


@extend_schema_serializer(many=False)  # one object, which holds the list
class SessionsAnswer(serializers.Serializer[Any]):
    sessions = SessionAnswer(many=True)
    total = serializers.IntegerField()
    persistence_enabled = serializers.BooleanField()


class SessionDetailAnswer(SessionAnswer):
    messages = MessageAnswer(many=True)
    has_more = serializers.BooleanField()
    documents = serializers.ListField(child=serializers.DictField())


class OpenedAnswer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    session_id = serializers.CharField()
    title = serializers.CharField()
    created_at = serializers.CharField()


class DeletedAnswer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    session_id = serializers.CharField()
    deleted = serializers.BooleanField()
    messages_deleted = serializers.IntegerField()
    message = serializers.CharField()


class MessagesAnswer(serializers.Serializer[Any]):
    session_id = serializers.CharField()
    messages = MessageAnswer(many=True)
    total = serializers.IntegerField()
    has_more = serializers.BooleanField()


class ConversationAnswer(serializers.Serializer[Any]):
    id = serializers.CharField()
    user_id = serializers.CharField()
    title = serializers.CharField()
    document_ids = serializers.ListField(child=serializers.CharField())
    is_public = serializers.BooleanField()
    created_at = serializers.CharField()
    updated_at = serializers.CharField()
    messages = MessageAnswer(many=True)
    has_more = serializers.BooleanField()


class PublishedAnswer(serializers.Serializer[Any]):
    share_token = serializers.CharField()
    share_url = serializers.CharField()


class DoneAnswer(serializers.Serializer[Any]):
    status = serializers.CharField()


class CollaboratorAnswer(serializers.Serializer[Any]):
    user_id = serializers.CharField()
    role = serializers.CharField()
    created_at = serializers.CharField()


class NotificationAnswer(serializers.Serializer[Any]):
    id = serializers.CharField()
    user_id = serializers.CharField()
    type = serializers.CharField()
    title = serializers.CharField()
    content = serializers.CharField()
    link = serializers.CharField()
    is_read = serializers.BooleanField()
    created_at = serializers.CharField()


def validate(form: serializers.Serializer[Any]) -> dict[str, Any]:
    form.is_valid(raise_exception=True)
    wishes: dict[str, Any] = form.validated_data
    return wishes


def read_query(form: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    return validate(form(data=request.query_params))


def encode_session(room: Any, connections: int) -> dict[str, Any]:
    """A room of ``services.list_sessions``, which counted what is in it."""
    said_at = room.last_message_at
    return {
        "session_id": room.pk,
        "title": room.title or DEFAULT_TITLE,
        "document_count": len(room.document_ids),
        "message_count": room.message_count,
        "unread_count": room.unread_count,
        "is_active": connections > 0,
        "connections": connections,
        "created_at": format_utc(room.created_at),
        "updated_at": format_utc(room.updated_at),
        "last_message_at": format_utc(said_at) if said_at else None,
    }


def encode_newest(room: Conversation) -> dict[str, Any]:
    page = history.read_history(room, limit=LONGEST_LIST)
    return {
        "messages": [history.encode_message(message) for message in page.messages],
        "has_more": page.has_more,
    }


def encode_conversation(room: Conversation) -> dict[str, Any]:
    return {
        "id": room.pk,
        "user_id": room.created_by,
        "title": room.title,
        "document_ids": room.document_ids,
        "is_public": room.share_token is not None,
        "created_at": format_utc(room.created_at),
        "updated_at": format_utc(room.updated_at),
        **encode_newest(room),
    }


def encode_collaborator(member: Membership) -> dict[str, Any]:
    return {
        "user_id": member.user_id,
        "role": member.role,
        "created_at": format_utc(member.created_at),
    }


def encode_notifications(found: QuerySet[Notification]) -> list[dict[str, Any]]:
    return [
        {
            "id": str(it.pk),
            "user_id": it.user_id,
            "type": it.type,
            "title": it.title,
            "content": it.content,
            "link": it.link,
            "is_read": it.is_read,
            "created_at": format_utc(it.created_at),
        }
        for it in found
    ]
