"""What has been kept for as long as was wished goes: a bounded batch at every upkeep."""

import logging
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from chat.models import Conversation, Event
from intellibooks import audit
from intellibooks.models import AuditEntry
from meetings import upkeep
from meetings.leases import seconds_from_now
from meetings.models import Meeting, MeetingQuerySet, WebhookDelivery
from meetings.upkeep import MeetingInUse

logger = logging.getLogger(__name__)

MEETINGS_PER_PASS = 50
ROWS_PER_PASS = 20_000
ROWS_PER_DELETE = 2000  # so that nobody waits for long on SQLite
DAY_SECONDS = 86_400
ACTOR = "retention"


class Retention:
    """The watchdog's share of it: a pass every INTERVAL_SECONDS."""

    def __init__(self) -> None:
        self.due_at = 0.0

    def run_if_due(self) -> int:
        """How much a pass removed, if it was time for one."""
        if time.monotonic() < self.due_at:
            return 0
        self.due_at = time.monotonic() + upkeep.INTERVAL_SECONDS
        try:
            return retire().count
        except OSError as error:
            logger.warning("retention waits for the media storage: %s", error)
            return 0


@dataclass(slots=True)
class Retired:
    """What one pass removed."""

    meetings: int = 0
    recordings: int = 0
    events: int = 0
    deliveries: int = 0
    audit_entries: int = 0

    @property
    def count(self) -> int:
        rows = self.events + self.deliveries + self.audit_entries
        return self.meetings + self.recordings + rows


def retire() -> Retired:
    """One pass over everything that has a limit; 0 days are no limit. Raises OSError."""
    done = Retired()
    if days := settings.RETENTION_DAYS:
        done.meetings = erase_old_meetings(days)
    if days := settings.RETENTION_AUDIO_DAYS:
        done.recordings = delete_old_audio(days)
    if days := settings.EVENT_RETENTION_DAYS:
        done.events = delete_batch(find_old_events(days))
    if days := settings.WEBHOOK_LOG_DAYS:
        done.deliveries = delete_batch(find_old_deliveries(days))
    if days := settings.AUDIT_RETENTION_DAYS:
        old = AuditEntry.objects.filter(created_at__lt=seconds_from_now(-days * DAY_SECONDS))
        done.audit_entries = delete_batch(old)
    if done.count:
        logger.info("retention: %s", done)
    return done


def select_old(age: timedelta, *, is_audio_only: bool = False) -> MeetingQuerySet:
    """Finished meetings whose end is longer ago, by the database's clock; the oldest first."""
    over_at = Coalesce("completed_at", "ended_at", "last_activity_at")
    rows = Meeting.objects.filter(status__in=upkeep.FINISHED).annotate(over_at=over_at)
    rows = rows.filter(over_at__lte=seconds_from_now(-age.total_seconds())).order_by("over_at")
    return upkeep.with_audio(rows) if is_audio_only else rows


def erase_old_meetings(days: int) -> int:
    return sum(
        retire_meeting("meeting_erased", meeting)
        for meeting in select_old(timedelta(days=days))[:MEETINGS_PER_PASS]
    )


def delete_old_audio(days: int) -> int:
    old = select_old(timedelta(days=days), is_audio_only=True)
    return sum(retire_meeting("audio_deleted", meeting) for meeting in old[:MEETINGS_PER_PASS])


def retire_meeting(act: str, meeting: Meeting) -> bool:
    """Whether it went; one that somebody works on again waits for the next pass."""
    remove = upkeep.erase_meeting if act == "meeting_erased" else upkeep.delete_meeting_media
    try:
        freed = remove(meeting)
    except MeetingInUse:
        return False
    audit.record(act, actor=ACTOR, target=meeting.pk, freed_bytes=freed)
    return True


def find_old_events(days: int) -> QuerySet[Event]:
    """The log of rooms in which nothing has happened for so long, unless they are being recorded.

    The whole log of a room goes, so that what is left always ends with its newest event.
    """
    quiet = Conversation.objects.filter(updated_at__lt=seconds_from_now(-days * DAY_SECONDS))
    running = Meeting.objects.filter(pk=OuterRef("pk")).exclude(status__in=upkeep.FINISHED)
    return Event.objects.filter(conversation__in=quiet.exclude(Exists(running))).order_by(
        F("conversation"), "seq"
    )


def find_old_deliveries(days: int) -> QuerySet[WebhookDelivery]:
    limit = seconds_from_now(-days * DAY_SECONDS)
    over = WebhookDelivery.objects.exclude(status=WebhookDelivery.Status.PENDING)
    return over.filter(created_at__lt=limit)


def delete_batch(rows: QuerySet[Any]) -> int:
    """Up to ROWS_PER_PASS, some at a time; how many went."""
    gone = 0
    while gone < ROWS_PER_PASS:
        batch = list(rows.values_list("pk", flat=True)[:ROWS_PER_DELETE])
        gone += rows.model._base_manager.filter(pk__in=batch).delete()[0]  # noqa: SLF001
        if len(batch) < ROWS_PER_DELETE:
            break
    return gone
