"""Downloads of one meeting and of many."""

from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from meetings import exporting
from meetings.permissions import find_meeting, require_all
from meetings.playback import CACHE_CONTROL, ID, AnswerAnyAccept, answer_audio, note_export

DEFAULT_FORMAT = "md"
FORMAT = OpenApiParameter(
    "format",
    enum=list(exporting.NAMES),
    default=DEFAULT_FORMAT,
    description="of the file; of many meetings a list such as md,vtt",
)
IDS = OpenApiParameter("ids", str, required=True, description="session ids, with commas between")


class ExportQuery(serializers.Serializer[Any]):
    format = serializers.CharField(default=DEFAULT_FORMAT, max_length=100)


class ArchiveQuery(ExportQuery):
    ids = serializers.CharField(max_length=65 * exporting.MOST_MEETINGS)


class SteppedResponse(StreamingHttpResponse):
    """Streams what is made step by step, each in the request's thread, in bounded memory.

    Under ASGI Django would read a synchronous iterator to its end before the first byte.
    """

    def __init__(self, steps: Iterator[bytes], **options: Any) -> None:
        super().__init__(stepping(steps), **options)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read_next = sync_to_async(partial(next, iter(self), None))
        while (piece := await read_next()) is not None:
            yield piece


def stepping(steps: Iterator[bytes]) -> Iterator[bytes]:
    for piece in steps:
        # A slow reader keeps its request open for long, but no place in the database's pool.
        close_old_connections()
        yield piece


class ExportActions:
    """The export actions of the meeting's view set."""

    # Not DRF's own: it takes ``format`` for the name of a renderer and answers 404.
    @extend_schema(parameters=[ID, FORMAT], responses={(200, "*/*"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"], content_negotiation_class=AnswerAnyAccept)
    def export(self, request: Request, pk: str) -> HttpResponseBase:
        """The meeting as a file; of an unfinished one what is there, and the file says so."""
        query = ExportQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        name = query.validated_data["format"].lower()
        exporting.check_formats([name])
        meeting = find_meeting(request, pk, "view")
        if name == exporting.AUDIO:
            note_export(request, meeting)
            return save_as(answer_audio(request, meeting))
        export = exporting.export_text(meeting, name)
        return HttpResponse(export.content, headers=describe_file(export.name, export.content_type))

    @extend_schema(
        operation_id="meetings_export_many",
        parameters=[IDS, FORMAT],
        responses={(200, "application/zip"): bytes},
    )
    @action(
        detail=False,
        methods=["get"],
        url_path="export",
        content_negotiation_class=AnswerAnyAccept,
    )
    def export_many(self, request: Request) -> HttpResponseBase:
        """Many meetings as one ZIP archive; its manifest.json names every file."""
        query = ArchiveQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        names = split_list(query.validated_data["format"].lower())
        exporting.check_formats(names)
        meetings = exporting.find_meetings(split_list(query.validated_data["ids"]))
        require_all(request, meetings, "view")
        for meeting in meetings if exporting.AUDIO in names else ():
            note_export(request, meeting)
        headers = describe_file("meetings.zip", "application/zip")
        if request.method == "HEAD":  # its body would be made and thrown away
            return HttpResponse(headers=headers)
        return SteppedResponse(exporting.export_archive(meetings, names), headers=headers)


def split_list(text: str) -> list[str]:
    return [part for part in (piece.strip() for piece in text.split(",")) if part]


def describe_file(name: str, content_type: str) -> dict[str, str]:
    return {
        "Content-Type": content_type,
        "Content-Disposition": content_disposition_header(True, name) or "attachment",
        "Cache-Control": CACHE_CONTROL,
        "X-Content-Type-Options": "nosniff",
    }


def save_as(response: HttpResponseBase) -> HttpResponseBase:
    """The same answer, to be saved as a file and not played."""
    shown = response.headers.get("Content-Disposition", "")
    if shown.startswith("inline"):
        response.headers["Content-Disposition"] = "attachment" + shown.removeprefix("inline")
    return response
