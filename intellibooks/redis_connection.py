"""The process's Redis clients and queues: one of each, made on first use.

With REDIS_SENTINELS every new connection asks the sentinels which server is the master now, so a
failover is an outage of some seconds, and outages are survived anyway. REDIS_URL then gives the
password, the number of the database and whether it is TLS; its address counts for nothing.
"""

from functools import cache
from typing import Any

import django_rq
import redis.asyncio as aredis
import redis.asyncio.sentinel as asentinel
from django.conf import settings
from redis import Redis
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.connection import SSLConnection, parse_url
from redis.retry import Retry
from redis.sentinel import Sentinel
from rq import Queue

ADDRESS = ("host", "port", "path", "connection_class")


def connect(url: str = "", **options: Any) -> Redis:
    """A client of the Redis of that URL, else of ours; ``options`` are redis-py's."""
    if url not in {"", settings.REDIS_URL} or not settings.REDIS_SENTINELS:
        return Redis.from_url(url or settings.REDIS_URL, **options)
    client: Redis = find_sentinel(Sentinel, Retry(NoBackoff(), 0)).master_for(
        settings.REDIS_SENTINEL_MASTER, **{**read_credentials(), **options}
    )
    return client


def aconnect(url: str = "", **options: Any) -> Any:
    """The same for an event loop."""
    if url not in {"", settings.REDIS_URL} or not settings.REDIS_SENTINELS:
        return aredis.Redis.from_url(url or settings.REDIS_URL, **options)
    return find_sentinel(asentinel.Sentinel, AsyncRetry(NoBackoff(), 0)).master_for(
        settings.REDIS_SENTINEL_MASTER, **{**read_credentials(), **options}
    )


def find_sentinel(kind: Any, retry: Any) -> Any:
    """It asks each one once and quickly, because one that is away must not hide the next."""
    seconds = settings.REDIS_TIMEOUT_SECONDS
    wishes = {"socket_timeout": seconds, "socket_connect_timeout": seconds, "retry": retry}
    return kind(settings.REDIS_SENTINELS, sentinel_kwargs=wishes)


def read_credentials() -> dict[str, Any]:
    """User, password, database and TLS of REDIS_URL."""
    parts: dict[str, Any] = dict(parse_url(settings.REDIS_URL))  # type: ignore[no-untyped-call]
    kept = {name: value for name, value in parts.items() if name not in ADDRESS}
    is_tls = parts.get("connection_class") is SSLConnection
    return {**kept, "ssl": True} if is_tls else kept


@cache
def get_redis() -> Redis:
    """A client that gives up after REDIS_TIMEOUT_SECONDS instead of holding its caller."""
    return connect(
        socket_timeout=settings.REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=settings.REDIS_TIMEOUT_SECONDS,
        decode_responses=False,
    )


@cache
def get_queue(name: str) -> Queue:
    """The RQ queue ``live`` or ``pipeline``; kept, because making one costs 2 ms."""
    queue: Queue = django_rq.get_queue(name, connection=get_redis())
    return queue
