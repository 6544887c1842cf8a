"""Conversations over REST: made, published, shared, continued."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from chat import history, messages, sharing
from chat.rest import serializers
from chat.rest.serializers import validate
from intellibooks.identity import identify
from intellibooks.json_parser import StrictJSONParser

ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="UUID of the conversation")
TOKEN = OpenApiParameter("token", str, OpenApiParameter.PATH, description="of a public link")
USER = OpenApiParameter("user_id", str, OpenApiParameter.PATH)
WRITE_REFUSAL = "Write access required"


class ConversationViewSet(viewsets.ViewSet):
    """Rooms that belong to somebody, who may open them to others."""

    parser_classes = (StrictJSONParser,)
    lookup_value_regex = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

    @extend_schema(request=serializers.CreateConversation, responses=serializers.ConversationAnswer)
    def create(self, request: Request) -> Response:
        """A conversation of the caller's own."""
        wishes = validate(serializers.CreateConversation(data=request.data or {}))
        author = messages.name_author(identify(request), wishes.get("user_id"))
        room = sharing.create_conversation(author, wishes["title"], wishes["document_ids"])
        return Response(serializers.encode_conversation(room))

    @extend_schema(parameters=[ID], responses=serializers.ConversationAnswer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """A conversation with its newest messages, oldest of them first."""
        room = sharing.find_conversation(identify(request), pk)
        return Response(serializers.encode_conversation(room))

    @extend_schema(parameters=[TOKEN], responses=serializers.ConversationAnswer)
    @action(
        detail=False,
        methods=["get"],
        url_path=r"public/(?P<token>[\w-]{1,64})",
        permission_classes=[],  # the link is what one has to show
    )
    def public(self, request: Request, token: str) -> Response:
        """What somebody published, for everyone who has the link."""
        return Response(serializers.encode_conversation(sharing.find_public(token)))

    @extend_schema(parameters=[ID], request=None, responses=serializers.PublishedAnswer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str) -> Response:
        """A public link to read by; asked for again it is the same one."""
        identity = identify(request)
        room = sharing.find_conversation(
            identity, pk, "manage", refusal=sharing.ONLY_OWNERS_PUBLISH
        )
        token = sharing.publish(room, identity)
        return Response({"share_token": token, "share_url": f"/share/{token}"})

    @extend_schema(parameters=[ID], responses=serializers.DoneAnswer)
    @publish.mapping.delete
    def unpublish(self, request: Request, pk: str) -> Response:
        """The public link leads nowhere from now on."""
        identity = identify(request)
        room = sharing.find_conversation(
            identity, pk, "manage", refusal=sharing.ONLY_OWNERS_PUBLISH
        )
        sharing.unpublish(room, identity)
        return Response({"status": "success"})

    @extend_schema(
        parameters=[ID], request=serializers.RoleMessageRequest, responses=serializers.PostedAnswer
    )
    @action(detail=True, methods=["post"], url_path="messages")
    def post_message(self, request: Request, pk: str) -> Response:
        """Add what a person said, or what an assistant elsewhere answered."""
        room = sharing.find_conversation(identify(request), pk, "write", refusal=WRITE_REFUSAL)
        wishes = validate(serializers.RoleMessageRequest(data=request.data))
        author = messages.name_author(identify(request), wishes.get("user_id"))
        posted = messages.post_message(
            room.pk, messages.read_draft(wishes), author=author, role=wishes["role"]
        )
        answer = history.encode_message(posted.message)
        return Response({**answer, "duplicate": posted.is_duplicate})

    @extend_schema(parameters=[ID], responses=serializers.CollaboratorAnswer(many=True))
    @action(detail=True, methods=["get"])
    def collaborators(self, request: Request, pk: str) -> Response:
        """Who takes part, the owner too."""
        identity = identify(request)
        room = sharing.find_conversation(identity, pk)
        members = sharing.list_collaborators(identity, room)
        return Response([serializers.encode_collaborator(member) for member in members])

    @extend_schema(
        parameters=[ID],
        request=serializers.SetCollaborator,
        responses=serializers.CollaboratorAnswer,
    )
    @collaborators.mapping.post
    def set_collaborator(self, request: Request, pk: str) -> Response:
        """Let somebody take part, or in another role; they are told of it."""
        identity = identify(request)
        room = sharing.find_conversation(identity, pk, "manage", refusal=sharing.ONLY_OWNERS_MANAGE)
        wishes = validate(serializers.SetCollaborator(data=request.data))
        member = sharing.set_collaborator(room, identity, wishes["user_id"], wishes["role"])
        return Response({"status": "success", **serializers.encode_collaborator(member)})

    @extend_schema(parameters=[ID, USER], responses=serializers.DoneAnswer)
    @action(detail=True, methods=["delete"], url_path=r"collaborators/(?P<user_id>[^/]{1,150})")
    def remove_collaborator(self, request: Request, pk: str, user_id: str) -> Response:
        """Somebody takes part no more; everyone may leave by themselves."""
        identity = identify(request)
        act = sharing.name_removal(identity, user_id)
        room = sharing.find_conversation(identity, pk, act, refusal=sharing.ONLY_OWNERS_MANAGE)
        sharing.remove_collaborator(room, identity, user_id)
        return Response({"status": "success"})
