"""More and more meetings at once, until the text comes too late."""

import asyncio
import math
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

import httpx

from meetings.loadtest.recorder import TIMEOUT_SECONDS, Meeting, Target, open_meeting

CHUNK_SECONDS = 10.24  # what the recorder sends
GOAL_SECONDS = 5.0
P95 = 0.95
FIRST, FACTOR = 4, 2


@dataclass(frozen=True, slots=True)
class Plan:
    """``most`` meetings at last, ``seconds`` a step; ``sounds`` are the chunks they send.

    ``counts`` are the steps, where they are not those that double up to ``most``.
    """

    target: Target
    sounds: Sequence[bytes]
    most: int = 64
    seconds: int = 20
    every: float = CHUNK_SECONDS
    counts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What so many meetings at once met with; seconds. ``lost`` are accepted chunks of which the
    service knows nothing, ``ended`` meetings that do not record any more.
    """

    meetings: int
    chunks: int
    answer_p95: float
    lag_median: float
    lag_p95: float
    lost: int = 0
    ended: int = 0

    @property
    def is_carried(self) -> bool:
        return self.lag_p95 <= GOAL_SECONDS and not self.lost and not self.ended


def climb(plan: Plan, tell: Callable[[Step], object]) -> int:
    """The most meetings that were carried; 0 where the first step was too much already.

    Raises LoadError, httpx.HTTPError, OSError, websockets' InvalidHandshake.
    """
    carried = 0
    for count in plan.counts or list_steps(plan.most):
        step = asyncio.run(take_step(plan, count))
        tell(step)
        if not step.is_carried:
            break
        carried = count
    return carried


def list_steps(most: int) -> list[int]:
    steps = [FIRST * FACTOR**number for number in range(most.bit_length())]
    return [*(count for count in steps if count < most), most]


def open_client(target: Target) -> httpx.AsyncClient:
    """One for all meetings, with as many connections as they need."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    return httpx.AsyncClient(
        base_url=target.url,
        headers=target.headers,
        timeout=TIMEOUT_SECONDS,
        trust_env=False,
        limits=limits,
    )


async def take_step(plan: Plan, count: int) -> Step:
    target = plan.target
    async with open_client(target) as http, AsyncExitStack() as stack:
        meetings = [
            await stack.enter_async_context(open_meeting(target, http)) for _ in range(count)
        ]
        chunks = max(1, round(plan.seconds / plan.every))
        await asyncio.gather(
            *(
                # Evenly spread, as recorders are that were started at any moment.
                meeting.record(plan.sounds, plan.every, plan.every * number / count, chunks)
                for number, meeting in enumerate(meetings)
            )
        )
        await wait_for_text(meetings)
        step = conclude(meetings)
        lost = [await meeting.count_lost() for meeting in meetings]
        ended = [not await meeting.is_recording() for meeting in meetings]
        return replace(step, lost=sum(lost), ended=sum(ended))


async def wait_for_text(meetings: Sequence[Meeting]) -> None:
    """Until everything was heard, or too late for the goal."""
    for _ in range(round(GOAL_SECONDS * 2 / 0.1)):
        if all(len(one.heard_at) == len(one.accepted_at) for one in meetings):
            return
        await asyncio.sleep(0.1)


def conclude(meetings: Sequence[Meeting]) -> Step:
    lags = [lag for meeting in meetings for lag in meeting.lags]
    answers = [seconds for meeting in meetings for seconds in meeting.answers]
    return Step(
        meetings=len(meetings),
        chunks=len(lags),
        answer_p95=find_rank(answers, P95),
        lag_median=find_rank(lags, 0.5),
        lag_p95=find_rank(lags, P95),
    )


def find_rank(samples: Sequence[float], share: float) -> float:
    """The smallest sample that at least that share of all do not exceed; no interpolation."""
    return sorted(samples)[max(math.ceil(len(samples) * share), 1) - 1]
