"""Who is told of meetings, and every attempt: what was sent, what came back, once more."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from chat.admin import ReadOnlyAdmin
from intellibooks import audit
from meetings.models import WebhookDelivery, WebhookEndpoint
from meetings.webhooks.messages import plan_again

FAILED = Q(deliveries__status=WebhookDelivery.Status.FAILED)


class WebhookEndpointAdmin(ReadOnlyAdmin):
    """The secret is shown nowhere: whoever made the endpoint was told it once."""

    list_display = ("url", "owner", "is_for_all", "is_active", "sent", "failed", "created_at")
    list_filter = ("is_active", "is_for_all")
    search_fields = ("url", "owner")
    fields = readonly_fields = (
        *("id", "url", "owner", "is_for_all", "events", "is_active", "disabled_reason"),
        "created_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookEndpoint]:
        rows: QuerySet[WebhookEndpoint] = super().get_queryset(request)
        failed = Count("deliveries", filter=FAILED)
        return rows.annotate(sent_rows=Count("deliveries"), failed_rows=failed)

    @admin.display(description="deliveries", ordering="sent_rows")
    def sent(self, endpoint: Any) -> int:
        return int(endpoint.sent_rows)

    @admin.display(description="failed", ordering="failed_rows")
    def failed(self, endpoint: Any) -> int:
        return int(endpoint.failed_rows)


class WebhookDeliveryAdmin(ReadOnlyAdmin):
    list_display = (
        *("created_at", "event", "endpoint", "status", "attempts", "response_status"),
        *("seconds", "meeting_id"),
    )
    list_select_related = ("endpoint",)
    list_filter = ("status", "event", "response_status")
    search_fields = ("meeting__conversation__id", "endpoint__url", "error", "body")
    date_hierarchy = "created_at"
    show_full_result_count = False
    actions = ("redeliver",)
    fields = readonly_fields = (
        *("id", "event", "endpoint", "meeting", "status", "attempts", "retry_at", "created_at"),
        *("delivered_at", "seconds", "error", "response_status", "response_excerpt", "body"),
    )

    def has_redeliver_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("meetings.change_webhookdelivery"))

    @admin.action(description="Redeliver: the same message again", permissions=["redeliver"])
    def redeliver(self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]) -> None:
        actor = request.user.get_username()
        deliveries = list(queryset)
        for delivery in deliveries:
            plan_again(delivery)
            self.log_change(request, delivery, "Planned again.")
            audit.record("webhook.redeliver", actor=actor, target=str(delivery.pk))
        self.message_user(request, f"{len(deliveries)} deliveries are sent again.")
