"""Who comes in: the one look at the database before a socket is accepted."""

from dataclasses import dataclass

from chat import services
from chat.access import allows_without_link, find_acts, require
from chat.models import Conversation
from chat.stream.replay import Missed, look_up_missed
from intellibooks.errors import NotFound
from intellibooks.identity import Identity


@dataclass(frozen=True, slots=True)
class Entry:
    """What the person may do in the room, and its newest event."""

    acts: frozenset[str]
    last_seq: int


def enter_room(session_id: str, identity: Identity) -> Entry:
    """The room of that id, made where it is new and the person may make one. Raises NotFound."""
    conversation = Conversation.objects.filter(pk=session_id).first()
    if conversation is None:
        if not identity.is_authenticated or not identity.has_scope("write"):
            raise NotFound
        owner = identity.user_id if identity.is_verified else ""
        conversation = services.open_conversation(session_id, owner=owner)
    require(identity, conversation, "view")
    return Entry(find_acts(identity, conversation), conversation.last_seq)


def look_up_acts(session_id: str, identity: Identity) -> frozenset[str]:
    """What the person may do there now; nothing where the room is gone."""
    conversation = Conversation.objects.filter(pk=session_id).first()
    if conversation is None:
        return frozenset()
    return find_acts(identity, conversation)


def look_up_missed_by(identity: Identity, session_id: str, after_seq: int, entered: int) -> Missed:
    """What the person may be brought up to date with: who came by a public link sees what
    happens while it is there, and not what was said and taken back before.
    """
    missed = look_up_missed(session_id, after_seq)
    room = Conversation.objects.get(pk=session_id)
    if after_seq >= entered or allows_without_link(identity, room):
        return missed
    return Missed(after_seq, missed.to_seq, is_replayable=False)
