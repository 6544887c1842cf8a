"""What workers count, in Redis: they are forked, killed and many, so their own memory is no place.

Counters may start again at zero when Redis is emptied; Prometheus knows how to read that.
"""

import logging
from typing import Any

from redis.exceptions import RedisError

from intellibooks.redis_connection import get_redis

logger = logging.getLogger(__name__)

KEY = "metrics:counters"
KEPT_SECONDS = 90 * 86_400


def add(amounts: dict[str, float], **labels: str) -> None:
    """Adds to several counters with the same labels; lost where Redis is away."""
    suffix = "".join(f"|{name}={value}" for name, value in sorted(labels.items()))
    try:
        with get_redis().pipeline(transaction=False) as pipe:
            for name, amount in amounts.items():
                pipe.hincrbyfloat(KEY, name + suffix, amount)
            pipe.expire(KEY, KEPT_SECONDS)
            pipe.execute()
    except RedisError as error:
        logger.debug("a metric was not counted: %s", error)


def read() -> dict[str, list[tuple[dict[str, str], float]]]:
    """Counter -> its labels and values. Raises RedisError."""
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    counters: Any = get_redis().hgetall(KEY)  # bytes: the client decodes nothing
    for field, value in counters.items():
        name, *pairs = field.decode().split("|")
        labels = dict(pair.split("=", maxsplit=1) for pair in pairs)
        found.setdefault(name, []).append((labels, float(value)))
    return found
