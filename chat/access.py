"""Who may do what in a room: the only authority, for every app and every transport."""

import hmac
from collections.abc import Collection
from dataclasses import replace
from typing import Literal, cast

from django.db.models import Q, QuerySet

from chat.models import Conversation, Membership
from intellibooks import audit
from intellibooks.errors import Forbidden, NotFound
from intellibooks.identity import Identity, is_open
from intellibooks.rows import read_rows

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
SCOPES = {"view": "read"}  # of a token; every other act needs "write"


def find_role(identity: Identity, conversation: Conversation) -> Role:
    """The role of that person in the room; empty for a stranger.

    Staff own everything, reviewers edit everything. In open mode a room without members is
    everybody's.
    """
    found = read_rows(Membership, conversation=conversation.pk)
    return choose_role(identity, conversation, {member.user_id: member.role for member in found})


def choose_role(identity: Identity, conversation: Conversation, members: dict[str, str]) -> Role:
    """The same from the room's members as they were read."""
    own = members.get(identity.user_id, "") if identity.user_id else ""
    if identity.is_staff or (not members and is_open()):
        return "owner"
    if identity.is_reviewer and own != Membership.Role.OWNER:
        return "editor"
    if own:
        return cast(Role, own)
    return "viewer" if holds_link(identity, conversation) else ""


def holds_link(identity: Identity, conversation: Conversation) -> bool:
    token = conversation.share_token or ""
    return bool(token) and hmac.compare_digest(token.encode(), identity.share_token.encode())


def find_acts(identity: Identity, conversation: Conversation) -> frozenset[str]:
    """What the role allows, as far as the token in hand reaches."""
    return limit_acts(identity, ACTS[find_role(identity, conversation)])


def limit_acts(identity: Identity, acts: frozenset[str]) -> frozenset[str]:
    return frozenset(act for act in acts if identity.has_scope(SCOPES.get(act, "write")))


def allows(identity: Identity, conversation: Conversation, act: Act) -> bool:
    return act in find_acts(identity, conversation)


def allows_without_link(identity: Identity, conversation: Conversation) -> bool:
    """Whether one sees the room also without the public link in hand, and so what it hides."""
    return allows(replace(identity, share_token=""), conversation, "view")


def require_more_than_link(identity: Identity, conversation: Conversation) -> None:
    """Raises Forbidden. To be asked after ``require``."""
    if not allows_without_link(identity, conversation):
        raise Forbidden("A public link does not show this")


def require(
    identity: Identity,
    conversation: Conversation,
    act: Act,
    *,
    unseen: type[NotFound] | NotFound = NotFound,
    refusal: str = "",
) -> None:
    """Raises ``unseen`` where the room may not even be seen, else Forbidden with ``refusal``."""
    acts = find_acts(identity, conversation)
    if act in acts:
        return
    audit.record_denial(act, actor=identity.user_id, target=conversation.pk)
    if "view" not in acts:
        raise unseen
    raise Forbidden(refusal)


def visible_rooms(identity: Identity) -> QuerySet[Conversation]:
    """Every room that this person may see in a list; public links open single rooms only."""
    if identity.is_staff or identity.is_reviewer:
        return Conversation.objects.all()
    seen = Q(pk__in=Membership.objects.filter(user_id=identity.user_id).values("conversation"))
    if not identity.user_id:
        seen = Q(pk__in=[])
    if is_open():
        seen |= ~Q(pk__in=Membership.objects.values("conversation"))
    return Conversation.objects.filter(seen)


def find_viewers(pairs: Collection[tuple[Identity, str]]) -> set[tuple[Identity, str]]:
    """Of people and room ids those who may see the room now: two queries, however many they are."""
    rooms = Conversation.objects.in_bulk({room_id for _, room_id in pairs})
    members: dict[str, dict[str, str]] = {room_id: {} for room_id in rooms}
    rows = Membership.objects.filter(conversation__in=rooms)
    for room_id, user_id, role in rows.values_list("conversation_id", "user_id", "role"):
        members[room_id][user_id] = role
    return {
        (identity, room_id)
        for identity, room_id in pairs
        if room_id in rooms and sees(identity, rooms[room_id], members[room_id])
    }


def sees(identity: Identity, room: Conversation, members: dict[str, str]) -> bool:
    role = choose_role(identity, room, members)
    return "view" in limit_acts(identity, ACTS[role])
