"""Many meetings at once: how late the text is beside the engine's time, and how many there can be.

The recorders keep real time, as ``manage.py loadtest``'s do: it is the same code.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace

from bench.figures import median, percentile
from bench.fixed_engine import WORK_SECONDS
from bench.options import Options
from bench.report import Row, Table, judge
from bench.service import (
    BenchError,
    Server,
    find_live_worker,
    read_cpu_seconds,
    read_work_seconds,
    running_application,
    running_service,
)
from bench.sounds import CHUNK_SECONDS, cut_chunks, make_silence
from bench.steps import describe_step
from meetings.loadtest.ramp import GOAL_SECONDS, Plan, Step, climb, open_client, wait_for_text
from meetings.loadtest.recorder import LoadError, Meeting, Target, open_meeting

MEETINGS = (1, 4, 16)
CROWDS = (64, 128, 192)  # tried until the text comes too late
GOAL_MEETINGS = 150
CROWD_SECONDS = 20


def measure(options: Options) -> list[Table]:
    try:
        with running_engine() as settings, running_service(**settings) as server:
            lags = {count: asyncio.run(record(server, count, options)) for count in MEETINGS}
        with running_service() as server:
            steps, worked = find_most(server)
    except LoadError as error:
        raise BenchError(str(error)) from error
    rows = [describe(count, found) for count, found in lags.items()]
    goals = [
        judge(f"service, median ms, {count} meetings", median(found), at_most=100)
        for count, found in lags.items()
    ]
    carried = max((step.meetings for step in steps if step.is_carried), default=0)
    goals.append(judge("live meetings without an engine", carried, at_least=GOAL_MEETINGS))
    return [build_lags_table(rows), build_crowds_table(steps, worked), Table("Goals", tuple(goals))]


@contextmanager
def running_engine() -> Iterator[dict[str, str]]:
    """The settings that lead a service to the engine."""
    with running_application("bench.fixed_engine:application", "the engine") as (url, _):
        yield {
            "SPEECH_ENGINES": "whisper_resident",
            "WHISPER_RESIDENT": "server",
            "WHISPER_SERVER_URL": url,
        }


async def record(server: Server, count: int, options: Options) -> list[float]:
    """For each chunk the milliseconds from its answer to its text, without the engine's."""
    target = Target(server.url)
    async with open_client(target) as http, AsyncExitStack() as stack:
        meetings = [
            await stack.enter_async_context(open_meeting(target, http)) for _ in range(count)
        ]
        await meetings[0].record(cut_chunks()[:1], 0, 0, 1)  # the worker finds its engine
        await wait_for_text(meetings)
        chunks = max(1, round(options.pipeline_seconds / CHUNK_SECONDS))
        await asyncio.gather(
            *(
                meeting.record(cut_chunks(), CHUNK_SECONDS, CHUNK_SECONDS * number / count, chunks)
                for number, meeting in enumerate(meetings)
            )
        )
        await wait_for_text(meetings)
        first = {meetings[0].session_id: 1}
        return [
            lag
            for meeting in meetings
            for lag in find_lags(server, meeting)[first.get(meeting.session_id, 0) :]
        ]


def find_lags(server: Server, meeting: Meeting) -> list[float]:
    """In the order of the chunks. Raises BenchError where one was not heard."""
    worked = read_work_seconds(server, meeting.session_id)
    if missing := meeting.accepted_at.keys() - meeting.heard_at.keys():
        raise BenchError(f"{len(missing)} chunks have no text after {GOAL_SECONDS * 2:.0f} s")
    return subtract(meeting.lags, [worked[index] for index in meeting.accepted_at])


def subtract(lags: Sequence[float], worked: Sequence[float]) -> list[float]:
    """Milliseconds that the service itself added."""
    return [(lag - work) * 1000 for lag, work in zip(lags, worked, strict=True)]


def find_most(server: Server) -> tuple[list[Step], float]:
    """What each crowd met with, and the live worker's CPU milliseconds for a chunk of it."""
    plan = Plan(Target(server.url), [make_silence(CHUNK_SECONDS)], max(CROWDS), CROWD_SECONDS)
    steps: list[Step] = []
    worker = find_live_worker(server)
    began = read_cpu_seconds(worker)
    climb(replace(plan, counts=CROWDS), steps.append)
    chunks = sum(step.chunks for step in steps)
    return steps, (read_cpu_seconds(worker) - began) * 1000 / chunks


def describe(count: int, lags: Sequence[float]) -> Row:
    row: Row = {"meetings at once": count, "chunks": len(lags)}
    return row | {
        "median ms": median(lags),
        "p95 ms": percentile(lags, 95),
        "max ms": max(lags),
    }


def build_lags_table(rows: Sequence[Row]) -> Table:
    return Table(
        "Chunk accepted -> its text on the socket, without the engine's time",
        tuple(rows),
        (
            f"Real time: each meeting sends {CHUNK_SECONDS} s of real speech every {CHUNK_SECONDS} "
            f"s, evenly spread. The engine is a server that answers after {WORK_SECONDS} s; "
            "work_seconds of the ledger is taken off.",
            "Left are queue, decoding, database, Redis, the socket, and waiting for the chunk of "
            "another meeting: there is one live worker.",
        ),
    )


def build_crowds_table(steps: Sequence[Step], worked: float) -> Table:
    rows = [describe_step(step) | {"carried": step.is_carried} for step in steps]
    return Table(
        f"Live meetings whose text comes within {GOAL_SECONDS:.0f} s (p95), silence",
        tuple(rows),
        (
            f"Steps of {CROWD_SECONDS} s; `manage.py loadtest` is the same against a service of "
            "yours. Silence reaches no engine, so this is the service's own share; recorders and "
            "viewers run on the same machine.",
            f"The live worker took {worked:.1f} ms of CPU for a chunk.",
        ),
    )
