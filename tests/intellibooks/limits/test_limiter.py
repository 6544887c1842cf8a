import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from redis import Redis

from intellibooks.identity import STRANGER, Identity
from intellibooks.limits.limiter import Buckets, allow, allow_now, name_owner
from intellibooks.limits.rates import Rate
from tests.timing import check_seconds

ALICE = Identity("alice", is_verified=True)


def count_allowed(owner: str, tries: int) -> int:
    return sum(allow_now("messages", owner).allowed for _ in range(tries))


def test_so_many_at_once_and_no_more(settings: Any) -> None:
    settings.LIMITS = {"messages": Rate(5, 60)}
    assert count_allowed("alice", 8) == 5


def test_refusal_says_when_to_come_again(settings: Any) -> None:
    settings.LIMITS = {"messages": Rate(2, 0.2)}
    count_allowed("alice", 2)
    verdict = allow_now("messages", "alice")
    assert 0 < verdict.retry_after <= 0.1
    time.sleep(verdict.retry_after + 0.01)
    assert allow_now("messages", "alice").allowed


def test_each_has_a_count_of_its_own(settings: Any) -> None:
    settings.LIMITS = {"messages": Rate(1, 60), "starts": Rate(1, 60)}
    assert count_allowed("alice", 2) == count_allowed("bob", 2) == 1
    assert allow_now("starts", "alice").allowed


@pytest.mark.parametrize("limits", [{}, {"messages": None}])
def test_limit_that_is_off_refuses_nothing(settings: Any, limits: Any) -> None:
    settings.LIMITS = limits
    assert count_allowed("alice", 100) == 100


async def test_both_transports_count_together(settings: Any) -> None:
    settings.LIMITS = {"messages": Rate(2, 60)}
    assert (await allow("messages", ALICE, "1.1.1.1")).allowed
    assert allow_now("messages", "user:alice").allowed
    assert not (await allow("messages", ALICE, "2.2.2.2")).allowed


async def test_flood_switches_no_limit_off(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.LIMITS = {"connects": Rate(5, 60)}
    verdicts = await asyncio.gather(*(allow("connects", STRANGER, "1.1.1.1") for _ in range(400)))
    assert sum(verdict.allowed for verdict in verdicts) == 5
    assert not caplog.records


def test_flood_of_threads_switches_no_limit_off(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Such as those of the logins: each request has a thread of its own."""
    settings.LIMITS = {"logins": Rate(5, 60)}
    together = threading.Barrier(200)

    def attempt(_: int) -> bool:
        together.wait()
        return allow_now("logins", "address:1.1.1.1").allowed

    with ThreadPoolExecutor(200) as pool:
        assert sum(pool.map(attempt, range(200))) == 5
    assert not caplog.records


def test_claimed_name_is_no_way_around() -> None:
    claims = {name_owner(Identity(f"user-{n}"), "1.1.1.1") for n in range(3)}
    assert claims == {name_owner(STRANGER, "1.1.1.1")}
    assert name_owner(ALICE, "1.1.1.1") == "user:alice"


def test_buckets_are_forgotten_by_themselves(settings: Any, redis_server: Redis) -> None:
    settings.LIMITS = {"messages": Rate(5, 60)}
    count_allowed("a" * 500, 8)
    (key,) = redis_server.keys("limit:*")
    assert 0 < redis_server.pttl(key) <= 60_000
    assert len(key) < 64


async def test_redis_away_allows_everything_without_a_wait(
    caplog: pytest.LogCaptureFixture,
) -> None:
    buckets = Buckets("redis://127.0.0.1:9/0")
    begun = time.monotonic()
    for _ in range(50):
        assert buckets.take("x", Rate(1, 60)).allowed
        assert (await buckets.atake("x", Rate(1, 60))).allowed
    check_seconds(time.monotonic() - begun, 1)
    assert len(caplog.records) == 1
