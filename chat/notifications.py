"""What a person should learn of outside the room: mentions and invitations."""

import uuid
from collections.abc import Iterable

from django.db.models import Q, QuerySet

from chat.models import Conversation, Notification
from intellibooks.errors import NotFound
from intellibooks.identity import Identity, is_open

MENTION, INVITATION = "mention", "invitation"
LONGEST_LIST = 100
LONGEST_EXCERPT = 200  # characters


def link_to(conversation: Conversation, message_id: object = "") -> str:
    return f"/chat/{conversation.pk}" + (f"#message-{message_id}" if message_id else "")


def notify(
    user_ids: Iterable[str], kind: str, *, title: str, content: str = "", link: str = ""
) -> None:
    Notification.objects.bulk_create(
        Notification(
            user_id=user_id,
            type=kind,
            title=title[:200],
            content=shorten(content),
            link=link,
        )
        for user_id in user_ids
    )


def shorten(text: str) -> str:
    return text if len(text) <= LONGEST_EXCERPT else f"{text[: LONGEST_EXCERPT - 1]}…"


def list_notifications(identity: Identity) -> QuerySet[Notification]:
    """The newest of that person, newest first; a nameless caller has none."""
    if not identity.user_id:
        return Notification.objects.none()
    return Notification.objects.filter(user_id=identity.user_id)[:LONGEST_LIST]


def mark_notification_read(identity: Identity, notification_id: str) -> None:
    """Raises NotFound, also for somebody else's."""
    try:
        key = uuid.UUID(notification_id)
    except ValueError as error:
        raise NotFound("There is no such notification.") from error
    own = Notification.objects.filter(user_id=identity.user_id) if identity.user_id else None
    if own is None or not own.filter(pk=key).update(is_read=True):
        raise NotFound("There is no such notification.")


def retell(room: Conversation, message_id: object, content: str) -> None:
    """Notifications of a message say what it says now, to whoever still belongs to the room."""
    told = Notification.objects.filter(link=link_to(room, message_id))
    members = set(room.memberships.values_list("user_id", flat=True))
    if members or not is_open():
        told = told.filter(user_id__in=members)
    told.update(content=shorten(content))


def withdraw(link: str) -> None:
    """Notifications of what is no more."""
    Notification.objects.filter(link=link).delete()


def withdraw_from(user_id: str, conversation: Conversation) -> None:
    """What that person was told of a room that is no longer theirs."""
    own = Notification.objects.filter(user_id=user_id)
    of_messages = Q(link__startswith=f"{link_to(conversation)}#")
    own.filter(of_messages | Q(link=link_to(conversation))).delete()


def withdraw_all(conversation: Conversation) -> None:
    """Notifications of every message of a room."""
    Notification.objects.filter(link__startswith=f"{link_to(conversation)}#").delete()
