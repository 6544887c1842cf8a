"""The group Reviewers means the same in the API as in the admin."""

from typing import Any

import pytest
from django.apps import apps
from django.conf import LazySettings
from django.contrib.auth.models import Group, User
from django.test import Client

from intellibooks.auth.tokens import create_token
from meetings import services
from meetings.desk.reviewers import set_up_reviewers

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture(autouse=True)
def _login_is_required(settings: LazySettings) -> None:
    settings.AUTH_MODE = "required"


def make_client(user: User, *scopes: str) -> Client:
    _, secret = create_token(user, "test", scopes=scopes)
    return Client(headers={"authorization": f"Bearer {secret}"})


def make_staff(*groups: str) -> User:
    set_up_reviewers(apps)  # as the migration does: tests of other kinds empty the tables
    user = User.objects.create_user("rita", is_staff=True)
    user.groups.set(Group.objects.filter(name__in=groups))
    return user


@pytest.fixture
def path() -> str:
    return f"/api/meetings/{services.start_meeting(owner='alice').pk}"


def test_reviewer_reads_and_renames_what_others_recorded(path: str) -> None:
    client = make_client(make_staff("Reviewers"), "admin")
    assert client.get(path).status_code == 200
    assert client.patch(path, {"title": "Budget"}, JSON).json()["title"] == "Budget"


@pytest.mark.parametrize(("method", "part"), [("delete", ""), ("post", "/share")])
def test_reviewer_neither_deletes_nor_shares(path: str, method: str, part: str) -> None:
    client: Any = make_client(make_staff("Reviewers"), "admin")
    assert getattr(client, method)(f"{path}{part}?force=true").status_code == 403


def test_staff_without_permissions_see_only_their_own(path: str) -> None:
    assert make_client(make_staff(), "admin").get(path).status_code == 404


def test_reviewers_token_without_the_admin_scope_reaches_only_their_own(path: str) -> None:
    assert make_client(make_staff("Reviewers"), "write").get(path).status_code == 404


def test_administrator_deletes(path: str) -> None:
    root = User.objects.create_superuser("root")
    assert make_client(root, "admin").delete(f"{path}?force=true").status_code == 200


@pytest.mark.parametrize("page", ["", "queues/0/", "stats.json"])
def test_reviewer_does_not_open_the_queues(client: Client, page: str) -> None:
    client.force_login(make_staff("Reviewers"))
    assert client.get(f"/admin/django_rq/{page}").status_code == 403


def test_superuser_opens_the_queues(client: Client) -> None:
    client.force_login(User.objects.create_superuser("root"))
    assert client.get("/admin/django_rq/").status_code == 200
