"""Who lost a right just now: told to every process, so that open sockets are looked at again.

The message only says where to look; whether a socket is closed is decided by the same question
as at its opening. A message that gets lost costs REVOCATION_CHECK_SECONDS.
"""

import json
from functools import partial
from typing import NotRequired, TypedDict

from django.conf import settings
from django.db import transaction

from intellibooks.doorbell import doorbell
from intellibooks.identity import Identity
from intellibooks.redis_connection import get_redis


class Revoked(TypedDict):
    """What changed; a socket is concerned if it agrees with every key that is there."""

    user_id: NotRequired[str]
    credential: NotRequired[str]
    session_id: NotRequired[str]


def name_channel() -> str:
    return f"{settings.CHANNEL_PREFIX}:revoked"


def publish(*, user_id: str = "", credential: str = "", session_id: str = "") -> None:
    """After the commit, if there is a transaction. ``session_id`` is the room's id."""
    message: Revoked = {}
    if user_id:
        message["user_id"] = user_id
    if credential:
        message["credential"] = credential
    if session_id:
        message["session_id"] = session_id
    if message:
        transaction.on_commit(partial(doorbell.ring, partial(send, message)))


def send(message: Revoked) -> None:
    """Raises RedisError."""
    get_redis().publish(name_channel(), json.dumps(message))


def matches(identity: Identity, session_id: str, message: Revoked) -> bool:
    """Whether a socket of that identity in that room is concerned."""
    mine = {"user_id": identity.user_id, "credential": identity.credential}
    mine["session_id"] = session_id
    return bool(message) and all(mine.get(key) == value for key, value in message.items())
