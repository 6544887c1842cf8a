import pytest

from transcription.engines.base import EngineError
from transcription.engines.breaker import Breaker


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker("talker", failures=3, rest_seconds=30, clock=clock)


def is_open(breaker: Breaker) -> bool:
    try:
        breaker.admit()
    except EngineError:
        return True
    return False


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        breaker.record_failure("out of order")


def test_it_opens_after_failures_in_a_row(breaker: Breaker) -> None:
    fail(breaker, 2)
    assert not is_open(breaker)
    fail(breaker, 1)
    assert is_open(breaker)


def test_success_in_between_starts_the_count_again(breaker: Breaker) -> None:
    fail(breaker, 2)
    breaker.record_success()
    fail(breaker, 2)
    assert not is_open(breaker)


def test_refusal_names_the_reason_and_may_pass(breaker: Breaker) -> None:
    fail(breaker, 3)
    with pytest.raises(EngineError) as refusal:
        breaker.admit()
    assert refusal.value.message == (
        "talker rests after 3 failures, asked again in 30 s: out of order"
    )
    assert not refusal.value.permanent


def test_one_may_try_after_the_rest(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now = 30
    assert [is_open(breaker), is_open(breaker)] == [False, True]


def test_try_that_works_closes_it(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now = 30
    breaker.admit()
    breaker.record_success()
    assert [is_open(breaker), is_open(breaker)] == [False, False]


def test_try_that_fails_opens_it_for_another_rest(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now = 30
    breaker.admit()
    fail(breaker, 1)
    clock.now = 59
    assert is_open(breaker)
    clock.now = 60
    assert not is_open(breaker)


def test_try_that_says_nothing_lets_the_next_one_try(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now = 30
    breaker.admit()
    breaker.release()
    assert not is_open(breaker)
