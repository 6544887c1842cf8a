"""The process's Redis clients and queues: one of each, made on first use.

With REDIS_SENTINELS every new connection asks the sentinels which server is the master now, so a
failover is an outage of some seconds, and outages are survived anyway. REDIS_URL then gives the
password, the number of the database and whether it is TLS; its address counts for nothing.
With REDIS_CLUSTER_NODES the same is true of a cluster: see redis_cluster.py.
"""

from contextlib import suppress
from functools import cache
from typing import Any

import django_rq
import redis.asyncio as aredis
import redis.asyncio.sentinel as asentinel
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from redis import Redis
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError
from redis.retry import Retry
from redis.sentinel import Sentinel
from rq import Queue
from rq.defaults import RQ_KEY_PREFIX

from intellibooks.redis_address import read_credentials
from intellibooks.redis_cluster import (
    QUEUE_PREFIX,
    aconnect_cluster,
    build_queue_pool,
    connect_cluster,
)


def connect(url: str = "", **options: Any) -> Any:
    """A client of the Redis of that URL, else of ours; ``options`` are redis-py's.

    That of a cluster connects at once: raises RedisError. It has the commands of any other.
    """
    if url not in {"", settings.REDIS_URL}:
        return Redis.from_url(url, **options)
    if settings.REDIS_CLUSTER_NODES:
        return connect_cluster(settings.REDIS_CLUSTER_NODES, **with_credentials(options))
    if not settings.REDIS_SENTINELS:
        return Redis.from_url(settings.REDIS_URL, **options)
    return find_sentinel(Sentinel, Retry(NoBackoff(), 0)).master_for(
        settings.REDIS_SENTINEL_MASTER, **with_credentials(options)
    )


def connect_queue(**options: Any) -> Redis:
    """A client for RQ, which wants one server: of a cluster the one that has the queues."""
    if not settings.REDIS_CLUSTER_NODES:
        client: Redis = connect(**options)
        return client
    if RQ_KEY_PREFIX != QUEUE_PREFIX:
        raise ImproperlyConfigured(
            f"RQ's keys begin with {RQ_KEY_PREFIX!r} and would be spread over the cluster. "
            f"Import Django's settings before rq, or set RQ_KEY_PREFIX={QUEUE_PREFIX}."
        )
    pool = build_queue_pool(settings.REDIS_CLUSTER_NODES, **with_credentials(options))
    return Redis(connection_pool=pool)


def aconnect(url: str = "", **options: Any) -> Any:
    """The same for an event loop."""
    if url not in {"", settings.REDIS_URL}:
        return aredis.Redis.from_url(url, **options)
    if settings.REDIS_CLUSTER_NODES:
        return aconnect_cluster(settings.REDIS_CLUSTER_NODES, **with_credentials(options))
    if not settings.REDIS_SENTINELS:
        return aredis.Redis.from_url(settings.REDIS_URL, **options)
    return find_sentinel(asentinel.Sentinel, AsyncRetry(NoBackoff(), 0)).master_for(
        settings.REDIS_SENTINEL_MASTER, **with_credentials(options)
    )


def find_sentinel(kind: Any, retry: Any) -> Any:
    """It asks each one once and quickly, because one that is away must not hide the next."""
    seconds = settings.REDIS_TIMEOUT_SECONDS
    wishes = {"socket_timeout": seconds, "socket_connect_timeout": seconds, "retry": retry}
    return kind(settings.REDIS_SENTINELS, sentinel_kwargs=wishes)


def is_stray_node(client: Redis) -> bool:
    """Whether it is a node of a cluster that the settings take for a whole Redis."""
    if settings.REDIS_CLUSTER_NODES:
        return False
    with suppress(ResponseError):  # a user who may not ask
        return bool(client.info("cluster").get("cluster_enabled"))
    return False


def with_credentials(options: dict[str, Any]) -> dict[str, Any]:
    """A cluster has one database, and no number for it."""
    known = read_credentials(settings.REDIS_URL)
    if settings.REDIS_CLUSTER_NODES:
        known.pop("db", None)
    return {**known, **options}


def limit_waits() -> dict[str, Any]:
    seconds = settings.REDIS_TIMEOUT_SECONDS
    return {"socket_timeout": seconds, "socket_connect_timeout": seconds}


@cache
def get_redis() -> Redis:
    """A client that gives up after REDIS_TIMEOUT_SECONDS instead of holding its caller.

    Of a cluster it is made once the cluster answers: raises RedisError until then.
    """
    client: Redis = connect(decode_responses=False, **limit_waits())
    return client


def get_queue_redis() -> Redis:
    """The same for RQ's keys; one and the same client where there is no cluster."""
    return get_queue_server() if settings.REDIS_CLUSTER_NODES else get_redis()


@cache
def get_queue_server() -> Redis:
    return connect_queue(**limit_waits())


@cache
def get_queue(name: str) -> Queue:
    """The RQ queue ``live`` or ``pipeline``; kept, because making one costs 2 ms."""
    queue: Queue = django_rq.get_queue(name, connection=get_queue_redis())
    return queue
