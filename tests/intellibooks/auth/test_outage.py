"""The database is away: who was known a moment ago goes on recording, nobody else comes in."""

from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from intellibooks.auth.credentials import MOST_REMEMBERED, Memory
from intellibooks.errors import NotAuthenticated
from intellibooks.identity import Identity
from tests.factories import make_tone
from tests.intellibooks.auth.people import bearing, make_token

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("required")]


def refuse(*args: Any) -> Any:
    raise OperationalError("the database is away")


def send(client: Client, meeting_id: str) -> int:
    path = f"/api/meetings/{meeting_id}/chunks/0"
    return int(client.put(path, make_tone(), content_type="application/octet-stream").status_code)


def test_recorder_goes_on_during_an_outage() -> None:
    known, unknown = bearing(make_token("alice")), bearing(make_token("bob"))
    meeting_id = known.post("/api/meetings/start").json()["session_id"]
    with connection.execute_wrapper(refuse):
        assert send(known, meeting_id) == 200
        assert send(unknown, meeting_id) == 503
        assert send(Client(), meeting_id) == 401


def test_revoked_credentials_are_forgotten() -> None:
    memory = Memory()
    memory.look_up("secret", lambda _: Identity("alice", is_verified=True))

    def reject(_: str) -> Identity:
        raise NotAuthenticated

    with pytest.raises(NotAuthenticated):
        memory.look_up("secret", reject)
    with pytest.raises(OperationalError):
        memory.look_up("secret", refuse)


def test_memory_stays_bounded() -> None:
    memory = Memory()
    for number in range(MOST_REMEMBERED + 5):
        memory.look_up(f"secret {number}", lambda _: Identity("alice", is_verified=True))
    assert len(memory.known) <= MOST_REMEMBERED
