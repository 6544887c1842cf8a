"""The running meeting in Redis: the only file that knows its keys.

    meeting:{id}        hash    status, counters, last activity: what watchers poll
    meeting:{id}:draft  hash    chunk index -> text, for the newest DRAFT_CHUNKS chunks
    meetings:live       zset    id -> last activity

In a cluster a meeting lies in one slot, by its braces, and the index in another: what touches both
is no transaction, and the watchdog mends an index that was not reached. All of it can be rebuilt
from rows. The draft is bounded, so that a meeting takes at most some 30 KB however long it runs; a
longer meeting's transcript is read from the database.
"""

from typing import Any, cast

from intellibooks.redis_connection import get_redis
from meetings.models import Meeting

LIVE_INDEX = "meetings:live"
TTL_SECONDS = 24 * 3600
DRAFT_CHUNKS = 120  # 20 minutes at the recorder's 10.24 s


def state_key(meeting_id: str) -> str:
    return f"meeting:{{{meeting_id}}}"


def draft_key(meeting_id: str) -> str:
    return f"meeting:{{{meeting_id}}}:draft"


def refresh(meeting: Meeting) -> None:
    """The meeting's row as watchers see it. Raises RedisError, as everything here."""
    with get_redis().pipeline(transaction=False) as pipe:
        add_refresh(pipe, meeting)
        pipe.execute()


def add_refresh(pipe: Any, meeting: Meeting) -> None:
    """The same among the commands of a pipeline."""
    key = state_key(meeting.pk)
    active_at = meeting.last_activity_at.timestamp()
    pipe.hset(
        key,
        mapping={
            "status": meeting.status,
            "total_chunks": meeting.total_chunks,
            "chunks_processed": meeting.chunks_processed,
            "last_activity": active_at,
        },
    )
    pipe.expire(key, TTL_SECONDS)
    pipe.zadd(LIVE_INDEX, {meeting.pk: active_at})


def read_status(meeting_id: str) -> str:
    """The meeting's status as it was last refreshed; empty where Redis does not know it."""
    status = cast(bytes | None, get_redis().hget(state_key(meeting_id), "status"))
    return status.decode() if status else ""


def remember_draft(meeting_id: str, index: int, text: str) -> None:
    """The text of one chunk; a retried or late chunk overwrites its own and keeps its place."""
    key = draft_key(meeting_id)
    with get_redis().pipeline(transaction=True) as pipe:
        pipe.hset(key, str(index), text)
        pipe.hdel(key, str(index - DRAFT_CHUNKS))
        pipe.expire(key, TTL_SECONDS)
        pipe.execute()


def read_draft(meeting_id: str) -> dict[int, str]:
    """Chunk index -> text, for the chunks that are still held here."""
    stored = cast(dict[bytes, bytes], get_redis().hgetall(draft_key(meeting_id)))
    return {int(index): text.decode() for index, text in stored.items()}


def list_live() -> dict[str, float]:
    """Meeting id -> last activity, seconds since the epoch."""
    rows = cast(list[tuple[bytes, float]], get_redis().zrange(LIVE_INDEX, 0, -1, withscores=True))
    return {meeting_id.decode(): active_at for meeting_id, active_at in rows}


def forget(meeting_id: str) -> None:
    """The meeting is no longer live: from now on its rows alone are asked."""
    with get_redis().pipeline(transaction=False) as pipe:
        pipe.delete(state_key(meeting_id), draft_key(meeting_id))
        pipe.zrem(LIVE_INDEX, meeting_id)
        pipe.execute()
