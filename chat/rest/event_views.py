"""The event log over REST: for whoever was away longer than a socket can be brought up to date."""

import json
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat import access, services
from chat.models import Event
from chat.rest.serializers import read_query
from chat.stream.options import LARGEST_SEQ
from intellibooks.identity import identify

ID = OpenApiParameter("pk", str, OpenApiParameter.PATH, description="session or meeting id")


class EventQuery(serializers.Serializer[Any]):
    after_seq = serializers.IntegerField(
        default=0, min_value=0, max_value=LARGEST_SEQ, help_text="of the newest event one has"
    )
    limit = serializers.IntegerField(default=200, min_value=1, max_value=1000)


class EventsAnswer(serializers.Serializer[Any]):
    session_id = serializers.CharField()
    events = serializers.ListField(
        child=serializers.DictField(), help_text="frames as sockets got them, in order of seq"
    )
    last_seq = serializers.IntegerField(help_text="of the room's newest event")
    has_more = serializers.BooleanField(help_text="ask again with the seq of the last one here")
    gap = serializers.BooleanField(
        help_text="events after after_seq are no longer kept; read the state from its own routes"
    )


class EventsView(APIView):
    """What happened in a room, frame by frame."""

    @extend_schema(parameters=[ID, EventQuery], responses=EventsAnswer)
    def get(self, request: Request, pk: str) -> Response:
        """The events after one, oldest first."""
        room = services.find_session(identify(request), pk)
        access.require_more_than_link(identify(request), room)
        query = read_query(EventQuery, request)
        after, limit = query["after_seq"], query["limit"]
        rows = Event.objects.filter(conversation=room, seq__gt=after).order_by("seq")
        found = list(rows.values_list("seq", "frame")[: limit + 1])
        shown = found[:limit]
        return Response(
            {
                "session_id": room.pk,
                "events": [json.loads(frame) for _, frame in shown],
                "last_seq": room.last_seq,
                "has_more": len(found) > limit,
                "gap": is_gap(after, [seq for seq, _ in shown], room.last_seq),
            }
        )


def is_gap(after_seq: int, seqs: list[int], last_seq: int) -> bool:
    """Whether something between was pruned, or the caller comes from a future that never was."""
    if after_seq > last_seq:
        return True
    return [*seqs] != list(range(after_seq + 1, after_seq + 1 + len(seqs))) or (
        not seqs and after_seq < last_seq
    )
