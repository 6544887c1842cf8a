"""The finished recording as a player fetches it: any part of it, its name, its waveform."""

import logging
import unicodedata
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from asgiref.sync import sync_to_async
from django.core.files.base import File
from django.db import close_old_connections
from django.http import HttpResponse, HttpResponseNotModified, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header, parse_etags
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from intellibooks import audit
from intellibooks.errors import DomainError, NotFound, StorageUnavailable
from intellibooks.identity import identify
from meetings import media
from meetings.byte_ranges import ByteRange, Unsatisfiable, select_range
from meetings.encryption.errors import SealError, explain_sealed
from meetings.models import Meeting
from meetings.permissions import find_meeting
from meetings.waveform import WaveformAnswer, WaveformQuery, downsample_peaks, read_peaks

logger = logging.getLogger(__name__)

PIECE_BYTES = 64 * 1024
CONTENT_TYPES = {".flac": "audio/flac", ".ogg": "audio/ogg", ".opus": "audio/ogg"}
CACHE_CONTROL = "private, no-cache"  # a late chunk may close a hole: ask again each time
LONGEST_TITLE = 180  # bytes; with date and ending below the 255 of every file system
UNSAFE_IN_NAMES = frozenset('/\\:*?"<>|%')
JOINERS = frozenset("\u200c\u200d")  # invisible, but Persian, Hindi and emoji are spelled with them


class AudioNotReady(NotFound):
    code = "not_ready"
    detail = "Audio not yet available"


class AudioNotAvailable(NotFound):
    detail = "Audio not available"


class RecordingChanged(DomainError):
    status = 412
    code = "conflict"
    detail = "Recording has changed"


class RangeNotSatisfiable(DomainError):
    status = 416
    detail = "Range not satisfiable"


class AnswerAnyAccept(BaseContentNegotiation):
    """A player that accepts only audio is no reason for a 406; errors are JSON all the same."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type


class PiecesResponse(StreamingHttpResponse):
    """Streams a part of an open file in bounded memory and closes it, however the request ends.

    Under ASGI Django reads a synchronous iterator to its end before it sends the first byte,
    so each piece is fetched here with a hop of its own to the request's thread.
    """

    def __init__(self, file: File, length: int, **options: Any) -> None:  # type: ignore[type-arg]
        super().__init__(read_pieces(file, length), **options)
        self.file = file

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read_next = sync_to_async(partial(next, iter(self), None))
        while (piece := await read_next()) is not None:
            yield piece

    def close(self) -> None:
        super().close()
        self.file.close()


def read_pieces(file: File, length: int) -> Iterator[bytes]:  # type: ignore[type-arg]
    while length > 0:
        # A player that is paused keeps its request open for hours, but no place in the pool.
        close_old_connections()
        piece = file.read(min(PIECE_BYTES, length))
        if not piece:
            return  # cut short meanwhile: the server sees the missing bytes and breaks off
        length -= len(piece)
        yield piece


ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="session id of the meeting")
AUDIO_PARAMETERS = [
    ID,
    OpenApiParameter("download", bool, description="1: as an attachment, to be saved as a file"),
    OpenApiParameter("Range", str, OpenApiParameter.HEADER, description="one range of bytes"),
    OpenApiParameter("If-Range", str, OpenApiParameter.HEADER, description="an ETag"),
    OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER, description="an ETag"),
]
AUDIO_ANSWERS = {
    (200, "audio/flac"): OpenApiTypes.BINARY,
    (206, "audio/flac"): OpenApiTypes.BINARY,
    304: OpenApiResponse(description="unchanged"),
    404: OpenApiResponse(description="not_ready, or not_found"),
    416: OpenApiResponse(description="the recording has no such byte"),
}


class RecordingActions:
    """What MeetingViewSet answers about the joined recording."""

    @extend_schema(parameters=AUDIO_PARAMETERS, responses=AUDIO_ANSWERS)
    @action(detail=True, methods=["get"], content_negotiation_class=AnswerAnyAccept)
    def audio(self, request: Request, pk: str) -> HttpResponseBase:
        """The whole recording or the range of it that is asked for."""
        meeting = find_meeting(request, pk, "view")
        if is_download(request):
            note_export(request, meeting)
        return answer_audio(request, meeting)

    @extend_schema(parameters=[ID, WaveformQuery], responses=WaveformAnswer)
    @action(detail=True, methods=["get"])
    def waveform(self, request: Request, pk: str) -> Response:
        """The recording's outline, to be drawn."""
        meeting = find_meeting(request, pk, "view")
        query = WaveformQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        peaks = downsample_peaks(read_peaks(meeting), query.validated_data["buckets"])
        body = {
            "session_id": meeting.pk,
            "duration_ms": meeting.duration_ms,
            "buckets": len(peaks),
            "peaks": peaks,
        }
        return Response(body, headers={"Cache-Control": CACHE_CONTROL})


def answer_audio(request: Request, meeting: Meeting) -> HttpResponseBase:
    """200, 206, 304 or 416. Raises AudioNotReady, AudioNotAvailable, RecordingChanged."""
    require_recording(meeting)
    etag = f'"{meeting.recording_sha256}"'
    if is_unchanged(request, etag):
        return HttpResponseNotModified(headers={"ETag": etag, "Cache-Control": CACHE_CONTROL})
    with reporting_storage(meeting):
        size = media.get_storage().size(meeting.recording_name)
    headers = describe_recording(request, meeting)
    if request.method == "HEAD":  # RFC 9110 defines ranges for GET alone
        return HttpResponse(headers={**headers, "Content-Length": str(size)})
    try:
        part = select_part(request, etag, size)
    except Unsatisfiable:
        refusal = RangeNotSatisfiable(f"The recording has {size} bytes.")
        headers = {"Content-Range": f"bytes */{size}", "Cache-Control": CACHE_CONTROL}
        return Response(refusal.body(), status=refusal.status, headers=headers)
    return stream_recording(meeting, part, size, headers)


def require_recording(meeting: Meeting) -> None:
    """Raises AudioNotReady where the audio may still come, AudioNotAvailable where it will not."""
    if meeting.status == Meeting.Status.CANCELLED:
        raise AudioNotAvailable("The meeting was cancelled and its audio discarded.")
    if meeting.audio_purged_at and not meeting.recording_name:
        raise AudioNotAvailable(f"The audio was deleted on {meeting.audio_purged_at:%Y-%m-%d}.")
    if meeting.is_recording or not meeting.recording_name:
        raise AudioNotReady("The recording can be played once the meeting has been processed.")


def is_unchanged(request: Request, etag: str) -> bool:
    """Whether the caller has this very recording already. Raises RecordingChanged (If-Match)."""
    # Not Django's get_conditional_response: it answers 412 to any If-Unmodified-Since where no
    # date is known, and RFC 9110 wants that header ignored.
    wanted = parse_etags(request.headers.get("If-Match", ""))
    if wanted and not {etag, "*"} & set(wanted):
        raise RecordingChanged("The recording is not the one that If-Match names.")
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return bool({etag, f"W/{etag}", "*"} & set(known))


def select_part(request: Request, etag: str, size: int) -> ByteRange | None:
    """The range asked for, unless If-Range names another recording. Raises Unsatisfiable."""
    # We send no Last-Modified, so a date in If-Range is never ours; neither is a weak ETag.
    if request.headers.get("If-Range", etag).strip() != etag:
        return None
    return select_range(request.headers.get("Range", ""), size)


def is_download(request: Request) -> bool:
    return request.query_params.get("download") in {"1", "true"}


def note_export(request: Request, meeting: Meeting) -> None:
    """In the audit log, once for a file however many pieces it is fetched in."""
    if "Range" not in request.headers:
        audit.record("audio_exported", actor=identify(request).user_id, target=meeting.pk)


def describe_recording(request: Request, meeting: Meeting) -> dict[str, str]:
    disposition = content_disposition_header(is_download(request), name_download(meeting))
    suffix = PurePosixPath(meeting.recording_name).suffix
    return {
        "Content-Type": CONTENT_TYPES.get(suffix, "application/octet-stream"),
        "Content-Disposition": disposition or "inline",
        "Accept-Ranges": "bytes",
        "ETag": f'"{meeting.recording_sha256}"',
        "Cache-Control": CACHE_CONTROL,
        "X-Content-Type-Options": "nosniff",
    }


def name_download(meeting: Meeting) -> str:
    """Title and date as a file name that every system can save."""
    suffix = PurePosixPath(meeting.recording_name).suffix
    title = clean_title(meeting.conversation.title) or "meeting"
    return f"{title} {meeting.created_at:%Y-%m-%d}{suffix}"


def clean_title(title: str) -> str:
    """The title without path separators, line ends and characters that turn the text around."""
    kept = "".join(" " if is_unsafe(character) else character for character in title)
    short = " ".join(kept.split()).encode()[:LONGEST_TITLE].decode(errors="ignore")
    return short.strip(" .")


def is_unsafe(character: str) -> bool:
    is_invisible = unicodedata.category(character).startswith("C") and character not in JOINERS
    return character in UNSAFE_IN_NAMES or is_invisible


def stream_recording(
    meeting: Meeting, part: ByteRange | None, size: int, headers: dict[str, str]
) -> PiecesResponse:
    sent = part or ByteRange(0, size)
    headers = {**headers, "Content-Length": str(sent.length)}
    if part is not None:
        headers["Content-Range"] = part.encode(size)
    file = open_recording(meeting, sent.start)
    return PiecesResponse(file, sent.length, status=206 if part else 200, headers=headers)


def open_recording(meeting: Meeting, start: int = 0) -> File:  # type: ignore[type-arg]
    """The file at that byte, which can be read: later than here nobody could be told.

    Raises AudioNotAvailable, StorageUnavailable.
    """
    with reporting_storage(meeting):
        file: File = media.get_storage().open(meeting.recording_name)  # type: ignore[type-arg]
        try:
            file.seek(start)
            file.read(1)
            file.seek(start)
        except OSError:
            file.close()
            raise
    return file


@contextmanager
def reporting_storage(meeting: Meeting) -> Iterator[None]:
    """Raises AudioNotAvailable for a file that is gone, StorageUnavailable for other trouble."""
    try:
        yield
    except FileNotFoundError as error:
        logger.error("recording %s of meeting %s is gone", meeting.recording_name, meeting.pk)
        raise AudioNotAvailable("The file of the recording is missing on the server.") from error
    except SealError as error:
        logger.error("recording of meeting %s cannot be decrypted: %s", meeting.pk, error)
        raise StorageUnavailable(explain_sealed(error)) from error
    except OSError as error:
        logger.error("recording of meeting %s cannot be read: %s", meeting.pk, error)
        raise StorageUnavailable("The recording cannot be read now. Please try again.") from error
