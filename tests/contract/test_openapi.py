"""Whatever fits the OpenAPI file is answered as it says, and never by a crash.

Schemathesis makes requests of the file. Each run makes the same few; FUZZ_FACTOR=30 makes
thirty times as many.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from meetings import services
from meetings.models import Meeting, Segment
from tests.access_table import ROUTES
from tests.contract.limits import limit_fuzz

SCHEMA = schemathesis.openapi.from_wsgi("/openapi.json", get_wsgi_application())
FOUND: Any = SCHEMA.get_all_operations()
OPERATIONS = {result.ok().label: result.ok() for result in FOUND}
# Pages, probes and files have no place in it; the last two answer a constant.
APART = {"GET /", "GET /api/docs", "GET /console", "GET /openapi.json", "GET /asyncapi.yaml"}
APART |= {"GET /health", "GET /api/ready", "GET /api/config", "GET /metrics"}
APART |= {f"{method} /api/sessions/<pk>/database/config" for method in ("GET", "POST")}
FIELDS = {"detail", "error", "code"}


def name_places(operation: str) -> str:
    return re.sub(r"[<{]\w+[>}]", "{}", operation)


def test_every_route_is_described() -> None:
    described = {name_places(label) for label in OPERATIONS}
    assert described == {name_places(route) for route in ROUTES.keys() - APART}


@pytest.mark.parametrize("label", sorted(OPERATIONS))
def test_every_description_says_something(label: str) -> None:
    found = OPERATIONS[label].definition.raw
    assert len(found.get("summary", "") + found.get("description", "")) > 10


def make_meeting(*, is_over: bool) -> Meeting:
    """Alice's, with two things said in it."""
    meeting = services.start_meeting(owner="alice")
    if is_over:
        Meeting.objects.filter(pk=meeting.pk).update(status=Meeting.Status.COMPLETED)
        for number, text in enumerate(("We order blue cables.", "Mary writes to them.")):
            times = {"start_ms": number * 1000, "end_ms": number * 1000 + 900}
            Segment.objects.create(
                meeting=meeting, key=f"s{number}", position=number, text=text, **times
            )
    return meeting


@pytest.fixture
def _one_connection() -> Iterator[None]:
    """A request closes the connection it finds at its end, and with it the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def _own_media(settings: Settings, tmp_path: Path) -> None:
    media = {**settings.STORAGES["media"], "OPTIONS": {"location": tmp_path / "media"}}
    settings.DATA_DIR = tmp_path
    settings.STORAGES = {**settings.STORAGES, "media": media}
    settings.LIMITS = {}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def verify_answer(operation: Any, answer: Any) -> None:
    assert answer.status_code < 500, answer.text
    if answer.status_code < 300:
        assert str(answer.status_code) in operation.definition.raw["responses"]
        operation.validate_response(answer)
    if answer.status_code >= 400:
        assert answer.json().keys() >= FIELDS, answer.text


@pytest.mark.django_db
@pytest.mark.usefixtures("_own_media", "_one_connection")
@pytest.mark.parametrize("label", sorted(OPERATIONS))
def test_no_request_that_fits_the_file_breaks_the_service(label: str) -> None:
    rooms = [make_meeting(is_over=is_over).pk for is_over in (True, False)]

    @limit_fuzz(10)
    @given(case=OPERATIONS[label].as_strategy(), room=st.sampled_from([*rooms, None]))
    def ask(case: Any, room: str | None) -> None:
        if room is not None and "id" in case.path_parameters:
            case.path_parameters["id"] = room
        with transaction.atomic():  # whatever it does is undone
            verify_answer(OPERATIONS[label], case.call(headers={"X-User-Id": "alice"}))
            transaction.set_rollback(True)

    ask()
