"""Sessions over REST: list, open, read, rename, delete, and what is said in them."""

import uuid
from contextlib import suppress
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from redis.exceptions import RedisError
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from chat import history, messages, presence, services
from chat.frames import format_utc
from chat.rest import serializers
from chat.rest.serializers import read_query, validate
from intellibooks.identity import identify
from intellibooks.json_parser import StrictJSONParser

ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="session id")
MESSAGE_ID = OpenApiParameter("message_id", str, OpenApiParameter.PATH)
WRITE_REFUSAL = "Write access required"
NO_DATABASE = {
    "success": False,
    "configured": False,
    "message": "Not available in this service",
}


class SessionViewSet(viewsets.ViewSet):
    """The rooms that whoever asks may see; a meeting is one of them under the same id."""

    parser_classes = (StrictJSONParser,)
    lookup_value_regex = r"(?!\.{1,2}(?:/|$))[A-Za-z0-9._-]{1,64}"  # dots alone are a path

    @extend_schema(parameters=[serializers.PageQuery], responses=serializers.SessionsAnswer)
    def list(self, request: Request) -> Response:
        """Newest activity first."""
        page = read_query(serializers.PageQuery, request)
        rooms = services.list_sessions(identify(request))
        shown = rooms[page["offset"] : page["offset"] + page["limit"]]
        return Response(
            {
                "sessions": encode_sessions(list(shown)),
                "total": rooms.count(),
                "persistence_enabled": True,
            }
        )

    @extend_schema(request=serializers.OpenSession, responses=serializers.OpenedAnswer)
    def create(self, request: Request) -> Response:
        """A new session; one that exists is touched and keeps its title."""
        wishes = validate(serializers.OpenSession(data=request.data or {}))
        session_id = wishes.get("session_id") or str(uuid.uuid4())
        room = services.open_session(identify(request), session_id, wishes["title"])
        return Response(encode_opened(room))

    @extend_schema(parameters=[ID], responses=serializers.SessionDetailAnswer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """A session with its newest messages, oldest of them first."""
        identity = identify(request)
        services.find_session(identity, pk)
        room = services.count_session(identity, pk)
        return Response(
            {
                **encode_sessions([room])[0],
                **serializers.encode_newest(room),
                "documents": [{"document_id": it} for it in room.document_ids],
            }
        )

    @extend_schema(
        parameters=[ID], request=serializers.RenameSession, responses=serializers.OpenedAnswer
    )
    def update(self, request: Request, pk: str) -> Response:
        """Another title."""
        identity = identify(request)
        services.find_session(identity, pk, "edit")
        wishes = validate(serializers.RenameSession(data=request.data))
        return Response(encode_opened(services.rename_session(identity, pk, wishes["title"])))

    @extend_schema(parameters=[ID], responses=serializers.DeletedAnswer)
    def destroy(self, request: Request, pk: str) -> Response:
        """The session and what was said in it; a recorded meeting loses its messages only."""
        deletion = services.delete_session(identify(request), pk)
        return Response(
            {
                "success": True,
                "session_id": pk,
                "deleted": deletion.is_found and not deletion.is_kept,
                "messages_deleted": deletion.messages,
                "message": explain_deletion(deletion),
            }
        )

    @extend_schema(parameters=[ID, serializers.MessageQuery], responses=serializers.MessagesAnswer)
    @action(detail=True, methods=["get"])
    def messages(self, request: Request, pk: str) -> Response:
        """What was said, oldest first: pages by offset, or by the cursor ``before``."""
        room = services.find_session(identify(request), pk)
        query = read_query(serializers.MessageQuery, request)
        return Response({"session_id": room.pk, **read_page(room, **query)})

    @extend_schema(
        parameters=[ID], request=serializers.MessageRequest, responses=serializers.PostedAnswer
    )
    @messages.mapping.post
    def post_message(self, request: Request, pk: str) -> Response:
        """Say something without a socket; sent again with its client_id it is the same message."""
        services.find_session(identify(request), pk, "write", refusal=WRITE_REFUSAL)
        wishes = validate(serializers.MessageRequest(data=request.data))
        author = messages.name_author(identify(request), wishes.get("user_id"))
        posted = messages.post_message(pk, messages.read_draft(wishes), author=author)
        answer = history.encode_message(posted.message)
        return Response({**answer, "duplicate": posted.is_duplicate})

    @extend_schema(
        parameters=[ID, MESSAGE_ID],
        request=serializers.EditMessage,
        responses=serializers.MessageAnswer,
    )
    @action(detail=True, methods=["patch"], url_path=r"messages/(?P<message_id>[^/]{1,64})")
    def message(self, request: Request, pk: str, message_id: str) -> Response:
        """Other words for one's own message."""
        identity = identify(request)
        services.find_session(identity, pk, "write", refusal=WRITE_REFUSAL)
        wishes = validate(serializers.EditMessage(data=request.data))
        edited = messages.edit_message(pk, message_id, wishes["content"], editor=identity)
        return Response(history.encode_message(edited))

    @extend_schema(parameters=[ID, MESSAGE_ID], responses=serializers.MessageAnswer)
    @message.mapping.delete
    def delete_message(self, request: Request, pk: str, message_id: str) -> Response:
        """Take a message back; an empty one stays in its place."""
        identity = identify(request)
        services.find_session(identity, pk, "write", refusal=WRITE_REFUSAL)
        deleted = messages.delete_message(pk, message_id, deleter=identity)
        return Response(history.encode_message(deleted))

    @extend_schema(exclude=True)
    @action(detail=True, methods=["get"], url_path="database/config")
    def database_config(self, request: Request, pk: str) -> Response:
        """Not offered: it would keep credentials and open connections on request."""
        return Response(NO_DATABASE)

    @extend_schema(exclude=True)
    @database_config.mapping.post
    def refuse_database(self, request: Request, pk: str) -> Response:
        text = NO_DATABASE["message"]
        return Response(
            {**NO_DATABASE, "detail": text, "error": text, "code": "not_implemented"}, status=501
        )


def encode_sessions(rooms: list[Any]) -> list[dict[str, Any]]:
    """While Redis is away nobody is seen in any of them."""
    connections = [0] * len(rooms)
    with suppress(RedisError):
        connections = presence.count_connections([room.pk for room in rooms])
    pairs = zip(rooms, connections, strict=True)
    return [serializers.encode_session(room, count) for room, count in pairs]


def encode_opened(room: Any) -> dict[str, Any]:
    return {
        "success": True,
        "session_id": room.pk,
        "title": room.title,
        "created_at": format_utc(room.created_at),
    }


def explain_deletion(deletion: services.Deletion) -> str:
    if deletion.is_kept:
        return "The messages are deleted. The recorded meeting stays; delete it as a meeting."
    return "Session deleted" if deletion.is_found else "There was no such session"


def read_page(room: Any, *, limit: int, offset: int, before: str = "") -> dict[str, Any]:
    total = room.messages.count()
    if before:
        page = history.read_history(room, before=before, limit=limit)
        found, has_more = page.messages, page.has_more
    else:
        found = list(room.messages.all()[offset : offset + limit])
        has_more = offset + len(found) < total
    encoded = [history.encode_message(message) for message in found]
    return {"messages": encoded, "total": total, "has_more": has_more}
