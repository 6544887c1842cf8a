"""Correcting a transcript over REST: edit, replace, read the history, undo."""

import re
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from chat.frames import format_utc
from intellibooks.identity import identify
from meetings.editing import service, undoing
from meetings.editing.rules import LONGEST_TEXT
from meetings.editing.writing import Change, encode_segment
from meetings.library.transcript import SegmentAnswer
from meetings.models import SegmentEdit
from meetings.permissions import find_meeting, find_meeting_inside
from meetings.playback import ID

HIGHEST_REV = 2**31 - 1
LONGEST_FIND = 200
LONGEST_NAME = 200  # what is longer than a name is refused with the name's own words
MOST_SHOWN = 500  # segments in the answer of a replacement
MOST_EDITS = 200  # of one page
KEY_PATTERN = r"[A-Za-z0-9._-]{1,32}"
KEY = OpenApiParameter("key", str, OpenApiParameter.PATH, description="id of the segment")
EDIT = OpenApiParameter("edit_id", int, OpenApiParameter.PATH)
IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="the revision, instead of rev"
)


class EditRequest(serializers.Serializer[Any]):
    """``rev`` is the revision that the client saw; with text, speaker, or both."""

    rev = serializers.IntegerField(min_value=0, max_value=HIGHEST_REV)
    text = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, max_length=2 * LONGEST_TEXT
    )
    speaker = serializers.CharField(required=False, max_length=LONGEST_NAME, trim_whitespace=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) == 1:
            raise serializers.ValidationError("Send text, speaker, or both.")
        return attrs


class ReplaceRequest(serializers.Serializer[Any]):
    find = serializers.CharField(max_length=LONGEST_FIND, trim_whitespace=False)
    replace = serializers.CharField(
        max_length=LONGEST_FIND, allow_blank=True, trim_whitespace=False
    )
    match_case = serializers.BooleanField(default=False)
    whole_word = serializers.BooleanField(default=False)
    dry_run = serializers.BooleanField(default=False)


class EditsQuery(serializers.Serializer[Any]):
    segment = serializers.RegexField(rf"^{KEY_PATTERN}$", required=False)
    limit = serializers.IntegerField(default=50, min_value=1, max_value=MOST_EDITS)
    offset = serializers.IntegerField(default=0, min_value=0, max_value=HIGHEST_REV)


class ChangedSegment(serializers.Serializer[Any]):
    id = serializers.CharField()
    rev = serializers.IntegerField()
    start_ms = serializers.IntegerField()
    old_text = serializers.CharField()
    new_text = serializers.CharField()


class ReplaceAnswer(serializers.Serializer[Any]):
    matches = serializers.IntegerField()
    segments = serializers.IntegerField()
    dry_run = serializers.BooleanField()
    changed = ChangedSegment(many=True)


class EditAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    batch = serializers.CharField()
    segment = serializers.CharField()
    start_ms = serializers.IntegerField()
    end_ms = serializers.IntegerField()
    old_text = serializers.CharField()
    new_text = serializers.CharField()
    author = serializers.CharField()
    created_at = serializers.CharField()
    undone = serializers.BooleanField()


class EditsAnswer(serializers.Serializer[Any]):
    session_id = serializers.CharField()
    total = serializers.IntegerField()
    edits = EditAnswer(many=True)


class UndoAnswer(serializers.Serializer[Any]):
    undone = serializers.ListField(child=serializers.IntegerField())
    segments = serializers.ListField(child=serializers.CharField())


class RedoAnswer(serializers.Serializer[Any]):
    redone = serializers.ListField(child=serializers.IntegerField())
    segments = serializers.ListField(child=serializers.CharField())


class EditingActions:
    """What MeetingViewSet answers about corrections of its transcript."""

    @extend_schema(
        parameters=[ID, KEY, IF_MATCH],
        request=EditRequest,
        responses={200: SegmentAnswer, 409: None},
    )
    @action(detail=True, methods=["patch"], url_path=rf"segments/(?P<key>{KEY_PATTERN})")
    def edit_segment(self, request: Request, pk: str, key: str) -> Response:
        """Correct what was said or who said it; 409 with the segment if it changed meanwhile."""
        meeting = find_meeting(request, pk, "edit")
        wishes = validate(EditRequest(data=add_revision(request)))
        row = service.edit_segment(meeting, key, author=identify(request).user_id, **wishes)
        return Response(encode_segment(row), headers={"ETag": f'"{row.rev}"'})

    @extend_schema(parameters=[ID], request=ReplaceRequest, responses=ReplaceAnswer)
    @action(detail=True, methods=["post"], url_path="replace")
    def replace_text(self, request: Request, pk: str) -> Response:
        """Replace a text wherever it was said; ``dry_run`` only tells where that would be."""
        meeting = find_meeting(request, pk, "edit")
        wishes = validate(ReplaceRequest(data=request.data))
        is_rehearsal = wishes.pop("dry_run")
        changes = service.replace_text(
            meeting,
            wishes.pop("find"),
            wishes.pop("replace"),
            author=identify(request).user_id,
            is_rehearsal=is_rehearsal,
            **wishes,
        )
        return Response(
            {
                "matches": sum(change.matches for change in changes),
                "segments": len(changes),
                "dry_run": is_rehearsal,
                "changed": [encode_change(change) for change in changes[:MOST_SHOWN]],
            }
        )

    @extend_schema(parameters=[ID, EditsQuery], responses=EditsAnswer)
    @action(detail=True, methods=["get"], url_path="edits")
    def list_edits(self, request: Request, pk: str) -> Response:
        """What was corrected, the latest first; not for a public link."""
        meeting = find_meeting_inside(request, pk)
        wishes = validate(EditsQuery(data=request.query_params))
        rows = meeting.edits.order_by("-id")
        if key := wishes.get("segment"):
            rows = rows.filter(segment_key=key)
        page = rows[wishes["offset"] : wishes["offset"] + wishes["limit"]]
        edits = [encode_edit(edit) for edit in page]
        return Response({"session_id": meeting.pk, "total": rows.count(), "edits": edits})

    @extend_schema(parameters=[ID, EDIT], request=None, responses=UndoAnswer)
    @action(detail=True, methods=["post"], url_path=r"edits/(?P<edit_id>[0-9]{1,18})/undo")
    def undo_edit(self, request: Request, pk: str, edit_id: str) -> Response:
        """Take an edit back, and all that were made with it; 409 if a later one stands on it."""
        meeting = find_meeting(request, pk, "edit")
        author = identify(request).user_id
        return answer_undone(undoing.undo_edit(meeting, int(edit_id), author=author))

    @extend_schema(parameters=[ID], request=None, responses=UndoAnswer)
    @action(detail=True, methods=["post"], url_path="undo")
    def undo_last(self, request: Request, pk: str) -> Response:
        """Take back what was edited last."""
        meeting = find_meeting(request, pk, "edit")
        return answer_undone(undoing.undo_last(meeting, author=identify(request).user_id))

    @extend_schema(parameters=[ID], request=None, responses=RedoAnswer)
    @action(detail=True, methods=["post"], url_path="redo")
    def redo_last(self, request: Request, pk: str) -> Response:
        """Make again what was undone last; 409 if its author has edited since."""
        meeting = find_meeting(request, pk, "edit")
        edits = undoing.redo_last(meeting, author=identify(request).user_id)
        return Response(
            {"redone": [edit.pk for edit in edits], "segments": undoing.list_keys(edits)}
        )


def validate(form: serializers.Serializer[Any]) -> dict[str, Any]:
    form.is_valid(raise_exception=True)
    wishes: dict[str, Any] = form.validated_data
    return wishes


def add_revision(request: Request) -> Any:
    """The body, with the revision from the header where it names none."""
    body, header = request.data, request.headers.get("If-Match", "")
    found = re.fullmatch(r'\s*(?:W/)?"?([0-9]{1,10})"?\s*', header, re.ASCII)
    if found and isinstance(body, dict) and "rev" not in body:
        return {**body, "rev": found[1]}
    return body


def encode_change(change: Change) -> dict[str, Any]:
    row = change.row
    return {
        "id": row.key,
        "rev": row.rev,
        "start_ms": row.start_ms,
        "old_text": change.before,
        "new_text": change.text,
    }


def encode_edit(edit: SegmentEdit) -> dict[str, Any]:
    return {
        "id": edit.pk,
        "batch": edit.batch,
        "segment": edit.segment_key,
        "start_ms": edit.start_ms,
        "end_ms": edit.end_ms,
        "old_text": edit.old_text,
        "new_text": edit.new_text,
        "author": edit.author,
        "created_at": format_utc(edit.created_at),
        "undone": edit.undone_at is not None,
    }


def answer_undone(edits: list[SegmentEdit]) -> Response:
    return Response({"undone": [edit.pk for edit in edits], "segments": undoing.list_keys(edits)})
