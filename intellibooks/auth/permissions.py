"""Who may knock at a route at all; what one may do behind it is asked of chat.access."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from intellibooks.auth.tokens import READ, WRITE
from intellibooks.errors import Forbidden, NotAuthenticated
from intellibooks.identity import Identity, identify
from intellibooks.origins import SAFE_METHODS


class MayKnock(BasePermission):
    """Whoever is authenticated, as far as a token's scopes reach; with a link only to read."""

    def has_permission(self, request: Request, view: Any) -> bool:
        identity = identify(request)
        is_reading = request.method in SAFE_METHODS
        if not identity.is_authenticated and not (is_reading and opens_room(identity, view)):
            raise NotAuthenticated("Log in, or send an API token.")
        scope = READ if is_reading else WRITE
        if not identity.has_scope(scope):
            raise Forbidden(f"This token does not have the scope {scope}.")
        return True


def opens_room(identity: Identity, view: Any) -> bool:
    """A public link opens what its address names; no list, and nothing without a name."""
    return bool(identity.share_token and view.kwargs)
