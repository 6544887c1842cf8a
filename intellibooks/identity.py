"""Who asks: the same for a request, a socket and a command."""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

OPEN, REQUIRED = "open", "required"


@dataclass(frozen=True, slots=True)
class Identity:
    """A person or a program; what it may do is decided by ``chat.access``.

    ``is_verified`` says that credentials were checked: in open mode a name is only claimed.
    ``scopes`` limits a token, None limits nothing. ``share_token`` is a public link in hand.
    ``credential`` names what was shown ("token:7", "session:<key>", "jwt:<id>"), so that its
    revocation is noticed later; ``expires_at`` is in seconds since the epoch.
    """

    user_id: str = ""
    is_verified: bool = False
    is_staff: bool = False
    is_reviewer: bool = False
    scopes: frozenset[str] | None = None
    share_token: str = field(default="", repr=False)
    via: str = OPEN
    credential: str = field(default="", repr=False)
    expires_at: float | None = None

    @property
    def is_authenticated(self) -> bool:
        """Whether it may knock at all; a name of its own it need not have in open mode."""
        return self.is_verified or is_open()

    def has_scope(self, scope: str) -> bool:
        return self.scopes is None or scope in self.scopes


STRANGER = Identity()
SERVICE = Identity(user_id="service", is_verified=True, is_staff=True, via="service")


def is_open() -> bool:
    return str(getattr(settings, "AUTH_MODE", OPEN)) == OPEN


def identify(request: Any) -> Identity:
    """Who sent a request, as the authentication found; a stranger where it found nobody."""
    found = getattr(request, "user", None)
    return found if isinstance(found, Identity) else STRANGER
