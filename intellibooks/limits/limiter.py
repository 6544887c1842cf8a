"""How often one may do something: one script in Redis for every process and both transports.

The script is the generic cell rate algorithm (ITU-T I.371): a bucket is one number, the moment
at which it will be empty again, by Redis' clock. While Redis is away everything is allowed,
since nothing that is recorded may get lost for the sake of a limit.
"""

import asyncio
import hashlib
import logging
import threading
import time
import weakref
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from django.conf import settings
from redis.exceptions import RedisError

from intellibooks.identity import Identity
from intellibooks.limits.rates import Rate
from intellibooks.redis_connection import aconnect, connect

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 0.25
# Redis' client refuses the 101st connection; a flood must not look like an outage.
MOST_AT_ONCE = 16
PAUSE_SECONDS = 5.0  # a Redis that does not answer is not asked again for so long
# What is no setting: refusals kept in the audit log.
FIXED = {"denials": Rate(30, 60.0)}
SCRIPT = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local step, span = tonumber(ARGV[1]), tonumber(ARGV[2])
local full = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0')) + step
local wait = full - now - span
if wait <= 0.000001 then
  redis.call('SET', KEYS[1], string.format('%.6f', full), 'PX', math.ceil((full - now) * 1000))
  return '0'
end
return string.format('%.6f', wait)
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """``retry_after`` is in seconds, 0 where it is allowed."""

    allowed: bool
    retry_after: float = 0.0


YES = Verdict(allowed=True)


class Buckets:
    """The script and its clients, of one process."""

    def __init__(self, url: str) -> None:
        self.url = url
        options: dict[str, Any] = {
            "socket_timeout": TIMEOUT_SECONDS,
            "socket_connect_timeout": TIMEOUT_SECONDS,
        }
        self.options = options
        # A client belongs to its event loop; a test run has many.
        self.scripts: weakref.WeakKeyDictionary[
            asyncio.AbstractEventLoop, tuple[Any, asyncio.Semaphore]
        ]
        self.scripts = weakref.WeakKeyDictionary()
        self.thread_turns = threading.BoundedSemaphore(MOST_AT_ONCE)
        self.silent_until = 0.0

    @cached_property
    def script(self) -> Any:
        """Raises RedisError."""
        return connect(self.url, **self.options).register_script(SCRIPT)

    @property
    def is_away(self) -> bool:
        return time.monotonic() < self.silent_until

    def take(self, key: str, rate: Rate) -> Verdict:
        with self.thread_turns:
            if self.is_away:
                return YES
            try:
                return judge(self.script(keys=[key], args=spell(rate)))
            except (RedisError, OSError) as error:
                return self.give_up(error)

    async def atake(self, key: str, rate: Rate) -> Verdict:
        try:
            script, turns = self.find_script()
            async with turns:
                if self.is_away:
                    return YES
                return judge(await script(keys=[key], args=spell(rate)))
        except (RedisError, OSError) as error:
            return self.give_up(error)

    def find_script(self) -> tuple[Any, asyncio.Semaphore]:
        """The script, and what those stand in line for who want to ask."""
        loop = asyncio.get_running_loop()
        if loop not in self.scripts:
            client = aconnect(self.url, **self.options)
            turns = asyncio.Semaphore(MOST_AT_ONCE)
            self.scripts[loop] = client.register_script(SCRIPT), turns
        return self.scripts[loop]

    def give_up(self, error: Exception) -> Verdict:
        self.silent_until = time.monotonic() + PAUSE_SECONDS
        logger.warning("no limits for %.0f s, Redis does not answer: %s", PAUSE_SECONDS, error)
        return YES


def spell(rate: Rate) -> list[float]:
    return [rate.seconds / rate.count, rate.seconds]


def judge(answer: Any) -> Verdict:
    wait = float(answer)
    return Verdict(allowed=False, retry_after=wait) if wait > 0 else YES


@cache
def get_buckets(url: str) -> Buckets:
    return Buckets(url)


def find_rate(kind: str) -> Rate | None:
    limits: dict[str, Rate | None] = getattr(settings, "LIMITS", {})
    return limits.get(kind, FIXED.get(kind))


def name_bucket(kind: str, owner: str) -> str:
    # Hashed: an address or a name of any length and any letters is a short key.
    digest = hashlib.blake2b(owner.encode(errors="replace"), digest_size=12).hexdigest()
    return f"limit:{kind}:{digest}"


def name_owner(identity: Identity, address: str) -> str:
    """The person where there is proof, else the address: a claimed name is no way around."""
    return f"user:{identity.user_id}" if identity.is_verified else f"address:{address}"


async def allow(kind: str, identity: Identity, address: str) -> Verdict:
    """Whether this act is within the limit of ``kind``; it is counted if it is."""
    rate = find_rate(kind)
    if rate is None:
        return YES
    bucket = name_bucket(kind, name_owner(identity, address))
    return await get_buckets(settings.REDIS_URL).atake(bucket, rate)


def allow_now(kind: str, owner: str) -> Verdict:
    """The same from synchronous code, for any owner that can be named."""
    rate = find_rate(kind)
    if rate is None:
        return YES
    return get_buckets(settings.REDIS_URL).take(name_bucket(kind, owner), rate)
