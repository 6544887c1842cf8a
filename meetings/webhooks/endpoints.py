"""Endpoints: who may have them, and whose meetings they are told of."""

from collections.abc import Sequence
from typing import Any

from intellibooks.errors import Conflict, Forbidden, NotFound
from intellibooks.identity import Identity, is_open
from meetings.models import WebhookDelivery, WebhookEndpoint

SHOWN = 100  # deliveries in one answer
MOST_ENDPOINTS = 20  # of one owner


def list_visible(identity: Identity) -> Any:
    if identity.is_staff or is_open():
        return WebhookEndpoint.objects.all()
    own = WebhookEndpoint.objects.filter(owner=identity.user_id).exclude(owner="")
    return own.filter(is_for_all=False)  # those hear of every meeting: for staff alone


def find(identity: Identity, endpoint_id: str) -> WebhookEndpoint:
    """Raises NotFound, for somebody else's too."""
    endpoint: WebhookEndpoint | None = list_visible(identity).filter(pk=endpoint_id).first()
    if endpoint is None:
        raise NotFound("There is no such webhook.")
    return endpoint


def find_delivery(endpoint: WebhookEndpoint, delivery_id: str) -> WebhookDelivery:
    delivery: WebhookDelivery | None = endpoint.deliveries.filter(pk=delivery_id).first()
    if delivery is None:
        raise NotFound("There is no such delivery.")
    return delivery


def create_endpoint(
    identity: Identity, *, url: str, events: Sequence[str] = (), is_active: bool = True
) -> WebhookEndpoint:
    """Told of the meetings that its owner may see: of all where staff made it.

    Raises Forbidden for somebody without a name, Conflict beyond MOST_ENDPOINTS.
    """
    if not identity.user_id and not is_open():
        raise Forbidden("Log in first: a webhook belongs to somebody.")
    if WebhookEndpoint.objects.filter(owner=identity.user_id).count() >= MOST_ENDPOINTS:
        raise Conflict(f"There are {MOST_ENDPOINTS} webhooks already. Delete one first.")
    return WebhookEndpoint.objects.create(
        owner=identity.user_id,
        is_for_all=identity.is_staff,
        url=url,
        events=sorted(set(events)),
        is_active=is_active,
    )


def change_endpoint(endpoint: WebhookEndpoint, **wishes: Any) -> WebhookEndpoint:
    if "events" in wishes:
        wishes["events"] = sorted(set(wishes["events"]))
    if wishes.get("is_active"):
        wishes["disabled_reason"] = ""
    for name, value in wishes.items():
        setattr(endpoint, name, value)
    endpoint.save(update_fields=list(wishes))
    return endpoint
