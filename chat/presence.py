"""Who is in a room at this moment, in Redis: the only file that knows its keys.

    room:{id}:presence        zset    a connection as JSON -> when it is forgotten
    room:{id}:presence:told   string  exists for a second after the room was told

Every process refreshes the connections it holds; what a process that died held is forgotten
after TTL_SECONDS, so nobody has to count. Nothing here is stored in the database.
"""

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

from intellibooks.redis_connection import get_redis

TTL_SECONDS = 45
MOST_MEMBERS = 100  # named in a frame; ``count`` counts all
GUEST = "Guest"


@dataclass(frozen=True, slots=True)
class Attendance:
    """One connection in a room; ``since`` is RFC 3339."""

    connection_id: str
    user_id: str
    since: str

    def encode(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"), sort_keys=True)


def presence_key(session_id: str) -> str:
    return f"room:{{{session_id}}}:presence"


def update(session_id: str, present: Sequence[Attendance], gone: Sequence[Attendance]) -> bool:
    """Keeps these connections for another while and forgets those; whether that is any news.

    Raises RedisError, as everything here.
    """
    key, now = presence_key(session_id), time.time()
    with get_redis().pipeline(transaction=True) as pipe:
        pipe.zremrangebyscore(key, "-inf", now)
        if gone:
            pipe.zrem(key, *(it.encode() for it in gone))
        if present:
            pipe.zadd(key, {it.encode(): now + TTL_SECONDS for it in present})
        pipe.expire(key, TTL_SECONDS)
        *changes, _ = pipe.execute()
    return any(changes)


def may_tell(session_id: str) -> bool:
    """Whether the room has not been told within the last second, by any process."""
    key = f"{presence_key(session_id)}:told"
    return bool(get_redis().set(key, 1, nx=True, px=1000))


def describe(session_id: str) -> dict[str, Any]:
    """The fields of a ``presence`` frame: people once each, nameless connections one by one."""
    rows = cast(
        list[bytes], get_redis().zrangebyscore(presence_key(session_id), time.time(), "+inf")
    )
    present = sorted((json.loads(row) for row in rows), key=lambda it: str(it["since"]))
    people: dict[str, dict[str, str]] = {}
    for it in present:
        person = {"user_id": it["user_id"], "name": it["user_id"] or GUEST, "since": it["since"]}
        people.setdefault(it["user_id"] or it["connection_id"], person)
    members = list(people.values())
    return {"members": members[:MOST_MEMBERS], "count": len(members)}


def count_connections(session_ids: Iterable[str]) -> list[int]:
    """How many connections each of these rooms has, in one round trip."""
    now = time.time()
    with get_redis().pipeline(transaction=False) as pipe:
        for session_id in session_ids:
            pipe.zcount(presence_key(session_id), now, "+inf")
        counts: list[int] = pipe.execute()
    return counts
