"""Notifications over REST: the caller's own, polled by the client."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from chat import notifications
from chat.rest import serializers
from intellibooks.identity import identify
from intellibooks.json_parser import StrictJSONParser

ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="UUID of the notification")


class NotificationViewSet(viewsets.ViewSet):
    """What the caller should learn of outside the rooms."""

    parser_classes = (StrictJSONParser,)
    lookup_value_regex = r"[0-9a-fA-F-]{32,36}"

    @extend_schema(responses=serializers.NotificationAnswer(many=True))
    def list(self, request: Request) -> Response:
        """The newest 100, newest first."""
        found = notifications.list_notifications(identify(request))
        return Response(serializers.encode_notifications(found))

    @extend_schema(parameters=[ID], request=None, responses=serializers.DoneAnswer)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, pk: str) -> Response:
        """It was seen."""
        notifications.mark_notification_read(identify(request), pk)
        return Response({"status": "success"})
