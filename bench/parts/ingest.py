"""Accepting chunks: while the speech engine has all it can do, and as fast as it goes."""

import asyncio
import contextlib
import time
from dataclasses import dataclass, field

import httpx
import psutil

from bench.figures import median, percentile, ratio
from bench.options import Options
from bench.recorder import Recorder, open_client
from bench.redis_memory import measure_keys
from bench.report import Row, Table, judge
from bench.service import (
    Server,
    count_waiting,
    find_live_worker,
    pausing_workers,
    read_cpu_seconds,
    running_predecessor,
    running_service,
    wait_until_idle,
)
from bench.sounds import CHUNK_SECONDS, cut_chunks

SESSIONS = 8
WARM_UP_CHUNKS = 4
BACKLOG_PER_SECOND = 4  # chunks sent before, so that the engine has work to the end


@dataclass(slots=True)
class Paced:
    """Answers at one chunk a second."""

    milliseconds: list[float] = field(default_factory=list)
    server_cpu: float = 0.0


@dataclass(frozen=True, slots=True)
class Engine:
    """What the engine did meanwhile: share of a core, and chunks it still had to do."""

    share: float
    waiting: int


@dataclass(frozen=True, slots=True)
class Turn:
    """One server at full speed: chunks in that many seconds, and what they cost it."""

    chunks: int
    seconds: float
    server_cpu: float
    redis_cpu: float
    redis_bytes: float
    milliseconds: list[float]

    @property
    def figures(self) -> dict[str, float]:
        return {
            "requests/s": self.chunks / self.seconds,
            "p50 ms": percentile(self.milliseconds, 50),
            "p99 ms": percentile(self.milliseconds, 99),
            "server CPU ms/chunk": self.server_cpu * 1000 / self.chunks,
            "Redis CPU ms/chunk": self.redis_cpu * 1000 / self.chunks,
            "Redis bytes/chunk": self.redis_bytes / self.chunks,
        }


def measure(options: Options) -> list[Table]:
    with running_service() as ours, running_predecessor() as theirs:
        servers, worker = (ours, theirs), find_live_worker(ours)
        paced, engine = asyncio.run(measure_paced(servers, worker, options))
        turns: dict[str, list[Turn]] = {server.name: [] for server in servers}
        with pausing_workers(ours):
            for _ in range(options.rounds):
                for server in servers:
                    turns[server.name].append(asyncio.run(take_turn(server, options)))
                theirs.redis.flushall()
    medians = {name: find_medians(taken) for name, taken in turns.items()}
    return [
        build_paced_table(paced, engine, options),
        build_turns_table(medians, options),
        build_goals_table(paced[ours.name], medians),
    ]


async def measure_paced(
    servers: tuple[Server, ...], worker: psutil.Process, options: Options
) -> tuple[dict[str, Paced], Engine]:
    """Answers of each server, in turns, while the engine of ours is at work."""
    found = {server.name: Paced() for server in servers}
    async with contextlib.AsyncExitStack() as stack:
        recorders: dict[str, Recorder] = {}
        for server in servers:
            client = await stack.enter_async_context(open_client(server.url))
            recorders[server.name] = await warm_up(client)
        ours = servers[0]
        await send_backlog(recorders[ours.name], BACKLOG_PER_SECOND * options.seconds)
        worked, began = read_cpu_seconds(worker), time.perf_counter()
        for turn in range(options.rounds):
            seconds = split_evenly(options.seconds, options.rounds)[turn]
            for server in servers:
                await send_paced(server, recorders[server.name], seconds, found[server.name])
        share = (read_cpu_seconds(worker) - worked) / (time.perf_counter() - began)
        return found, Engine(share, count_waiting(ours))


async def warm_up(client: httpx.AsyncClient) -> Recorder:
    recorder = Recorder(client, cut_chunks())
    await recorder.start()
    for _ in range(WARM_UP_CHUNKS):
        await recorder.send_next()
    return recorder


async def send_backlog(recorder: Recorder, chunks: int) -> None:
    """Another session's chunks, for the engine to be busy from the first measured one on."""
    other = Recorder(recorder.client, recorder.sounds)
    await other.start()
    for _ in range(chunks):
        await other.send_next()


async def send_paced(server: Server, recorder: Recorder, seconds: int, paced: Paced) -> None:
    used, known = read_cpu_seconds(server.process), len(recorder.milliseconds)
    await recorder.send_paced(seconds)
    paced.server_cpu += read_cpu_seconds(server.process) - used
    paced.milliseconds += recorder.milliseconds[known:]


def split_evenly(total: int, parts: int) -> list[int]:
    """Whole numbers that sum to the total, none more than one above another."""
    return [total // parts + (part < total % parts) for part in range(parts)]


async def take_turn(server: Server, options: Options) -> Turn:
    """Full speed: every session sends its next chunk as soon as the last one is answered."""
    async with open_client(server.url) as client:
        recorders = [Recorder(client, cut_chunks()) for _ in range(SESSIONS)]
        for recorder in recorders:
            await recorder.start()
        held = measure_keys(server.redis).total()
        used, redis_used = (
            read_cpu_seconds(process) for process in (server.process, server.redis_process)
        )
        began = time.perf_counter()
        ends_at = began + options.round_seconds
        await asyncio.gather(*(recorder.send_until(ends_at) for recorder in recorders))
        seconds = time.perf_counter() - began
        # Queue and live state follow behind the answers: they count as well.
        await asyncio.to_thread(wait_until_idle, server.process)
    return Turn(
        chunks=sum(recorder.sent for recorder in recorders),
        seconds=seconds,
        server_cpu=read_cpu_seconds(server.process) - used,
        redis_cpu=read_cpu_seconds(server.redis_process) - redis_used,
        redis_bytes=measure_keys(server.redis).total() - held,
        milliseconds=[value for recorder in recorders for value in recorder.milliseconds],
    )


def find_medians(turns: list[Turn]) -> dict[str, float]:
    return {name: median([turn.figures[name] for turn in turns]) for name in turns[0].figures}


def build_paced_table(paced: dict[str, Paced], engine: Engine, options: Options) -> Table:
    rows: list[Row] = []
    for name, found in paced.items():
        row: Row = {"server": name, "chunks": len(found.milliseconds)}
        row |= {f"p{part} ms": percentile(found.milliseconds, part) for part in (50, 95, 99)}
        row["max ms"] = max(found.milliseconds)
        row["server CPU ms/chunk"] = found.server_cpu * 1000 / len(found.milliseconds)
        rows.append(row)
    return Table(
        "Chunks of 10.24 s, one a second, while the engine works",
        tuple(rows),
        (
            f"{options.seconds} s for each server in {options.rounds} turns; real speech; the live "
            f"worker (pocketsphinx) used {engine.share:.0%} of a core meanwhile and had "
            f"{engine.waiting} chunks left to do" + ("." if engine.waiting else ": it ran dry."),
            "From the moment a chunk was due to its whole answer. Below 100 chunks p99 is the max.",
        ),
    )


def build_turns_table(medians: dict[str, dict[str, float]], options: Options) -> Table:
    ours, theirs = medians.values()
    rows: list[Row] = [{"server": name, **figures} for name, figures in medians.items()]
    rows.append({"server": "ratio", **{name: ratio(ours[name], theirs[name]) for name in ours}})
    return Table(
        f"{SESSIONS} sessions at full speed",
        tuple(rows),
        (
            f"Median of {options.rounds} interleaved turns of {options.round_seconds} s; the live "
            "worker is paused, so that both have the machine for themselves and their client.",
            "This service parses the form, fsyncs the file and commits to SQLite before it answers;"
            " the predecessor is reduced to its Redis work and keeps nothing on disk.",
            "Redis bytes: MEMORY USAGE of all keys; ours are the waiting jobs, gone once done.",
        ),
    )


def build_goals_table(paced: Paced, medians: dict[str, dict[str, float]]) -> Table:
    ours, theirs = medians.values()
    faster = ratio(ours["requests/s"], theirs["requests/s"]) or 0.0
    rows = (
        judge("p99 ms while the engine works", percentile(paced.milliseconds, 99), at_most=150),
        judge("requests/s as a multiple of the predecessor's", faster, at_least=5),
        judge("server CPU ms/chunk", ours["server CPU ms/chunk"], at_most=8),
    )
    return Table(f"Goals (a chunk is {CHUNK_SECONDS} s, 327 724 bytes)", rows)
