from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from intellibooks.auth.tokens import create_token, hash_secret, revoke_token
from intellibooks.errors import InvalidRequest
from intellibooks.models import ApiToken, AuditEntry
from tests.intellibooks.auth.people import bearing, make_token, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("required")]
ME, START = "/api/auth/me", "/api/meetings/start"


def test_only_the_hash_is_kept() -> None:
    secret = make_token("alice")
    row = ApiToken.objects.get()
    assert row.digest == hash_secret(secret)
    kept = [str(value) for value in ApiToken.objects.values().get().values()]
    assert not [value for value in kept if secret in value]


def test_token_stands_for_its_user() -> None:
    body = bearing(make_token("alice")).get(ME).json()
    assert (body["user_id"], body["via"], body["mode"]) == ("alice", "token", "required")


@pytest.mark.parametrize(
    ("scopes", "get", "post"), [(["read"], 200, 403), (["write"], 200, 200), (["admin"], 200, 200)]
)
def test_scope_decides_what_a_token_may(scopes: list[str], get: int, post: int) -> None:
    meeting = bearing(make_token("alice")).post(START).json()["session_id"]
    client = bearing(make_token("alice", scopes=scopes))
    assert client.get(f"/api/meetings/{meeting}").status_code == get
    assert client.post(START).status_code == post


def test_token_of_staff_acts_as_staff_only_with_the_scope() -> None:
    meeting = bearing(make_token("alice")).post(START).json()["session_id"]
    path = f"/api/meetings/{meeting}"
    assert bearing(make_token("root", is_staff=True)).get(path).status_code == 404
    assert bearing(make_token("root", scopes=["admin"])).get(path).status_code == 200
    assert bearing(make_token("bob", scopes=["admin"])).get(path).status_code == 404


def ended(kind: str) -> str:
    user = make_user("alice")
    past = timezone.now() - timedelta(seconds=1)
    token, secret = create_token(user, "x", expires_at=past if kind == "expired" else None)
    if kind == "revoked":
        revoke_token(token)
    if kind == "disabled":
        user.is_active = False
        user.save()
    return secret if kind != "unknown" else secret + "x"


@pytest.mark.parametrize("kind", ["expired", "revoked", "disabled", "unknown"])
def test_token_that_has_ended_opens_nothing(kind: str) -> None:
    answer = bearing(ended(kind)).post(START)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["Bearer ", "Bearer", "Basic YTpi", "Bearer ü", "x" * 9000])
def test_header_that_is_none_opens_nothing(header: str) -> None:
    assert Client(headers={"Authorization": header}).post(START).status_code == 401


def test_use_is_noted_at_most_once_a_minute(django_assert_num_queries: Any) -> None:
    client = bearing(make_token("alice"))
    client.get(ME)
    noted = ApiToken.objects.get().last_used_at
    with django_assert_num_queries(1):
        client.get(ME)
    assert noted is not None
    assert ApiToken.objects.get().last_used_at == noted


def test_making_and_ending_a_token_is_audited_without_its_secret() -> None:
    token, secret = create_token(make_user("alice"), "x", actor="root")
    revoke_token(token, actor="root")
    entries = AuditEntry.objects.order_by("id").values_list("action", "actor", "target")
    assert list(entries) == [
        ("token_created", "root", f"api_token/{token.pk}"),
        ("token_revoked", "root", f"api_token/{token.pk}"),
    ]
    assert secret not in str(list(AuditEntry.objects.values()))


def test_refused_token_is_audited() -> None:
    bearing("ibt_something-that-is-unknown").get("/api/meetings/x")
    entry = AuditEntry.objects.get(action="token_refused")
    assert (entry.outcome, entry.target) == ("denied", "ibt_some")


def test_unknown_scope_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        create_token(make_user("alice"), "x", scopes=["everything"])


def run(*words: str) -> str:
    out = StringIO()
    call_command("token", *words, stdout=out)
    return out.getvalue().strip()


def test_command_makes_lists_and_revokes() -> None:
    secret = run("create", "robot", "--make-user", "--days", "3", "--name", "nightly")
    assert bearing(secret).get(ME).json()["user_id"] == "robot"
    listed = run("list")
    assert "valid" in listed
    assert secret not in listed
    assert run("revoke", str(ApiToken.objects.get().pk)).endswith("revoked.")
    assert bearing(secret).post(START).status_code == 401
    assert "revoked" in run("list")


def test_command_names_a_user_that_is_not_there() -> None:
    with pytest.raises(CommandError, match="no user nobody"):
        run("create", "nobody")


def test_admin_shows_a_new_token_once(settings: Any) -> None:
    root = make_user("root", is_staff=True)
    root.is_superuser = True
    root.save()
    client = Client()
    client.force_login(root)
    form = {
        "user": root.pk,
        "name": "x",
        "scopes": ["read"],
        "expires_at_0": "",
        "expires_at_1": "",
    }
    answer = client.post("/admin/intellibooks/apitoken/add/", form, follow=True)
    assert answer.content.count(b"ibt_") >= 1
    again = client.get("/admin/intellibooks/apitoken/").content.decode()
    assert "shown this once" not in again
    assert AuditEntry.objects.filter(action="token_created", actor="root").exists()
