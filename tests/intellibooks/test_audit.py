import logging
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client

from chat.models import Membership
from intellibooks import audit
from intellibooks.models import AuditEntry
from meetings import services
from tests.intellibooks.auth.people import bearing, make_token, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def meeting_id(settings: Any) -> str:
    settings.AUTH_MODE = "required"
    meeting = services.start_meeting(owner="alice")
    meeting.conversation.memberships.create(user_id="vera", role=Membership.Role.VIEWER)
    return str(meeting.pk)


@pytest.mark.parametrize(("name", "status"), [("charlie", 404), ("vera", 403)])
def test_denied_access_is_kept(meeting_id: str, name: str, status: int) -> None:
    answer = bearing(make_token(name)).post(f"/api/meetings/{meeting_id}/stop")
    assert answer.status_code == status
    entry = AuditEntry.objects.get(outcome="denied")
    assert (entry.actor, entry.action, entry.target) == (name, "edit", meeting_id)


def test_of_a_flood_of_denials_a_sample_is_kept(meeting_id: str) -> None:
    client = bearing(make_token("charlie"))
    for _ in range(40):
        client.get(f"/api/meetings/{meeting_id}")
    assert AuditEntry.objects.filter(outcome="denied").count() == 30


def test_missing_meeting_is_no_denial(meeting_id: str) -> None:
    bearing(make_token("charlie")).get("/api/meetings/no-such-meeting")
    assert not AuditEntry.objects.filter(outcome="denied").exists()


def test_download_of_the_audio_is_kept(meeting_id: str) -> None:
    client = bearing(make_token("vera"))
    client.get(f"/api/meetings/{meeting_id}/export?format=audio")
    client.get(f"/api/meetings/{meeting_id}/audio?download=1")
    client.get(f"/api/meetings/{meeting_id}/audio")
    kept = AuditEntry.objects.filter(action="audio_exported").values_list("actor", "target")
    assert list(kept) == [("vera", meeting_id)] * 2


def test_acts_in_the_admin_are_kept() -> None:
    root = make_user("root", is_staff=True)
    root.is_superuser = True
    root.save()
    client = Client()
    client.force_login(root)
    client.post("/admin/auth/user/add/", {"username": "new"})
    entry = AuditEntry.objects.get(action="admin")
    assert (entry.actor, entry.target) == ("root", "/admin/auth/user/add/")


def test_entry_that_cannot_be_stored_is_in_the_log_all_the_same(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(*args: object) -> None:
        raise DatabaseError("away")

    with caplog.at_level(logging.INFO), connection.execute_wrapper(refuse):
        audit.record("token_created", actor="root", target="api_token/1")
    assert "root token_created api_token/1" in caplog.text
    assert not AuditEntry.objects.exists()


def test_control_characters_do_not_reach_the_log() -> None:
    audit.record("login", actor="alice\r\n2026-01-01 forged line\x1b[2J")
    assert AuditEntry.objects.get().actor == "alice2026-01-01 forged line[2J"
