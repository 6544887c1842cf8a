"""From what a caller shows to who it is; the same for a request and a socket."""

import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.db import InterfaceError, OperationalError

from intellibooks import audit
from intellibooks.auth.jwks import identify_jwt
from intellibooks.auth.tokens import ADMIN, PREFIX, expand_scopes, find_token, list_valid
from intellibooks.errors import InvalidRequest, NotAuthenticated
from intellibooks.identity import STRANGER, Identity
from intellibooks.models import ApiToken

LONGEST_CREDENTIAL = 8192
LONGEST_NAME = 150
REMEMBERED_SECONDS = 600
MOST_REMEMBERED = 10_000


class Memory:
    """Who was identified lately, believed only while the database does not answer.

    A recorder's upload is taken during an outage, so its credentials must hold as well.
    """

    def __init__(self) -> None:
        self.known: dict[str, tuple[float, Identity]] = {}
        self.lock = threading.Lock()

    def look_up(self, secret: str, find: Callable[[str], Identity]) -> Identity:
        key = hashlib.sha256(secret.encode(errors="replace")).hexdigest()
        try:
            identity = find(secret)
        except (OperationalError, InterfaceError):
            seen_at, identity = self.known.get(key, (0.0, STRANGER))
            if not identity.is_verified or time.monotonic() - seen_at > REMEMBERED_SECONDS:
                raise
            return identity
        except NotAuthenticated:
            self.known.pop(key, None)
            raise
        with self.lock:
            if len(self.known) >= MOST_REMEMBERED:
                self.known.clear()
            self.known[key] = (time.monotonic(), identity)
        return identity


memory = Memory()


def identify_bearer(secret: str) -> Identity:
    """The owner of an API token or a JWT. Raises NotAuthenticated."""
    if len(secret) > LONGEST_CREDENTIAL or not secret.isascii():
        raise NotAuthenticated("The token is not valid.")
    if not secret.startswith(PREFIX):
        return identify_jwt(secret)
    return memory.look_up(secret, identify_token)


def identify_token(secret: str) -> Identity:
    token = find_token(secret)
    if token is None:
        audit.record_denial("token_refused", target=secret[: len(PREFIX) + 4])
        raise NotAuthenticated("The token is unknown, expired or revoked.")
    return Identity(
        user_id=token.user.get_username(),
        is_verified=True,
        **read_rights_of_token(token),
        scopes=expand_scopes(token.scopes),
        via="token",
        credential=f"token:{token.pk}",
        expires_at=token.expires_at.timestamp() if token.expires_at else None,
    )


def identify_session(key: str) -> Identity:
    """Who is logged in under that session key. Raises NotAuthenticated."""
    return memory.look_up(key, find_session)


def find_session(key: str) -> Identity:
    if not 0 < len(key) <= LONGEST_NAME:
        raise NotAuthenticated
    session = SessionStore(session_key=key)
    # Django's own question: it also notices a changed password and a user switched off.
    user: Any = get_user(SimpleNamespace(session=session))  # type: ignore[arg-type]  # all it reads
    if not user.is_authenticated or session.session_key != key:
        raise NotAuthenticated
    return Identity(
        user_id=user.get_username(),
        is_verified=True,
        **read_rights(user),
        via="session",
        credential=f"session:{key}",
    )


def read_rights_of_token(token: ApiToken) -> dict[str, Any]:
    return read_rights(token.user) if ADMIN in expand_scopes(token.scopes) else {}


def read_rights(user: Any) -> dict[str, Any]:
    """What staff may beyond their own rooms: everything, or what a reviewer may, or nothing.

    By their permissions, so that the group Reviewers means the same here as in the admin.
    """
    if not user.is_staff:
        return {}
    return {
        "is_staff": user.has_perm("meetings.delete_meeting"),
        "is_reviewer": user.has_perm("meetings.change_meeting"),
    }


def identify_claim(name: str) -> Identity:
    """In open mode: whoever one says one is, without any rights of staff. Raises InvalidRequest."""
    name = name.strip()
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidRequest(f"A user id has at most {LONGEST_NAME} characters that can be read.")
    return Identity(user_id=name) if name else STRANGER


def read_bearer(authorization: str) -> str:
    """The token of an Authorization header; empty where it is of another kind."""
    scheme, _, secret = authorization.strip().partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def read_session_key(cookies: Mapping[str, str]) -> str:
    return cookies.get(settings.SESSION_COOKIE_NAME, "")


def is_current(identity: Identity) -> bool:
    """Whether what was shown at the beginning would still be accepted, with the same rights."""
    if identity.expires_at is not None and identity.expires_at < time.time():
        return False
    kind, _, key = identity.credential.partition(":")
    if kind == "token":
        token = list_valid().filter(pk=int(key)).select_related("user").first()
        return token is not None and has_rights(identity, **read_rights_of_token(token))
    if kind == "session":
        return is_session_current(key, identity)
    return True


def is_session_current(key: str, identity: Identity) -> bool:
    try:
        now = find_session(key)
    except NotAuthenticated:
        return False
    return has_rights(identity, is_staff=now.is_staff, is_reviewer=now.is_reviewer)


def has_rights(identity: Identity, *, is_staff: bool = False, is_reviewer: bool = False) -> bool:
    """Whether these are what it had at the beginning."""
    return (identity.is_staff, identity.is_reviewer) == (is_staff, is_reviewer)
