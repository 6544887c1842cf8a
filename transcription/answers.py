"""The answer of the worker to the request that waits for it, through Redis."""

import json
from typing import TypedDict

from intellibooks.redis_connection import get_redis

TTL_SECONDS = 120
SHORTEST_WAIT_SECONDS = 0.05  # zero would be for ever


class Answer(TypedDict):
    """As it is sent: ``text`` where there was speech, otherwise ``error`` and its ``code``.

    ``engine`` is who transcribed it, empty where nobody did.
    """

    success: bool
    text: str | None
    error: str | None
    code: str | None
    engine: str


def give_text(text: str, engine: str) -> Answer:
    return {"success": True, "text": text, "error": None, "code": None, "engine": engine}


def give_error(code: str, error: str) -> Answer:
    return {"success": False, "text": None, "error": error, "code": code, "engine": ""}


def send_answer(upload_id: str, answer: Answer) -> None:
    """Raises RedisError."""
    key = _name(upload_id)
    with get_redis().pipeline(transaction=True) as pipe:
        pipe.rpush(key, json.dumps(answer))
        pipe.expire(key, TTL_SECONDS)
        pipe.execute()


def wait_for_answer(upload_id: str, seconds: float) -> Answer | None:
    """None if there is none after ``seconds``, at most Redis' own time-out. Raises RedisError."""
    found = get_redis().blpop([_name(upload_id)], max(seconds, SHORTEST_WAIT_SECONDS))
    if found is None:
        return None
    answer: Answer = json.loads(found[1])
    return answer


def _name(upload_id: str) -> str:
    return f"transcribe:{{{upload_id}}}"
