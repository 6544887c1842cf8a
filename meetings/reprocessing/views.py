"""Processing a meeting again over REST, and the earlier results of its stages."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from chat.frames import format_utc
from intellibooks import audit
from intellibooks.identity import identify
from meetings.models import StageRevision
from meetings.permissions import find_meeting, find_meeting_inside
from meetings.reprocessing.dependencies import ALL, NAMES, REVISED
from meetings.reprocessing.restoring import restore_revision
from meetings.reprocessing.revisions import find_revision
from meetings.reprocessing.service import reprocess_meeting
from meetings.serializers import StatusAnswer, encode_status

MOST_REVISIONS = 100
ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="session id of the meeting")
REVISION = OpenApiParameter("revision", int, OpenApiParameter.PATH)
STAGE = OpenApiParameter("stage", str, description=f"one of {', '.join(REVISED)}")
LIMIT = OpenApiParameter("limit", int, description=f"at most {MOST_REVISIONS}; default 50")
OFFSET = OpenApiParameter("offset", int, description="how many to skip; default 0")


class ReprocessRequest(serializers.Serializer[Any]):
    """``engine`` and ``language`` go with the stage transcribe only."""

    stages = serializers.ListField(
        child=serializers.CharField(max_length=32),
        required=False,
        min_length=1,
        max_length=len(NAMES),
        help_text=f"of {', '.join(NAMES)}; default: {ALL}",
    )
    engine = serializers.CharField(required=False, allow_blank=True, max_length=32)
    language = serializers.CharField(required=False, allow_blank=True, max_length=16)
    keep_edits = serializers.BooleanField(required=False, default=True)


class RevisionQuery(serializers.Serializer[Any]):
    stage = serializers.ChoiceField(REVISED, required=False)
    limit = serializers.IntegerField(min_value=1, max_value=MOST_REVISIONS, default=50)
    offset = serializers.IntegerField(min_value=0, max_value=10_000, default=0)


class RevisionRow(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    stage = serializers.CharField()
    engine = serializers.CharField()
    generation = serializers.IntegerField()
    finished_at = serializers.CharField(allow_null=True)
    replaced_at = serializers.CharField()


class RevisionsAnswer(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    next = serializers.IntegerField(allow_null=True, help_text="the offset of the next page")
    results = RevisionRow(many=True)


class RevisionAnswer(RevisionRow):
    result = serializers.DictField()


class ReprocessActions:
    """What MeetingViewSet answers about processing again and about earlier results."""

    @extend_schema(parameters=[ID], request=ReprocessRequest, responses=StatusAnswer)
    @action(detail=True, methods=["post"])
    def reprocess(self, request: Request, pk: str) -> Response:
        """Run stages of a finished meeting again; earlier results stay readable meanwhile."""
        meeting = find_meeting(request, pk, "edit")
        wishes = ReprocessRequest(data=request.data or {})
        wishes.is_valid(raise_exception=True)
        author = identify(request).user_id
        again = reprocess_meeting(meeting, author=author, **wishes.validated_data)
        audit.record("reprocessed", actor=author, target=meeting.pk)
        return Response(encode_status(again))

    @extend_schema(
        operation_id="meetings_revisions_list",
        parameters=[ID, STAGE, LIMIT, OFFSET],
        responses=RevisionsAnswer,
    )
    @action(detail=True, methods=["get"])
    def revisions(self, request: Request, pk: str) -> Response:
        """Earlier results of the stages, the latest first, without the results themselves."""
        meeting = find_meeting_inside(request, pk)
        query = RevisionQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        wishes = query.validated_data
        rows = StageRevision.objects.filter(meeting=meeting).defer("result").order_by("-id")
        if "stage" in wishes:
            rows = rows.filter(name=wishes["stage"])
        total, end = rows.count(), wishes["offset"] + wishes["limit"]
        page = [encode_revision(row) for row in rows[wishes["offset"] : end]]
        return Response({"total": total, "next": end if end < total else None, "results": page})

    @extend_schema(parameters=[ID, REVISION], responses=RevisionAnswer)
    @action(detail=True, methods=["get"], url_path=r"revisions/(?P<revision>[0-9]{1,18})")
    def revision(self, request: Request, pk: str, revision: str) -> Response:
        """One earlier result; a transcript's has the segments as people saw them in ``shown``."""
        meeting = find_meeting_inside(request, pk)
        row = find_revision(meeting, int(revision))
        return Response({**encode_revision(row), "result": row.result})

    @extend_schema(parameters=[ID, REVISION], request=None, responses=StatusAnswer)
    @action(detail=True, methods=["post"], url_path=r"revisions/(?P<revision>[0-9]{1,18})/restore")
    def restore_revision(self, request: Request, pk: str, revision: str) -> Response:
        """Bring an earlier result back; the present one becomes a revision."""
        meeting = find_meeting(request, pk, "edit")
        author = identify(request).user_id
        return Response(encode_status(restore_revision(meeting, int(revision), author=author)))


def encode_revision(row: StageRevision) -> dict[str, Any]:
    return {
        "id": row.pk,
        "stage": row.name,
        "engine": row.engine,
        "generation": row.generation,
        "finished_at": format_utc(row.finished_at) if row.finished_at else None,
        "replaced_at": format_utc(row.replaced_at),
    }
