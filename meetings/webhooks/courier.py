"""Delivering: signed as Standard Webhooks says, tried again for hours, each attempt written down.

Signature scheme: https://github.com/standard-webhooks/standard-webhooks (HMAC-SHA256 over id,
time and body).
"""

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpcore
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection
from django.db.models import Window
from django.db.models.functions import Now, RowNumber
from standardwebhooks import Webhook

from meetings.leases import LeasedQuerySet, seconds_from_now
from meetings.models import WebhookDelivery, WebhookEndpoint
from meetings.webhooks import guard

logger = logging.getLogger(__name__)

Status = WebhookDelivery.Status
PAUSES_SECONDS = (5, 30, 300, 1800, 7200, 18_000)  # then it is given up: after some seven hours
TIMEOUT_SECONDS = 15.0  # of one attempt altogether
LEASE_SHARE = 0.75  # of the lease: an attempt is over before somebody else takes the row
AT_ONCE = 4
PER_ROUND = 50
PER_ENDPOINT = 3  # of a round: whoever answers slowly keeps nobody else waiting for long
LONGEST_ERROR = 300  # characters
GONE = 410  # by the standard: the endpoint wants no more


def find_due() -> list[WebhookDelivery]:
    """What waits, the oldest of every endpoint first, a few of each."""
    rows: LeasedQuerySet = WebhookDelivery.objects.free()
    due = rows.filter(status=Status.PENDING, endpoint__is_active=True)
    place = Window(RowNumber(), partition_by="endpoint", order_by="created_at")
    fair = due.annotate(place=place).filter(place__lte=PER_ENDPOINT)
    return list(fair.select_related("endpoint").order_by("place", "created_at")[:PER_ROUND])


def deliver_due() -> int:
    """One round over what waits; how many were tried."""
    due = find_due()
    if not due:
        return 0
    with ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="courier") as pool:
        return sum(pool.map(deliver_in_thread, due))


def deliver_in_thread(delivery: WebhookDelivery) -> bool:
    try:
        return deliver(delivery)
    finally:
        connection.close()


def deliver(delivery: WebhookDelivery) -> bool:
    """Whether we tried; False where somebody else has it. Never raises for the other side."""
    row: LeasedQuerySet = WebhookDelivery.objects.filter(pk=delivery.pk, status=Status.PENDING)
    token = row.claim()
    if not token:
        return False
    started = time.monotonic()
    status, excerpt, error = attempt(delivery)
    seconds = round(time.monotonic() - started, 3)
    facts: dict[str, Any] = {
        "response_status": status,
        "response_excerpt": excerpt,
        "seconds": seconds,
    }
    if not error:
        row.release(token, status=Status.DELIVERED, delivered_at=Now(), error="", **facts)
        return True
    delivery.refresh_from_db(fields=["attempts"])
    tries = delivery.attempts
    if status == GONE:
        disable(delivery.endpoint, "it answered 410 Gone")
    if status == GONE or tries > len(PAUSES_SECONDS):
        row.release(token, status=Status.FAILED, error=error, **facts)
    else:
        row.release(token, retry_seconds=PAUSES_SECONDS[tries - 1], error=error, **facts)
    logger.info("webhook %s, try %d: %s", delivery.pk, tries, error)
    return True


def attempt(delivery: WebhookDelivery) -> tuple[int | None, str, str]:
    """Status and beginning of the answer, and what was wrong, if anything."""
    try:
        answer = guard.post(
            delivery.endpoint.url,
            delivery.body.encode(),
            build_headers(delivery),
            timeout_seconds=min(TIMEOUT_SECONDS, settings.LEASE_SECONDS * LEASE_SHARE),
            allowed=settings.WEBHOOK_ALLOWED_NETWORKS,
        )
    except guard.ForbiddenAddress as error:
        return None, "", str(error)[:LONGEST_ERROR]
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError) as e:
        return None, "", f"{type(e).__name__}: {e}"[:LONGEST_ERROR]
    except httpcore.UnsupportedProtocol:
        return None, "", "Only http and https can be asked."
    except Exception as error:  # the rim: one address must not stop the deliveries of all others
        logger.exception("webhook %s could not be sent", delivery.pk)
        return None, "", f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
    excerpt = answer.excerpt.replace("\x00", "\ufffd")
    is_fine = 200 <= answer.status < 300  # noqa: PLR2004 - the class of successes
    return answer.status, excerpt, "" if is_fine else f"answered {answer.status}"


def build_headers(delivery: WebhookDelivery) -> dict[str, str]:
    now = datetime.now(UTC)
    name = f"msg_{delivery.pk.hex}"
    signature = Webhook(delivery.endpoint.secret).sign(name, now, delivery.body)
    return {
        "host": urlsplit(delivery.endpoint.url).netloc,
        "content-type": "application/json",
        "user-agent": f"intellibooks-studio/{settings.VERSION}",
        "webhook-id": name,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }


def disable(endpoint: WebhookEndpoint, reason: str) -> None:
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(is_active=False, disabled_reason=reason)


def remove_old_deliveries(days: int) -> int:
    """Deliveries that are over and older than so many days go; how many went."""
    limit = seconds_from_now(-days * 86_400)
    old = WebhookDelivery.objects.filter(created_at__lt=limit).exclude(status=Status.PENDING)
    return old.delete()[0]


class Courier:
    """A thread of the watchdog that delivers every second, whatever else the watchdog does."""

    def __init__(self, stopped: threading.Event, *, every_seconds: float = 1.0) -> None:
        self.stopped = stopped
        self.every_seconds = every_seconds
        self.thread = threading.Thread(target=self.run, name="courier", daemon=True)

    def start(self) -> None:
        self.thread.start()

    def run(self) -> None:
        while not self.stopped.wait(self.every_seconds):
            close_old_connections()
            try:
                deliver_due()
            except DatabaseError as error:
                logger.warning("webhooks wait for the database: %s", error)
