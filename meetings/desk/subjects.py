"""Meetings as an act of the desk sees them: everything its forecast needs, in two queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, IntegerField, Model, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from chat.models import Message
from meetings.models import (
    AudioChunk,
    Meeting,
    Segment,
    Speaker,
    StageResult,
    WebhookDelivery,
)


@dataclass(frozen=True, slots=True)
class Subject:
    """``done`` are the stages of the current processing that succeeded, ``failed`` the others."""

    pk: str
    title: str
    status: str
    duration_ms: int
    last_activity_at: datetime
    chunks: int
    segments: int
    messages: int
    named: int
    deliveries: int
    audio_bytes: int
    has_sound: bool
    done: frozenset[str]
    failed: frozenset[str]


def count(rows: QuerySet[Any], group: str = "meeting") -> Coalesce:
    counted = rows.filter(**{group: OuterRef("pk")}).order_by().values(group)
    numbers = Subquery(counted.annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    return Coalesce(numbers, 0)


def read_subjects(ids: Sequence[str]) -> list[Subject]:
    """The meetings of these ids, newest first."""
    chunks = AudioChunk.objects.filter(meeting=OuterRef("pk"))
    stored = chunks.exclude(name="").order_by().values("meeting").annotate(n=Sum("size"))
    rows = Meeting.objects.filter(pk__in=ids).annotate(
        chunk_rows=count(AudioChunk.objects.all()),
        segment_rows=count(Segment.objects.filter(kind=Segment.Kind.SPEECH)),
        message_rows=count(Message.objects.all(), "conversation"),
        named_rows=count(Speaker.objects.exclude(name="")),
        delivery_rows=count(WebhookDelivery.objects.all()),
        chunk_bytes=Coalesce(Subquery(stored.values("n")), 0),
        has_files=Exists(chunks.exclude(name="")),
    )
    told = rows.select_related("conversation").defer("transcript", "conversation__document_ids")
    stages = read_stages(ids)
    return [build_subject(row, stages) for row in told.order_by("-created_at", "pk")]


def read_stages(ids: Sequence[str]) -> list[dict[str, Any]]:
    rows = StageResult.objects.filter(meeting__in=ids)
    told = rows.values("meeting_id", "name", "status", "generation", "result__bytes")
    return [dict(row) for row in told]


def build_subject(row: Any, stages: list[dict[str, Any]]) -> Subject:
    """``row`` is a Meeting with what ``read_subjects`` adds."""
    own = [stage for stage in stages if stage["meeting_id"] == row.pk]
    joined = sum(stage["result__bytes"] or 0 for stage in own if row.recording_name)
    current = [stage for stage in own if stage["generation"] == row.generation]
    return Subject(
        pk=row.pk,
        title=row.conversation.title,
        status=row.status,
        duration_ms=row.duration_ms,
        last_activity_at=row.last_activity_at,
        chunks=row.chunk_rows,
        segments=row.segment_rows,
        messages=row.message_rows,
        named=row.named_rows,
        deliveries=row.delivery_rows,
        audio_bytes=row.chunk_bytes + joined,
        has_sound=row.has_files or not row.chunk_rows,
        done=name_stages(current, StageResult.Status.COMPLETED),
        failed=name_stages(current, StageResult.Status.FAILED),
    )


def name_stages(stages: list[dict[str, Any]], status: str) -> frozenset[str]:
    return frozenset(stage["name"] for stage in stages if stage["status"] == status)


def list_ids(queryset: QuerySet[Model], most: int) -> list[str]:
    """At most ``most`` + 1 of them, so that whoever asks can tell that there are more."""
    return list(queryset.order_by().values_list("pk", flat=True)[: most + 1])
