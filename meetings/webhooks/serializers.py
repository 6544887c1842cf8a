"""The wire shapes of webhook endpoints and their deliveries."""

from typing import Any
from urllib.parse import urlsplit

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from chat.frames import format_utc
from meetings.models import WebhookDelivery, WebhookEndpoint
from meetings.webhooks.messages import EVENT_TYPES


class EndpointRequest(serializers.Serializer[Any]):
    url = serializers.URLField(max_length=500)
    events = serializers.ListField(
        child=serializers.ChoiceField(EVENT_TYPES), required=False, max_length=20
    )
    is_active = serializers.BooleanField(required=False)

    def validate_url(self, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or parts.username or parts.password:
            raise serializers.ValidationError(
                "The address starts with http:// or https:// and holds no password: deliveries "
                "are signed with the endpoint's secret instead."
            )
        return url


class EndpointAnswer(serializers.Serializer[Any]):
    id = serializers.CharField()
    url = serializers.CharField()
    events = serializers.ListField(child=serializers.CharField())
    is_active = serializers.BooleanField()
    disabled_reason = serializers.CharField()
    created_at = serializers.CharField()
    secret = serializers.CharField(required=False, help_text="only when it was made just now")


@extend_schema_serializer(many=False)  # one object, which holds the list
class EndpointsAnswer(serializers.Serializer[Any]):
    webhooks = EndpointAnswer(many=True)


class DeliveryAnswer(serializers.Serializer[Any]):
    id = serializers.CharField()
    event = serializers.CharField()
    status = serializers.CharField()
    attempts = serializers.IntegerField()
    created_at = serializers.CharField()
    delivered_at = serializers.CharField(allow_null=True)
    next_attempt_at = serializers.CharField(allow_null=True)
    response_status = serializers.IntegerField(allow_null=True)
    response_excerpt = serializers.CharField()
    error = serializers.CharField()
    body = serializers.CharField()


def encode_endpoint(endpoint: WebhookEndpoint, *, with_secret: bool = False) -> dict[str, Any]:
    shown = {
        "id": str(endpoint.pk),
        "url": endpoint.url,
        "events": endpoint.events,
        "is_active": endpoint.is_active,
        "disabled_reason": endpoint.disabled_reason,
        "created_at": format_utc(endpoint.created_at),
    }
    return {**shown, "secret": endpoint.secret} if with_secret else shown


def encode_delivery(delivery: WebhookDelivery) -> dict[str, Any]:
    waits = delivery.status == WebhookDelivery.Status.PENDING
    return {
        "id": str(delivery.pk),
        "event": delivery.event,
        "status": delivery.status,
        "attempts": delivery.attempts,
        "created_at": format_utc(delivery.created_at),
        "delivered_at": delivery.delivered_at and format_utc(delivery.delivered_at),
        "next_attempt_at": format_utc(delivery.retry_at) if waits and delivery.retry_at else None,
        "response_status": delivery.response_status,
        "response_excerpt": delivery.response_excerpt,
        "error": delivery.error,
        "body": delivery.body,
    }
