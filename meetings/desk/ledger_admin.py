"""Chunks, segments and results to read, for whoever looks across meetings."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from chat.admin import ReadOnlyAdmin
from meetings.models import Segment


class AudioChunkAdmin(ReadOnlyAdmin):
    list_display = ("meeting_id", "index", "state", "size", "engine", "attempts", "received_at")
    list_filter = ("state", "engine")
    search_fields = ("meeting__conversation__id", "text")
    ordering = ("-received_at",)
    show_full_result_count = False


class ConflictingChunkAdmin(ReadOnlyAdmin):
    list_display = ("meeting_id", "index", "size", "sha256", "received_at")
    search_fields = ("meeting__conversation__id",)


class SegmentAdmin(ReadOnlyAdmin):
    list_display = ("meeting_id", "position", "start_ms", "end_ms", "speaker", "text", "engine")
    list_filter = ("engine", "is_edited")
    search_fields = ("meeting__conversation__id", "text", "speaker")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Segment]:
        rows: QuerySet[Segment] = super().get_queryset(request)
        return rows.defer("words")


class StageResultAdmin(ReadOnlyAdmin):
    list_display = ("meeting_id", "name", "status", "engine", "duration_seconds", "attempts")
    list_filter = ("name", "status")
    search_fields = ("meeting__conversation__id",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("result")


class StageRevisionAdmin(ReadOnlyAdmin):
    list_display = ("meeting_id", "name", "generation", "engine", "finished_at", "replaced_at")
    list_filter = ("name",)
    search_fields = ("meeting__conversation__id",)


class SegmentEditAdmin(ReadOnlyAdmin):
    list_display = ("meeting_id", "created_at", "author", "old_text", "new_text", "undone_at")
    search_fields = ("meeting__conversation__id", "author", "old_text", "new_text")
    date_hierarchy = "created_at"
