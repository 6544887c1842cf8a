from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.db.models import F
from django.utils import timezone
from pytest_django import Settings

from chat.models import Conversation, Event
from chat.stream.replay import look_up_missed
from intellibooks import audit
from intellibooks.models import AuditEntry
from meetings import retention, services, sweeper
from meetings.models import Meeting, WebhookDelivery, WebhookEndpoint
from tests.factories import make_silence, send_chunk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("data_dir")]


@pytest.fixture
def meeting(work_off: Callable[[], None]) -> Meeting:
    """One that ended ten days ago."""
    started = services.start_meeting()
    send_chunk(started, 0, make_silence())
    services.end_recording(started.pk, actor="test")
    work_off()
    back = timedelta(days=10)
    Meeting.objects.update(completed_at=F("completed_at") - back)
    Conversation.objects.update(updated_at=F("updated_at") - back)
    return services.get_meeting(started.pk)


def test_without_a_limit_everything_stays(meeting: Meeting) -> None:
    retired = retention.retire()
    assert retired.count == 0
    assert Meeting.objects.exists()


@pytest.mark.parametrize(("days", "left"), [(9, 0), (11, 1)])
def test_old_meetings_go(meeting: Meeting, settings: Settings, days: int, left: int) -> None:
    settings.RETENTION_DAYS = days
    retention.retire()
    assert (Meeting.objects.count(), Conversation.objects.count()) == (left, left)
    erased = AuditEntry.objects.filter(action="meeting_erased", actor="retention")
    assert erased.filter(target=meeting.pk).count() == 1 - left


def test_running_meeting_stays_however_old(settings: Settings) -> None:
    settings.RETENTION_DAYS = settings.EVENT_RETENTION_DAYS = 1
    running = services.start_meeting()
    Meeting.objects.update(last_activity_at=timezone.now() - timedelta(days=5))
    Conversation.objects.update(updated_at=timezone.now() - timedelta(days=5))
    assert retention.retire().count == 0
    assert services.get_meeting(running.pk).is_recording


def test_old_audio_goes_and_the_text_stays(meeting: Meeting, settings: Settings) -> None:
    settings.RETENTION_AUDIO_DAYS = 9
    assert retention.retire().recordings == 1
    assert retention.retire().recordings == 0
    assert services.get_meeting(meeting.pk).audio_purged_at is not None


def test_log_of_a_quiet_room_goes_and_who_resumes_is_told_of_the_gap(
    meeting: Meeting, settings: Settings, run_command: Callable[..., int]
) -> None:
    settings.EVENT_RETENTION_DAYS = 9
    assert look_up_missed(meeting.pk, 0).is_replayable
    assert retention.retire().events > 3
    assert not look_up_missed(meeting.pk, 0).is_replayable
    assert look_up_missed(meeting.pk, meeting.conversation.last_seq).is_replayable
    assert run_command("verify") == 0


def test_log_goes_in_batches(
    meeting: Meeting, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EVENT_RETENTION_DAYS = 9
    count = Event.objects.count()
    monkeypatch.setattr(retention, "ROWS_PER_DELETE", 2)
    monkeypatch.setattr(retention, "ROWS_PER_PASS", 4)
    assert retention.retire().events == 4
    assert list(Event.objects.values_list("seq", flat=True)) == list(range(5, count + 1))


def test_hole_in_a_log_is_still_found(
    meeting: Meeting, settings: Settings, run_command: Callable[..., int]
) -> None:
    settings.EVENT_RETENTION_DAYS = 11
    Event.objects.filter(seq=3).delete()
    assert run_command("verify") == 1


def test_old_deliveries_and_audit_entries_go(settings: Settings) -> None:
    settings.AUDIT_RETENTION_DAYS = 9
    endpoint = WebhookEndpoint.objects.create(url="https://example.com")
    for status in ("delivered", "pending"):
        WebhookDelivery.objects.create(endpoint=endpoint, event="ping", body="{}", status=status)
    audit.record("login", actor="alice")
    for rows in (WebhookDelivery.objects.all(), AuditEntry.objects.all()):
        rows.update(created_at=timezone.now() - timedelta(days=40))
    audit.record("login", actor="bob")
    retired = retention.retire()
    assert (retired.deliveries, retired.audit_entries) == (1, 1)
    assert AuditEntry.objects.get().actor == "bob"
    assert WebhookDelivery.objects.get().status == "pending"


def test_watchdog_does_it(
    meeting: Meeting, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RETENTION_DAYS = 9
    monkeypatch.setattr(sweeper.retention, "due_at", 0.0)
    assert sweeper.sweep().tidied == 1
    assert not Meeting.objects.exists()


def test_nothing_has_a_limit_by_default() -> None:
    names = ("RETENTION_DAYS", "RETENTION_AUDIO_DAYS", "EVENT_RETENTION_DAYS")
    assert [getattr(django_settings, name) for name in names] == [0, 0, 0]
