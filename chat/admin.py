"""Rooms, people, messages and events for the reviewer; nothing here is written by hand."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from chat import erasing
from chat.models import Conversation, Event, Membership, Message, Notification
from intellibooks import audit

EXCERPT = 120  # characters of a message in the list


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Lists and pages to read; rows are made by the service alone."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]
    """Who may do what in the room; shared through the API, which tells people and sockets."""

    model = Membership
    fields = readonly_fields = ("user_id", "role", "created_at")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    list_display = ("id", "title", "created_by", "message_count", "last_seq", "updated_at")
    search_fields = ("id", "title", "created_by", "memberships__user_id")
    date_hierarchy = "created_at"
    ordering = ("-updated_at",)
    inlines = (MembershipInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        rooms: QuerySet[Conversation] = super().get_queryset(request)
        return rooms.annotate(messages_in_it=Count("messages", distinct=True))

    @admin.display(description="messages", ordering="messages_in_it")
    def message_count(self, room: Any) -> int:
        return int(room.messages_in_it)


class DeletedFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("said", "said"), ("edited", "edited"), ("deleted", "deleted")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        if self.value() == "deleted":
            return queryset.exclude(deleted_at=None)
        if self.value() == "edited":
            return queryset.exclude(edited_at=None)
        return queryset.filter(deleted_at=None) if self.value() == "said" else queryset


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "conversation", "role", "user_id", "excerpt", "is_deleted")
    list_select_related = ("conversation",)
    search_fields = ("content", "conversation__id", "conversation__title", "user_id")
    list_filter = ("role", DeletedFilter, "created_at")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
    actions = ("redact",)

    @admin.display(description="content")
    def excerpt(self, message: Message) -> str:
        content = message.content
        return content if len(content) <= EXCERPT else f"{content[: EXCERPT - 1]}…"

    @admin.display(boolean=True, description="deleted")
    def is_deleted(self, message: Message) -> bool:
        return message.is_deleted

    def has_redact_permission(self, request: HttpRequest) -> bool:
        """Reading the list is not enough to take words back."""
        return bool(request.user.has_perm("chat.delete_message"))

    @admin.action(description="Redact: take the words back everywhere", permissions=["redact"])
    def redact(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        actor = request.user.get_username()
        for message in queryset.filter(deleted_at=None):
            erasing.redact_message(message)
            audit.record("message_redacted", actor=actor, target=str(message.pk))
        self.message_user(request, "The words are gone from the room, its log and notifications.")


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "user_id", "type", "title", "is_read")
    search_fields = ("user_id", "title")
    list_filter = ("type", "is_read")
    date_hierarchy = "created_at"


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("conversation", "seq", "type", "created_at")
    list_select_related = ("conversation",)
    search_fields = ("conversation__id",)
    list_filter = ("type",)
    ordering = ("-created_at",)
