"""Who sends a request: token, session, public link, or in open mode the name it gives itself."""

from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.request import Request

from intellibooks.auth.credentials import (
    identify_bearer,
    identify_claim,
    identify_session,
    read_bearer,
    read_session_key,
)
from intellibooks.errors import Forbidden, NotAuthenticated
from intellibooks.identity import STRANGER, Identity, is_open
from intellibooks.origins import SAFE_METHODS

LONGEST_LINK = 64


class Credentials(BaseAuthentication):
    """Makes ``request.user`` an Identity, of a stranger too."""

    def authenticate(self, request: Request) -> tuple[Any, None]:
        return identify_http(request), None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def identify_http(request: Any) -> Identity:
    """Raises NotAuthenticated for credentials that are none, Forbidden without a CSRF proof."""
    if secret := read_bearer(request.headers.get("Authorization", "")):
        identity = identify_bearer(secret)
    else:
        identity = find_logged_in(request) or find_claimed(request)
    link = request.GET.get("share", "") or request.headers.get("X-Share-Token", "")
    return replace(identity, share_token=link[:LONGEST_LINK]) if link else identity


def find_logged_in(request: Any) -> Identity | None:
    """The user of the session cookie, if an unsafe request also proves that our page sent it."""
    key = read_session_key(request.COOKIES)
    if not key:
        return None
    try:
        identity = identify_session(key)
    except NotAuthenticated:
        return None
    if request.method in SAFE_METHODS or has_csrf_proof(request):
        return identity
    if is_open():
        return None  # as if not logged in: a page may claim a name, but not use the session
    raise Forbidden("CSRF token missing or wrong. Reload the page and try again.")


def has_csrf_proof(request: Any) -> bool:
    http_request = getattr(request, "_request", request)
    check = CSRFCheck(answer_nothing)
    check.process_request(http_request)
    return check.process_view(http_request, answer_nothing, (), {}) is None


def answer_nothing(request: Any) -> HttpResponse:
    """In place of a view: Django's check wants one and does not call it."""
    return HttpResponse()


def find_claimed(request: Any) -> Identity:
    if not is_open():
        return STRANGER
    return identify_claim(request.headers.get("X-User-Id", "") or request.GET.get("user_id", ""))


class CredentialsSchema(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call] # untyped there
    """What /api/docs says about it."""

    target_class = "intellibooks.auth.authentication.Credentials"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "API token or JWT"}
