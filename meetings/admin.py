"""Meetings, chunks, segments and stage results to read."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from chat.admin import ReadOnlyAdmin
from meetings.models import (
    AudioChunk,
    ConflictingChunk,
    Meeting,
    Segment,
    StageResult,
    Transition,
)
from meetings.recording import list_gaps
from meetings.timeline import format_clock


class ReadOnlyInline(admin.TabularInline):  # type: ignore[type-arg]
    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class StageInline(ReadOnlyInline):
    model = StageResult
    fields = ("name", "status", "engine", "duration_seconds", "attempts", "error")


class TransitionInline(ReadOnlyInline):
    model = Transition
    fields = ("created_at", "old", "new", "actor", "reason")
    readonly_fields = fields


class ChunkInline(ReadOnlyInline):
    model = AudioChunk
    fields = ("index", "state", "size", "text", "engine", "error")


class ConflictInline(ReadOnlyInline):
    model = ConflictingChunk
    fields = ("index", "size", "sha256", "received_at")
    readonly_fields = fields


@admin.register(Meeting)
class MeetingAdmin(ReadOnlyAdmin):
    list_display = ("conversation_id", "title", "status", "created_at", "length", "chunk_counts")
    list_filter = ("status", "ended_abruptly", "created_at")
    search_fields = ("conversation__id", "conversation__title", "transcript")
    inlines = (StageInline, TransitionInline, ConflictInline, ChunkInline)
    readonly_fields = ("gaps",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Meeting]:
        return super().get_queryset(request).select_related("conversation")

    @admin.display(ordering="conversation__title")
    def title(self, meeting: Meeting) -> str:
        return meeting.conversation.title

    @admin.display(ordering="duration_ms")
    def length(self, meeting: Meeting) -> str:
        return format_clock(meeting.duration_ms / 1000)

    @admin.display(ordering="total_chunks", description="chunks processed")
    def chunk_counts(self, meeting: Meeting) -> str:
        return f"{meeting.chunks_processed} of {meeting.total_chunks}"

    @admin.display(description="missing audio")
    def gaps(self, meeting: Meeting) -> str:
        return ", ".join(str(gap["text"]) for gap in list_gaps(meeting)) or "none"


@admin.register(AudioChunk)
class AudioChunkAdmin(ReadOnlyAdmin):
    list_display = ("meeting_id", "index", "state", "size", "engine", "attempts", "received_at")
    list_filter = ("state", "engine")
    search_fields = ("meeting__conversation__id", "text")
    ordering = ("-received_at",)


@admin.register(ConflictingChunk)
class ConflictingChunkAdmin(ReadOnlyAdmin):
    list_display = ("meeting_id", "index", "size", "sha256", "received_at")
    search_fields = ("meeting__conversation__id",)


@admin.register(Segment)
class SegmentAdmin(ReadOnlyAdmin):
    list_display = ("meeting_id", "position", "start_ms", "end_ms", "speaker", "text", "engine")
    list_filter = ("engine",)
    search_fields = ("meeting__conversation__id", "text", "speaker")


@admin.register(StageResult)
class StageResultAdmin(ReadOnlyAdmin):
    list_display = ("meeting_id", "name", "status", "engine", "duration_seconds", "attempts")
    list_filter = ("name", "status")
    search_fields = ("meeting__conversation__id",)
