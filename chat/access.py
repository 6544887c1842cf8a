"""Who may do what in a room: the only authority, for every app and every transport."""

import hmac
from typing import Literal, cast

from django.db.models import Q, QuerySet

from chat.models import Conversation, Membership
from intellibooks.errors import Forbidden, NotFound
from intellibooks.identity import Identity, is_open

Act = Literal["view", "write", "edit", "manage"]
Role = Literal["owner", "editor", "viewer", ""]

# view: read everything; write: send messages; edit: record, correct, reprocess;
# manage: share, delete.
ACTS: dict[str, frozenset[str]] = {
    Membership.Role.OWNER: frozenset({"view", "write", "edit", "manage"}),
    Membership.Role.EDITOR: frozenset({"view", "write", "edit"}),
    Membership.Role.VIEWER: frozenset({"view"}),
    "": frozenset(),
}


def find_role(identity: Identity, conversation: Conversation) -> Role:
    """The role of that person in the room; empty for a stranger.

    Staff own everything. In open mode a room without members is everybody's.
    """
    if identity.is_staff:
        return "owner"
    members = dict(conversation.memberships.values_list("user_id", "role"))
    if identity.user_id and identity.user_id in members:
        return cast(Role, members[identity.user_id])
    if not members and is_open():
        return "owner"
    return "viewer" if holds_link(identity, conversation) else ""


def holds_link(identity: Identity, conversation: Conversation) -> bool:
    token = conversation.share_token or ""
    return bool(token) and hmac.compare_digest(token.encode(), identity.share_token.encode())


def allows(identity: Identity, conversation: Conversation, act: Act) -> bool:
    return act in ACTS[find_role(identity, conversation)]


def require(
    identity: Identity,
    conversation: Conversation,
    act: Act,
    *,
    unseen: type[NotFound] = NotFound,
    refusal: str = "",
) -> None:
    """Raises ``unseen`` where the room may not even be seen, else Forbidden with ``refusal``."""
    acts = ACTS[find_role(identity, conversation)]
    if "view" not in acts:
        raise unseen
    if act not in acts:
        raise Forbidden(refusal)


def visible_rooms(identity: Identity) -> QuerySet[Conversation]:
    """Every room that this person may see in a list; public links open single rooms only."""
    if identity.is_staff:
        return Conversation.objects.all()
    seen = Q(pk__in=Membership.objects.filter(user_id=identity.user_id).values("conversation"))
    if not identity.user_id:
        seen = Q(pk__in=[])
    if is_open():
        seen |= ~Q(pk__in=Membership.objects.values("conversation"))
    return Conversation.objects.filter(seen)
