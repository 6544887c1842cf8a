import pytest
from django.test import Client

from chat.models import Membership
from tests.intellibooks.auth.people import make_user

pytestmark = pytest.mark.django_db(transaction=True)
ME = "/api/auth/me"


def test_name_is_claimed_by_the_header_or_the_query() -> None:
    assert Client().get(ME, headers={"X-User-Id": "alice"}).json()["user_id"] == "alice"
    assert Client().get(f"{ME}?user_id=bob").json()["user_id"] == "bob"


def test_claimed_name_of_staff_has_no_rights_of_staff() -> None:
    make_user("root", is_staff=True)
    assert not Client().get(ME, headers={"X-User-Id": "root"}).json()["is_staff"]


def test_claimed_name_owns_nothing_that_it_starts() -> None:
    Client().post("/api/meetings/start", headers={"X-User-Id": "alice"})
    assert not Membership.objects.exists()


@pytest.mark.parametrize("name", ["a" * 500, "a\x07b", "a\u202eb"])
def test_name_that_cannot_be_one_is_refused(name: str) -> None:
    assert Client().get(ME, {"user_id": name}).status_code == 422


@pytest.mark.usefixtures("required")
@pytest.mark.parametrize("path", [ME, f"{ME}?user_id=alice"])
def test_required_mode_believes_no_claim(path: str) -> None:
    body = Client().get(path, headers={"X-User-Id": "alice"}).json()
    assert (body["user_id"], body["is_authenticated"]) == ("", False)
