"""Passwords, for the API and the admin alike: limited per person and address, and audited."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from intellibooks import audit
from intellibooks.errors import RateLimited
from intellibooks.limits.limiter import allow_now
from intellibooks.request_id import current_address

LONGEST_PASSWORD = 4096  # hashing more would be work for nothing


class LimitedPasswords(ModelBackend):
    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> Any:
        """The user, or None. Raises RateLimited before the password is even looked at."""
        name = username or ""
        check_attempts(name)
        if len(password or "") > LONGEST_PASSWORD:
            return None
        user = super().authenticate(request, username=username, password=password, **kwargs)
        if user is None:
            audit.record_denial("login", actor=name)
        else:
            audit.record("login", actor=name)
        return user


def check_attempts(name: str) -> None:
    """Raises RateLimited."""
    owners = [f"address:{current_address()}"] if current_address() else []
    for owner in (*owners, f"user:{name.casefold()}"):
        verdict = allow_now("logins", owner)
        if not verdict.allowed:
            audit.record_denial("login", actor=name, reason="too many attempts")
            raise RateLimited("Too many attempts to log in.", verdict.retry_after)
