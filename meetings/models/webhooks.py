"""Who wants to be told of meetings, and every attempt to tell them."""

import base64
import secrets
import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from meetings.leases import Leased, LeasedQuerySet
from meetings.models.meeting import Meeting

SECRET_BYTES = 32


def new_secret() -> str:
    """In the form of Standard Webhooks: ``whsec_`` and the key in base64."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


class WebhookEndpoint(models.Model):
    """An address of somebody's service that is told of the meetings its owner may see."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.CharField(max_length=150, blank=True)
    is_for_all = models.BooleanField(default=False, help_text="of every meeting: staff made it")
    url = models.URLField(max_length=500)
    secret = models.CharField(max_length=100, default=new_secret)
    events = models.JSONField(default=list, help_text="types it wants; empty for all")
    is_active = models.BooleanField(default=True)
    disabled_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.url


class WebhookDeliveryQuerySet(LeasedQuerySet):
    pass


class WebhookDelivery(Leased):
    """One message to one endpoint: what it says, how often it was tried, what came back."""

    class Status(models.TextChoices):
        PENDING = "pending"
        DELIVERED = "delivered"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, related_name="deliveries")
    # The body speaks of the meeting: it goes when the meeting is erased.
    meeting = models.ForeignKey(Meeting, models.CASCADE, null=True, related_name="deliveries")
    event = models.CharField(max_length=64)
    body = models.TextField()
    status = models.CharField(max_length=16, choices=Status, default=Status.PENDING)
    created_at = models.DateTimeField(db_default=Now())
    delivered_at = models.DateTimeField(null=True, blank=True)
    response_status = models.PositiveSmallIntegerField(null=True, blank=True)
    response_excerpt = models.TextField(blank=True)
    error = models.CharField(max_length=300, blank=True)
    seconds = models.FloatField(null=True, blank=True, help_text="of the last attempt")

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        verbose_name_plural = "webhook deliveries"
        indexes = (
            models.Index(
                fields=("retry_at",), name="delivery_waiting", condition=Q(status="pending")
            ),
        )

    def __str__(self) -> str:
        return f"{self.event} to {self.endpoint_id}: {self.status}"
