from typing import Any

import pytest
from django.conf import settings as current
from django.contrib.sessions.models import Session
from django.test import Client

from intellibooks.models import AuditEntry
from tests.intellibooks.auth.people import PASSWORD, bearing, make_token, make_user

pytestmark = pytest.mark.django_db(transaction=True)
LOGIN, LOGOUT, ME = "/api/auth/login", "/api/auth/logout", "/api/auth/me"
START = "/api/meetings/start"


def log_in(client: Client, name: str = "alice", password: str = PASSWORD) -> Any:
    body = {"username": name, "password": password}
    return client.post(LOGIN, body, content_type="application/json")


def careful() -> Client:
    """A client whose unsafe requests are checked as a browser's are."""
    return Client(enforce_csrf_checks=True)


def proof(client: Client) -> dict[str, str]:
    return {"X-CSRFToken": client.cookies[current.CSRF_COOKIE_NAME].value}


@pytest.mark.usefixtures("required")
def test_login_tells_who_one_is() -> None:
    make_user("alice")
    client = Client()
    assert log_in(client).json() == {
        "user_id": "alice",
        "is_authenticated": True,
        "is_staff": False,
        "mode": "required",
        "via": "session",
    }
    assert client.get(ME).json()["user_id"] == "alice"


@pytest.mark.usefixtures("required")
def test_stranger_learns_only_that_one_has_to_log_in() -> None:
    client = Client()
    answer = client.get(ME)
    assert answer.json() == {
        "user_id": "",
        "is_authenticated": False,
        "is_staff": False,
        "mode": "required",
        "via": "",
    }
    assert current.CSRF_COOKIE_NAME in client.cookies


@pytest.mark.parametrize(("name", "password"), [("alice", "wrong"), ("nobody", PASSWORD)])
def test_wrong_password_says_the_same_as_an_unknown_user(name: str, password: str) -> None:
    make_user("alice")
    answer = log_in(Client(), name, password)
    assert (answer.status_code, answer.json()["error"]) == (
        401,
        "User name or password is wrong.",
    )
    entry = AuditEntry.objects.get(action="login")
    assert (entry.actor, entry.outcome) == (name, "denied")


def test_login_starts_a_new_session() -> None:
    make_user("alice")
    client = Client()
    client.session.save()  # one that somebody planted
    planted = str(client.session.session_key)
    client.cookies[current.SESSION_COOKIE_NAME] = planted
    log_in(client)
    assert client.cookies[current.SESSION_COOKIE_NAME].value != planted
    assert not Session.objects.filter(pk=planted).exists()


@pytest.mark.usefixtures("required")
def test_session_alone_changes_nothing_without_the_csrf_token() -> None:
    make_user("alice")
    client = careful()
    log_in(client)
    answer = client.post(START)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert client.post(START, headers=proof(client)).status_code == 200


@pytest.mark.usefixtures("required")
def test_token_needs_no_csrf_proof() -> None:
    client = bearing(make_token("alice"), enforce_csrf_checks=True)
    assert client.post(START).status_code == 200


def test_in_open_mode_a_session_without_proof_is_just_not_used() -> None:
    make_user("alice")
    client = careful()
    log_in(client)
    assert client.post(START).status_code == 200
    assert client.get(ME).json()["user_id"] == "alice"


@pytest.mark.usefixtures("required")
def test_logout_ends_the_session() -> None:
    make_user("alice")
    client = careful()
    log_in(client)
    key = client.cookies[current.SESSION_COOKIE_NAME].value
    assert client.post(LOGOUT, headers=proof(client)).json() == {"success": True}
    stolen = Client()
    stolen.cookies[current.SESSION_COOKIE_NAME] = key
    assert stolen.post(START).status_code == 401


@pytest.mark.usefixtures("required")
def test_session_of_a_disabled_user_opens_nothing() -> None:
    alice = make_user("alice")
    client = Client()
    log_in(client)
    alice.is_active = False
    alice.save()
    assert client.post(START).status_code == 401


def test_login_attempts_are_limited() -> None:
    make_user("alice")
    client = Client()
    statuses = [log_in(client, password="wrong").status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]
    refused = log_in(client)
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert int(refused.headers["Retry-After"]) >= 1


def test_login_of_the_admin_is_limited_by_the_same_count() -> None:
    make_user("root", is_staff=True)
    for _ in range(10):
        log_in(Client(), "root", "wrong")
    form = {"username": "root", "password": PASSWORD}
    assert Client().post("/admin/login/", form).status_code == 429


def test_page_of_a_stranger_cannot_log_anybody_in() -> None:
    make_user("alice")
    body = {"username": "alice", "password": PASSWORD}
    answer = Client().post(
        LOGIN, body, content_type="application/json", headers={"Origin": "http://evil.example"}
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "body", [{}, {"username": "a" * 151, "password": "x"}, {"username": ["a"]}]
)
def test_login_without_sense_is_refused(body: dict[str, Any]) -> None:
    assert Client().post(LOGIN, body, content_type="application/json").status_code == 422
