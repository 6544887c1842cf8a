"""Alice owns, Bob is invited, Charlie is a stranger, and there is staff; each with a token."""

from collections.abc import Collection
from typing import Any

from django.contrib.auth import get_user_model
from django.test import Client

from intellibooks.auth.tokens import create_token

PASSWORD = "a long enough password"


def make_user(name: str, *, is_staff: bool = False) -> Any:
    users = get_user_model().objects
    found = users.filter(username=name).first()
    return found or users.create_user(
        username=name, password=PASSWORD, is_staff=is_staff, is_superuser=is_staff
    )


def make_token(name: str, *, scopes: Collection[str] = ("write",), is_staff: bool = False) -> str:
    _, secret = create_token(make_user(name, is_staff=is_staff), "test", scopes=scopes)
    return secret


def bearing(secret: str, **options: Any) -> Client:
    """A client that shows a token."""
    return Client(headers={"Authorization": f"Bearer {secret}"}, **options)
