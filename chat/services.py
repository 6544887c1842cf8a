"""Rooms: opened, found, listed, renamed, deleted. What is said in them is in chat.messages."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from django.db import transaction
from django.db.models import QuerySet

from chat import access, erasing, events, history
from chat.frames import write_frame
from chat.models import Conversation, Membership, is_session_id
from intellibooks import audit
from intellibooks.auth import revocation
from intellibooks.doorbell import doorbell
from intellibooks.errors import Forbidden, NotFound
from intellibooks.identity import Identity

DEFAULT_TITLE = "New Notebook"


class SessionNotFound(NotFound):
    detail = "Session not found"


@dataclass(frozen=True, slots=True)
class Deletion:
    """What a deletion took: ``is_kept`` says that a recorded meeting keeps the room itself."""

    is_found: bool = False
    is_kept: bool = False
    messages: int = 0


def open_conversation(session_id: str, *, title: str = "", owner: str = "") -> Conversation:
    """The room of that id; one that is made now belongs to ``owner``, if there is one.

    Raises NotFound where the id is malformed.
    """
    if not is_session_id(session_id):
        raise NotFound("A session id has 1 to 64 letters, digits, dots, dashes or underscores.")
    found = Conversation.objects.filter(pk=session_id).first()
    return found or make_conversation(session_id, title=title, owner=owner)


def make_conversation(
    session_id: str, *, title: str = "", owner: str = "", document_ids: list[str] | None = None
) -> Conversation:
    """A new room, or the one that somebody else made of that id at this moment."""
    facts = {"title": title, "created_by": owner, "document_ids": document_ids or []}
    with events.turn_to_write(), transaction.atomic():
        room, is_new = Conversation.objects.get_or_create(pk=session_id, defaults=facts)
        if is_new and owner:
            Membership.objects.create(conversation=room, user_id=owner, role=Membership.Role.OWNER)
    return room


def find_session(
    identity: Identity, session_id: str, act: access.Act = "view", *, refusal: str = ""
) -> Conversation:
    """Raises SessionNotFound, Forbidden."""
    room = Conversation.objects.filter(pk=session_id).first()
    # Word for word the same where one may not see it: nobody learns what there is.
    unseen = SessionNotFound(f"There is no session {session_id}.")
    if room is None:
        raise unseen
    access.require(identity, room, act, unseen=unseen, refusal=refusal)
    return room


def list_sessions(identity: Identity) -> QuerySet[Conversation]:
    """What that person may see, newest activity first, with the counts of each."""
    rooms = access.visible_rooms(identity).order_by("-updated_at", "pk")
    return history.with_counts(rooms, identity)


def count_session(identity: Identity, session_id: str) -> Conversation:
    """One room with the counts of ``list_sessions``. Raises SessionNotFound."""
    rooms = Conversation.objects.filter(pk=session_id)
    room = history.with_counts(rooms, identity).first()
    if room is None:
        raise SessionNotFound(f"There is no session {session_id}.")
    return room


def open_session(identity: Identity, session_id: str, title: str) -> Conversation:
    """A new session, or one that exists, which is touched. Raises SessionNotFound, Forbidden."""
    owner = identity.user_id if identity.is_verified else ""
    room = open_conversation(session_id, title=title, owner=owner)
    access.require(identity, room, "write", unseen=SessionNotFound)
    room.updated_at = datetime.now(UTC)
    room.save(update_fields=["updated_at"])
    return room


def rename_session(identity: Identity, session_id: str, title: str) -> Conversation:
    """Raises SessionNotFound, Forbidden."""
    with events.record(find_session(identity, session_id, "edit").pk) as log:
        log.conversation.title = title
        log.conversation.save(update_fields=["title"])
        log.append("session", state="renamed", title=title)
    return log.conversation


def delete_session(identity: Identity, session_id: str) -> Deletion:
    """A room with everything in it. One that is recorded only loses its messages.

    A room that one may not see is as absent as one that is not there. Raises Forbidden.
    """
    room = Conversation.objects.filter(pk=session_id).first()
    if room is None or not access.allows(identity, room, "view"):
        return Deletion()
    if not access.allows(identity, room, "manage"):
        raise Forbidden("Only owners can delete a session")
    audit.record("session_deleted", actor=identity.user_id, target=session_id)
    if room.is_recorded:
        return Deletion(is_found=True, is_kept=True, messages=erasing.clear_messages(session_id))
    with events.turn_to_write(), transaction.atomic():
        said = erasing.forget_messages(room)
        room.delete()
    tell_deleted(session_id)
    return Deletion(is_found=True, messages=said)


def tell_deleted(session_id: str) -> None:
    """To those who are in it; there is no log any more to keep it in."""
    frame = write_frame("session", session_id, state="deleted")
    doorbell.ring(partial(events.publish, session_id, [frame]))
    revocation.publish(session_id=session_id)
