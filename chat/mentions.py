"""Who a message calls by name."""

import re
from collections import Counter

from chat.models import Conversation

MENTION = re.compile(r"(?<![\w@.+-])@(\w[\w.+-]{0,99}(?:@\w[\w.-]{0,99})?)")
MOST_MENTIONS = 20


def find_mentioned(conversation: Conversation, content: str, *, author: str) -> list[str]:
    """The user ids that a text calls with @, in its order, each once and never its author.

    A name is a user id, or what stands before the @ of one if only one person has it.
    """
    names = [name.rstrip(".+-").lower() for name in MENTION.findall(content)]
    if not names:
        return []
    known = index_names(list_people(conversation))
    called = (known[name] for name in names if name in known)
    return [it for it in dict.fromkeys(called) if it != author][:MOST_MENTIONS]


def list_people(conversation: Conversation) -> set[str]:
    """The members of a room; of a room that belongs to nobody, those who wrote in it."""
    members = set(conversation.memberships.values_list("user_id", flat=True))
    if members:
        return members
    authors = conversation.messages.exclude(user_id="").order_by().values_list("user_id", flat=True)
    return set(authors.distinct())


def index_names(user_ids: set[str]) -> dict[str, str]:
    first_parts = Counter(user_id.partition("@")[0].lower() for user_id in user_ids)
    short = {
        name: user_id
        for user_id in sorted(user_ids)
        if first_parts[name := user_id.partition("@")[0].lower()] == 1
    }
    return short | {user_id.lower(): user_id for user_id in user_ids}
