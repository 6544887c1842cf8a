from typing import Any

import pytest
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from tests.intellibooks.auth.people import bearing, make_token
from tests.timing import check_seconds

pytestmark = pytest.mark.django_db(transaction=True)


def test_status_says_of_each_part_how_it_is_and_what_mends_it(client: Client) -> None:
    body = client.get("/api/status").json()
    checks = {check["name"]: check for check in body["checks"]}
    assert (body["ok"], body["version"], body["engine"]) == (False, "0.1.0", "pocketsphinx")
    assert {"database", "migrations", "redis", "media", "disk", "auth", "decoder"} < checks.keys()
    workers = checks["workers"]
    seconds = workers.pop("seconds")
    check_seconds(seconds, 2)
    assert workers == {
        "name": "workers",
        "state": "failed",
        "required": True,
        "found": "live: 0 alive, 0 waiting, oldest 0 s; pipeline: 0 alive, 0 waiting, oldest 0 s",
        "error": "no worker listens to live and pipeline",
        "fix": "python manage.py work live",
    }


def test_status_is_for_staff_where_a_login_is_required(settings: Any) -> None:
    settings.AUTH_MODE = "required"
    staff = bearing(make_token("root", scopes=["admin"], is_staff=True))
    answers = [who.get("/api/status") for who in (Client(), bearing(make_token("bob")), staff)]
    assert [answer.status_code for answer in answers] == [401, 403, 200]


def test_unapplied_migration_makes_it_unready_and_the_probe_tells_no_address(
    client: Client,
) -> None:
    rows = MigrationRecorder.Migration.objects
    row = rows.filter(app="chat").latest("pk")
    row.delete()
    try:
        body = client.get("/api/ready").json()
    finally:
        rows.create(app=row.app, name=row.name)
    said = body["parts"]["migrations"]
    assert said == f"1 not applied: chat.{row.name}; run: python manage.py migrate"


def test_probe_keeps_paths_to_itself(client: Client, settings: Any) -> None:
    media = {**settings.STORAGES["media"], "OPTIONS": {"location": "/proc/intellibooks"}}
    settings.STORAGES = {**settings.STORAGES, "media": media}
    answer = client.get("/api/ready")
    assert answer.status_code == 503
    assert answer.json()["parts"]["media"].startswith("cannot be written: ")
    assert "/proc" not in answer.content.decode()
