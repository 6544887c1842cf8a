"""API tokens: made, found by their hash, revoked. The secret itself is kept nowhere."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from intellibooks import audit
from intellibooks.auth import revocation
from intellibooks.errors import InvalidRequest
from intellibooks.models import ApiToken

PREFIX = "ibt_"
SHOWN_LETTERS = 12
SECRET_BYTES = 32
READ, WRITE, ADMIN = "read", "write", "admin"
# Who may write may read what was written; "admin" lets a staff user's token act as staff.
SCOPES = {READ: {READ}, WRITE: {READ, WRITE}, ADMIN: {READ, WRITE, ADMIN}}
USE_NOTED_EVERY = timedelta(minutes=1)


def hash_secret(secret: str) -> str:
    # A plain hash: 256 random bits cannot be guessed, slowly or fast.
    return hashlib.sha256(secret.encode()).hexdigest()


def expand_scopes(scopes: Collection[str]) -> frozenset[str]:
    return frozenset(scope for name in scopes for scope in SCOPES.get(name, ()))


def create_token(
    user: Any,
    name: str,
    *,
    scopes: Collection[str] = (READ, WRITE),
    expires_at: datetime | None = None,
    actor: str = "",
) -> tuple[ApiToken, str]:
    """The row and the secret, which is told here and never again. Raises InvalidRequest."""
    if not scopes or not set(scopes) <= SCOPES.keys():
        raise InvalidRequest(f"The scopes of a token are one or more of {', '.join(SCOPES)}.")
    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        prefix=secret[:SHOWN_LETTERS],
        digest=hash_secret(secret),
        scopes=sorted(expand_scopes(scopes)),
        expires_at=expires_at,
    )
    audit.record("token_created", actor=actor, target=f"api_token/{token.pk}", owner=str(user))
    return token, secret


def list_valid() -> QuerySet[ApiToken]:
    """Tokens that open something now, by the database's clock."""
    lasting = Q(expires_at=None) | Q(expires_at__gt=Now())
    return ApiToken.objects.filter(lasting, revoked_at=None, user__is_active=True)


def find_token(secret: str) -> ApiToken | None:
    """The valid token of that secret; its use is noted, at most once a minute."""
    token = list_valid().select_related("user").filter(digest=hash_secret(secret)).first()
    if token is not None and is_use_stale(token):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=Now())
    return token


def is_use_stale(token: ApiToken) -> bool:
    noted = token.last_used_at
    return noted is None or timezone.now() - noted > USE_NOTED_EVERY


def revoke_token(token: ApiToken, *, actor: str = "") -> bool:
    """Whether it was valid until now; its open sockets are closed."""
    revoked = ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=Now())
    if revoked:
        audit.record("token_revoked", actor=actor, target=f"api_token/{token.pk}")
        revocation.publish(credential=f"token:{token.pk}")
    return bool(revoked)
