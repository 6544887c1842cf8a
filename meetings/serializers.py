"""The wire shapes of the meeting API, in and out."""

import re
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from chat.frames import format_utc
from meetings import transcripts
from meetings.ingest import Receipt, list_missing
from meetings.models import Meeting
from meetings.recording import list_gaps
from meetings.spool_entry import SpooledChunk
from meetings.stages import list_stages, measure_progress, name_current
from transcription.engines.base import ENGINES

HIGHEST_INDEX = 21_599  # a day of 4 s chunks
RECOMMENDED_CHUNK_SECONDS = 10.24


@extend_schema_field({"type": "integer", "minimum": 0, "maximum": HIGHEST_INDEX})
class ChunkIndexField(serializers.Field[int, Any, str, int]):
    """Plain decimal digits; ``1e3``, ``0x1``, signs and other scripts' digits are refused."""

    default_error_messages = {  # noqa: RUF012 - DRF reads it as a class attribute
        "invalid": f"chunk_index must be a whole number from 0 to {HIGHEST_INDEX}."
    }

    def to_internal_value(self, data: Any) -> int:
        if re.fullmatch(r"\s*[0-9]{1,5}\s*", str(data), re.ASCII) is None:
            self.fail("invalid")
        if (index := int(data)) > HIGHEST_INDEX:
            self.fail("invalid")
        return index

    def to_representation(self, value: int) -> str:
        return str(value)


class StartRequest(serializers.Serializer[Any]):
    title = serializers.CharField(required=False, allow_blank=True, max_length=200)
    language = serializers.RegexField(
        r"^(auto|[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?)$",
        required=False,
        help_text='such as en, de or pt-BR; "auto" where the engine shall tell',
    )
    engine = serializers.ChoiceField(sorted(ENGINES), required=False, allow_blank=True)
    tags = serializers.ListField(
        child=serializers.CharField(max_length=50), required=False, max_length=20
    )
    vocabulary = serializers.ListField(
        child=serializers.CharField(max_length=60),
        required=False,
        max_length=100,
        help_text="names and jargon that will be said",
    )
    speakers_expected = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=20,
        help_text="how many people speak, where that is known for sure",
    )


class ChunkUpload(serializers.Serializer[Any]):
    audio_chunk = serializers.FileField(allow_empty_file=True)
    chunk_index = ChunkIndexField()
    started_at_ms = serializers.IntegerField(required=False, min_value=0, max_value=2**53)
    sha256 = serializers.RegexField(r"^[0-9a-fA-F]{64}$", required=False)


# One for all uploads: it keeps nothing of what it reads, and its fields are dear to copy.
CHUNK_UPLOAD = ChunkUpload()


class StopRequest(serializers.Serializer[Any]):
    expected_chunks = serializers.IntegerField(
        required=False, min_value=0, max_value=HIGHEST_INDEX + 1
    )


class StartAnswer(serializers.Serializer[Any]):
    session_id = serializers.CharField()
    status = serializers.CharField()
    created_at = serializers.CharField()
    title = serializers.CharField()
    ws_path = serializers.CharField()
    engine = serializers.CharField()
    recommended_chunk_seconds = serializers.FloatField()
    max_chunk_bytes = serializers.IntegerField()


class ChunkAnswer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    chunk_index = serializers.IntegerField()
    queued = serializers.BooleanField()
    message = serializers.CharField()
    duplicate = serializers.BooleanField()
    conflict = serializers.BooleanField()
    late = serializers.BooleanField()
    resumed = serializers.BooleanField()
    spooled = serializers.BooleanField(required=False)
    bytes = serializers.IntegerField()
    total_chunks = serializers.IntegerField(allow_null=True)
    chunks_processed = serializers.IntegerField(allow_null=True)
    missing = serializers.ListField(child=serializers.IntegerField())


class TranscriptAnswer(serializers.Serializer[Any]):
    transcript = serializers.CharField()
    chunks_processed = serializers.IntegerField()
    total_chunks = serializers.IntegerField()


class StatusAnswer(serializers.Serializer[Any]):
    session_id = serializers.CharField()
    status = serializers.CharField()
    chunks_processed = serializers.IntegerField()
    total_chunks = serializers.IntegerField()
    processing_state = serializers.DictField(allow_null=True)


class StopAnswer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    session_id = serializers.CharField()
    status = serializers.CharField()
    message = serializers.CharField()
    missing = serializers.ListField(child=serializers.IntegerField())


class LedgerAnswer(serializers.Serializer[Any]):
    session_id = serializers.CharField()
    total_chunks = serializers.IntegerField()
    chunks_processed = serializers.IntegerField()
    missing = serializers.ListField(child=serializers.IntegerField())
    chunks = serializers.ListField(child=serializers.DictField())
    conflicts = serializers.ListField(child=serializers.DictField())


class MeetingAnswer(TranscriptAnswer):
    session_id = serializers.CharField()
    title = serializers.CharField()
    status = serializers.CharField()
    created_at = serializers.CharField()
    last_activity = serializers.CharField()
    ended_abruptly = serializers.BooleanField()
    language = serializers.CharField(help_text="as asked for at the start")
    language_detected = serializers.CharField(help_text='empty while "auto" is not decided')
    duration_ms = serializers.IntegerField()
    gaps = serializers.ListField(child=serializers.DictField())
    stopped_at = serializers.CharField(required=False)
    ended_at = serializers.CharField(required=False)
    completed_at = serializers.CharField(required=False)
    failure = serializers.DictField(required=False)


def encode_receipt(receipt: Receipt) -> dict[str, Any]:
    return {
        "success": True,
        "chunk_index": receipt.chunk.index,
        "queued": True,
        "message": "Chunk queued for processing",
        "duplicate": receipt.is_duplicate,
        "conflict": receipt.is_conflict,
        "late": receipt.chunk.is_late,
        "resumed": receipt.is_resumed,
        "bytes": receipt.chunk.size,
        "total_chunks": receipt.meeting.total_chunks,
        "chunks_processed": receipt.meeting.chunks_processed,
        "missing": receipt.missing,
    }


def encode_spooled(chunk: SpooledChunk) -> dict[str, Any]:
    """The same answer while the database is away: what it alone knows is null."""
    return {
        "success": True,
        "chunk_index": chunk.index,
        "queued": True,
        "message": "Chunk queued for processing",
        "duplicate": False,
        "conflict": False,
        "late": False,
        "resumed": False,
        "spooled": True,
        "bytes": chunk.size,
        "total_chunks": None,
        "chunks_processed": None,
        "missing": [],
    }


def encode_ledger(meeting: Meeting) -> dict[str, Any]:
    """Every chunk that came, what is missing, and what was kept aside."""
    facts = ("index", "sha256", "size", "state", "samples", "engine", "error", "is_late")
    return {
        "session_id": meeting.pk,
        "total_chunks": meeting.total_chunks,
        "chunks_processed": meeting.chunks_processed,
        "missing": list_missing(meeting),
        "chunks": list(meeting.chunks.values(*facts)),
        "conflicts": list(meeting.conflicts.values("index", "sha256", "size")),
    }


def encode_transcript(meeting: Meeting) -> dict[str, Any]:
    return {
        "transcript": transcripts.read_text(meeting),
        "chunks_processed": meeting.chunks_processed,
        "total_chunks": meeting.total_chunks,
    }


def encode_meeting(meeting: Meeting) -> dict[str, Any]:
    """The session object; moments that have not come yet are left out."""
    moments = {
        name: format_utc(value)
        for name in ("stopped_at", "ended_at", "completed_at")
        if (value := getattr(meeting, name)) is not None
    }
    failure = {"code": meeting.failure_code, "reason": meeting.failure_reason}
    return {
        "session_id": meeting.pk,
        "title": meeting.conversation.title,
        "status": meeting.status,
        "created_at": format_utc(meeting.created_at),
        **encode_transcript(meeting),
        "last_activity": format_utc(meeting.last_activity_at),
        "ended_abruptly": meeting.ended_abruptly,
        "language": meeting.language,
        "language_detected": transcripts.read_language(meeting).removeprefix("auto"),
        "duration_ms": meeting.duration_ms,
        "gaps": list_gaps(meeting),
        **moments,
        **({"failure": failure} if meeting.failure_code else {}),
    }


def encode_status(meeting: Meeting) -> dict[str, Any]:
    return {
        "session_id": meeting.pk,
        "status": meeting.status,
        "chunks_processed": meeting.chunks_processed,
        "total_chunks": meeting.total_chunks,
        "processing_state": encode_processing(meeting),
    }


def encode_processing(meeting: Meeting) -> dict[str, Any] | None:
    """How far the processing is; None before the meeting's first stop."""
    if meeting.generation == 0 or meeting.is_recording or meeting.ended_at is None:
        return None
    stages = list_stages(meeting)
    is_over = meeting.status == Meeting.Status.COMPLETED
    return {
        "status": meeting.status,
        "started_at": format_utc(meeting.ended_at),
        "chunks_processed": meeting.chunks_processed,
        "total_chunks": meeting.total_chunks,
        "stage": name_current(stages),
        "progress": 1.0 if is_over else measure_progress(stages),
        "stages": stages,
        **({"error": meeting.failure_reason} if meeting.failure_reason else {}),
    }
