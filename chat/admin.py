"""Rooms, messages and events for the reviewer; nothing here is written by hand."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from chat.models import Conversation, Event, Message


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Lists and pages to read; rows are made by the service alone."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    list_display = ("id", "title", "last_seq", "created_at", "updated_at")
    search_fields = ("id", "title")
    ordering = ("-updated_at",)


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "conversation", "role", "user_id", "content")
    list_select_related = ("conversation",)
    search_fields = ("content", "conversation__id")
    list_filter = ("role",)


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("conversation", "seq", "type", "created_at")
    list_select_related = ("conversation",)
    search_fields = ("conversation__id",)
    list_filter = ("type",)
    ordering = ("-created_at",)
