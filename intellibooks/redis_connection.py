"""The process's Redis clients and queues: one of each, made on first use."""

from functools import cache

import django_rq
from django.conf import settings
from redis import Redis
from rq import Queue


@cache
def get_redis() -> Redis:
    """A client that gives up after REDIS_TIMEOUT_SECONDS instead of holding its caller."""
    return Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=settings.REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=settings.REDIS_TIMEOUT_SECONDS,
        decode_responses=False,
    )


@cache
def get_queue(name: str) -> Queue:
    """The RQ queue ``live`` or ``pipeline``; kept, because making one costs 2 ms."""
    queue: Queue = django_rq.get_queue(name, connection=get_redis())
    return queue
