"""What an endpoint is told: planned in the transaction that changes the meeting."""

import json
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q

from chat.frames import format_utc
from chat.models import Membership
from intellibooks.errors import Conflict
from intellibooks.identity import is_open
from meetings.models import Meeting, WebhookDelivery, WebhookEndpoint

PING = "ping"
MOST_WAITING = 10  # deliveries of an endpoint, before one more may be asked for by hand
EVENTS = {
    Meeting.Status.RECORDING: "meeting.started",
    Meeting.Status.PROCESSING: "meeting.stopped",
    Meeting.Status.COMPLETED: "meeting.completed",
    Meeting.Status.FAILED: "meeting.failed",
    Meeting.Status.CANCELLED: "meeting.cancelled",
}
RESUMED, AGAIN = "meeting.resumed", "meeting.reprocessing"
EVENT_TYPES = sorted([*EVENTS.values(), RESUMED, AGAIN])


def name_event(old: str, new: str) -> str:
    """What a meeting's change of status is called; ``old`` is empty at its start."""
    if old and new == Meeting.Status.RECORDING:
        return RESUMED
    if old != Meeting.Status.RECORDING and new == Meeting.Status.PROCESSING:
        return AGAIN
    return EVENTS[Meeting.Status(new)]


def plan_deliveries(meeting: Meeting, old: str, status: str) -> int:
    """A row for each endpoint that wants to know; how many. To be called in the transaction."""
    event = name_event(old, status)
    endpoints = [one for one in list_endpoints(meeting) if wants(one, event)]
    if endpoints:
        body = encode_body(event, describe_meeting(meeting, status))
        WebhookDelivery.objects.bulk_create(
            WebhookDelivery(endpoint=one, meeting_id=meeting.pk, event=event, body=body)
            for one in endpoints
        )
    return len(endpoints)


def list_endpoints(meeting: Meeting) -> list[WebhookEndpoint]:
    """The active ones whose owner may see the meeting."""
    members = list(
        Membership.objects.filter(conversation=meeting.pk).values_list("user_id", flat=True)
    )
    active = WebhookEndpoint.objects.filter(is_active=True)
    if is_open() and not members:
        return list(active)
    return list(active.filter(Q(is_for_all=True) | Q(owner__in=members)))


def wants(endpoint: WebhookEndpoint, event: str) -> bool:
    return not endpoint.events or event in endpoint.events


def describe_meeting(meeting: Meeting, status: str) -> dict[str, Any]:
    """Thin on purpose: what was said is read through the API, by whoever may."""
    return {
        "session_id": meeting.pk,
        "title": meeting.conversation.title,
        "status": str(status),
        "created_at": format_utc(meeting.created_at),
        "duration_ms": meeting.duration_ms,
        "ended_abruptly": meeting.ended_abruptly,
        "failure_code": meeting.failure_code,
        "path": f"/api/meetings/{meeting.pk}",
    }


def encode_body(event: str, facts: dict[str, Any]) -> str:
    moment = format_utc(datetime.now(UTC))
    return json.dumps({"type": event, "timestamp": moment, "data": facts}, ensure_ascii=False)


def plan_ping(endpoint: WebhookEndpoint) -> WebhookDelivery:
    """A message that only shows whether the address works. Raises Conflict."""
    refuse_heap(endpoint)
    body = encode_body(PING, {"endpoint": str(endpoint.pk)})
    return WebhookDelivery.objects.create(endpoint=endpoint, event=PING, body=body)


def plan_again(delivery: WebhookDelivery) -> WebhookDelivery:
    """The same message once more, under the same id: the receiver can tell it from a new one.

    Raises Conflict.
    """
    if delivery.status != WebhookDelivery.Status.PENDING:
        refuse_heap(delivery.endpoint)
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        status=WebhookDelivery.Status.PENDING, attempts=0, retry_at=None, error=""
    )
    delivery.refresh_from_db()
    return delivery


def refuse_heap(endpoint: WebhookEndpoint) -> None:
    """Raises Conflict where enough waits for the endpoint already."""
    if endpoint.deliveries.filter(status=WebhookDelivery.Status.PENDING).count() >= MOST_WAITING:
        raise Conflict(f"{MOST_WAITING} messages wait for this address already. Let them arrive.")
