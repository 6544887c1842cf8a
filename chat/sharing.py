"""Conversations that people share: made, published by a link, opened to others."""

import secrets
import uuid

from django.db.models import QuerySet

from chat import access, events, notifications
from chat.models import Conversation, Membership
from chat.services import make_conversation
from intellibooks import audit
from intellibooks.auth import revocation
from intellibooks.errors import Conflict, Forbidden, InvalidRequest, NotFound
from intellibooks.identity import Identity

ONLY_OWNERS_PUBLISH = "Only owners can publish"
ONLY_OWNERS_MANAGE = "Only owners can manage collaborators"
Role = Membership.Role


class ConversationNotFound(NotFound):
    detail = "Conversation not found"


def create_conversation(identity: Identity, title: str, document_ids: list[str]) -> Conversation:
    """A conversation that belongs to whoever made it; a nameless one's belongs to nobody."""
    return make_conversation(
        str(uuid.uuid4()), title=title, owner=identity.user_id, document_ids=document_ids
    )


def find_conversation(
    identity: Identity,
    conversation_id: str,
    act: access.Act = "view",
    *,
    refusal: str = "Access denied",
) -> Conversation:
    """Raises ConversationNotFound, Forbidden.

    A stranger is told that access is denied, as the client expects on these routes; the ids are
    random, so it tells nobody what there is.
    """
    room = Conversation.objects.filter(pk=conversation_id).first()
    if room is None:
        raise ConversationNotFound(f"There is no conversation {conversation_id}.")
    if not access.allows(identity, room, "view"):
        raise Forbidden("Access denied")
    access.require(identity, room, act, refusal=refusal)
    return room


def find_public(token: str) -> Conversation:
    """The conversation that was published under that link. Raises ConversationNotFound."""
    room = Conversation.objects.filter(share_token=token).first() if token else None
    if room is None or not access.allows(Identity(share_token=token), room, "view"):
        raise ConversationNotFound("This link leads to no conversation.")
    return room


def publish(room: Conversation, publisher: Identity) -> str:
    """The token of the public link; the same one until it is withdrawn."""
    Conversation.objects.filter(pk=room.pk, share_token=None).update(
        share_token=secrets.token_urlsafe(24)
    )
    room.refresh_from_db(fields=["share_token"])
    audit.record("published", actor=publisher.user_id, target=room.pk)
    return room.share_token or ""


def unpublish(room: Conversation, publisher: Identity) -> None:
    """The link leads nowhere from now on, and whoever came by it has to leave."""
    Conversation.objects.filter(pk=room.pk).update(share_token=None)
    revocation.publish(session_id=room.pk)
    audit.record("unpublished", actor=publisher.user_id, target=room.pk)


def list_collaborators(identity: Identity, room: Conversation) -> QuerySet[Membership]:
    """The members, for members; a public link does not show who they are. Raises Forbidden."""
    if not access.allows_without_link(identity, room):
        raise Forbidden("Access denied")
    return room.memberships.all()


def set_collaborator(room: Conversation, inviter: Identity, user_id: str, role: str) -> Membership:
    """That person as viewer or editor, told of it if it is news. Raises Conflict, InvalidRequest.

    A room that belonged to nobody belongs to the inviter from now on; it was open to all.
    """
    with events.record(room.pk):
        claim_ownership(room, inviter)
        earlier = room.memberships.filter(user_id=user_id).first()
        if earlier is not None and earlier.role == Role.OWNER:
            raise Conflict("The owner of a conversation stays its owner.")
        member, is_new = room.memberships.update_or_create(user_id=user_id, defaults={"role": role})
        if is_new:
            invite(room, inviter, member)
    if not is_new:
        revocation.publish(user_id=user_id, session_id=room.pk)
    audit.record("member_set", actor=inviter.user_id, target=room.pk, member=user_id, role=role)
    return member


def claim_ownership(room: Conversation, inviter: Identity) -> None:
    if room.memberships.exists():
        return
    if not inviter.user_id:
        raise InvalidRequest("Say who you are: a room with members needs an owner.")
    room.memberships.create(user_id=inviter.user_id, role=Role.OWNER)
    revocation.publish(session_id=room.pk)


def invite(room: Conversation, inviter: Identity, member: Membership) -> None:
    notifications.notify(
        [member.user_id],
        notifications.INVITATION,
        title=f"{inviter.user_id or 'Somebody'} shared {room.title or 'a conversation'} with you",
        content=f"You can take part as {member.role}.",
        link=notifications.link_to(room),
    )


def remove_collaborator(room: Conversation, remover: Identity, user_id: str) -> None:
    """Somebody who is not a member stays none. Raises Conflict for the owner."""
    member = room.memberships.filter(user_id=user_id).first()
    if member is None:
        return
    if member.role == Role.OWNER:
        raise Conflict("The owner of a conversation stays its owner.")
    with events.record(room.pk):  # nobody is told anything between the two
        member.delete()
        notifications.withdraw_from(user_id, room)
    revocation.publish(user_id=user_id, session_id=room.pk)
    audit.record("member_removed", actor=remover.user_id, target=room.pk, member=user_id)


def name_removal(identity: Identity, user_id: str) -> access.Act:
    """What one must be allowed to remove that person: to leave, to be there is enough."""
    return "view" if identity.user_id == user_id else "manage"
