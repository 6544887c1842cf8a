"""``GET /api/search``."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from intellibooks.identity import identify
from meetings.library.moments import MomentField
from meetings.search.searching import KINDS, MOST_FOUND, Wishes, search

MOST_RESULTS, USUAL_RESULTS = 100, 20
LONGEST_QUERY = 10_000


class KindsField(serializers.Field[tuple[str, ...], Any, str, Any]):
    """Kinds with commas between."""

    default_error_messages = {  # noqa: RUF012 - DRF reads it as a class attribute
        "invalid": f"Name kinds of {', '.join(KINDS)}, with commas between."
    }

    def to_internal_value(self, data: Any) -> tuple[str, ...]:
        kinds = tuple(name for part in str(data).split(",") if (name := part.strip()))
        if not kinds or set(kinds) - set(KINDS):
            self.fail("invalid")
        return kinds

    def to_representation(self, value: tuple[str, ...]) -> str:
        return ",".join(value)


class SearchQuery(serializers.Serializer[Any]):
    meeting = serializers.CharField(required=False, max_length=64)
    speaker = serializers.CharField(required=False, max_length=100)
    kind = KindsField(required=False)
    limit = serializers.IntegerField(default=USUAL_RESULTS, min_value=1, max_value=MOST_RESULTS)
    cursor = serializers.IntegerField(default=0, min_value=0, max_value=MOST_FOUND)

    def get_fields(self) -> dict[str, Any]:
        # "from" is a word of the language, so it cannot be an attribute.
        moments = {
            "from": MomentField(required=False),
            "to": MomentField(required=False, is_end=True),
        }
        return {**super().get_fields(), **moments}


class SearchResult(serializers.Serializer[Any]):
    """``highlights``: [from, to) in the characters of ``snippet``, which is plain text."""

    kind = serializers.ChoiceField([str(kind) for kind in KINDS])
    part = serializers.CharField(allow_null=True)
    session_id = serializers.CharField()
    title = serializers.CharField()
    created_at = serializers.CharField()
    start_ms = serializers.IntegerField(allow_null=True)
    segment = serializers.CharField(allow_null=True)
    message = serializers.CharField(allow_null=True)
    speaker = serializers.CharField(allow_null=True)
    snippet = serializers.CharField()
    highlights = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField())
    )
    score = serializers.FloatField()


class SearchAnswer(serializers.Serializer[Any]):
    results = SearchResult(many=True)
    total = serializers.IntegerField(max_value=MOST_FOUND)
    is_capped = serializers.BooleanField()
    next = serializers.CharField(allow_null=True)


PARAMETERS = [
    OpenApiParameter("q", str, required=True, description='words, "a phrase", the start of a word'),
    OpenApiParameter("meeting", str, description="session id: only in this meeting"),
    OpenApiParameter("speaker", str, description="only what this person said or owns"),
    OpenApiParameter("from", str, description="meetings from this day or moment on"),
    OpenApiParameter("to", str, description="meetings until this day (whole) or moment"),
    OpenApiParameter("kind", str, description=f"of {', '.join(KINDS)}, with commas between"),
    OpenApiParameter("limit", int, description=f"1 to {MOST_RESULTS}, {USUAL_RESULTS} by default"),
    OpenApiParameter("cursor", str, description="next of the page before"),
]


class SearchView(APIView):
    """Words, wherever they were said, written or understood."""

    @extend_schema(operation_id="search", parameters=PARAMETERS, responses=SearchAnswer)
    def get(self, request: Request) -> Response:
        """Find words in transcripts, titles, summaries, speakers' names and messages."""
        form = SearchQuery(data=request.query_params)
        form.is_valid(raise_exception=True)
        asked: dict[str, Any] = form.validated_data
        wishes = Wishes(
            text=request.query_params.get("q", "")[:LONGEST_QUERY],
            meeting_id=asked.get("meeting", ""),
            speaker=asked.get("speaker", ""),
            kinds=asked.get("kind", KINDS),
            since=asked.get("from"),
            until=asked.get("to"),
            limit=asked["limit"],
            offset=asked["cursor"],
        )
        return Response(search(identify(request), wishes))
