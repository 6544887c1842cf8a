"""Twenty clients at once on Postgres: with the pool, and with Django's two ways without one."""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import LiteralString

import psutil
import psycopg

from bench.fanout_servers import prepare_database
from bench.figures import median, percentile
from bench.options import Options
from bench.recorder import open_client
from bench.report import Row, Table
from bench.service import (
    HOST,
    SETTINGS,
    BenchError,
    answers,
    find_free_port,
    read_cpu_seconds,
    running_process,
    temporary_folder,
    wait_for,
)
from intellibooks import embedded_redis
from tests.faults.postgres import USER, OwnPostgres, find_binaries

CLIENTS, ROUNDS, ROUND_SECONDS = 20, 3, 3.0
WARM_UP_SECONDS = 1.0
READS_PER_WRITE = 3
EMPTY = "migrated"  # a database with the tables, which the others are copies of
WAYS = {
    "pool (the default)": {"DATABASE_POOL": "true"},
    "a connection a request": {"DATABASE_POOL": "false"},
    "CONN_MAX_AGE=60": {"DATABASE_POOL": "false", "query": "?conn_max_age=60"},
}


@dataclass(slots=True)
class Way:
    """One web process on a database of its own, and what it has done so far."""

    name: str
    url: str
    database: str
    admin: psycopg.Connection  # open all the time: where all are taken, a new one is refused
    process: psutil.Process
    waits: list[float] = field(default_factory=list)  # ms
    errors: int = 0
    cpu: float = 0.0
    rates: list[float] = field(default_factory=list)
    opened: int = 0
    most_open: int = 0

    def describe(self) -> Row:
        requests = len(self.waits)
        return {
            "connections": self.name,
            "requests/s": median(self.rates),
            "p50 ms": median(self.waits),
            "p99 ms": percentile(self.waits, 99),
            "web CPU ms": self.cpu * 1000 / requests,
            "opened per 1000": self.opened * 1000 / requests,
            "most open": self.most_open,
            "errors": self.errors,
        }


def measure(_: Options) -> list[Table]:
    if find_binaries() is None:
        raise BenchError("there is no Postgres here (apt-get install postgresql)")
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(temporary_folder())
        redis = embedded_redis.ensure_running(folder / "redis")
        stack.callback(redis.stop)
        postgres = stack.enter_context(OwnPostgres())
        postgres.run("createdb", *name_server(postgres), EMPTY)
        prepare_database({**SETTINGS, "DATA_DIR": str(folder), "DATABASE_URL": postgres.url(EMPTY)})
        ways = [stack.enter_context(running_way(postgres, folder, name)) for name in WAYS]
        asyncio.run(load(ways))
    notes = (
        f"{CLIENTS} clients, {READS_PER_WRITE} reads of a meeting's status for each message "
        f"written; {ROUNDS} rounds of {ROUND_SECONDS:.0f} s, the three in turn.",
        "Opened: connections to Postgres in 1000 requests. Most open: at the end of a round. "
        "Errors: answers of 500 and above.",
    )
    rows = tuple(way.describe() for way in ways)
    return [Table("One web process on Postgres, REST", rows, notes)]


def name_server(postgres: OwnPostgres) -> list[str]:
    return ["-h", HOST, "-p", str(postgres.port), "-U", USER]


@contextlib.contextmanager
def running_way(postgres: OwnPostgres, folder: Path, name: str) -> Iterator[Way]:
    wishes = dict(WAYS[name])
    data_dir = folder / f"way{list(WAYS).index(name)}"
    postgres.run("createdb", *name_server(postgres), "--template", EMPTY, data_dir.name)
    port = find_free_port()
    env = {
        **SETTINGS,
        "DATA_DIR": str(data_dir),
        "REDIS_URL": embedded_redis.embedded_redis_url(folder / "redis"),
        "CHANNEL_PREFIX": data_dir.name,
        "DATABASE_URL": postgres.url(data_dir.name) + wishes.pop("query", ""),
        **wishes,
    }
    log = folder / f"{data_dir.name}.log"
    with running_process(["manage.py", "web", "--port", str(port)], env, log) as process:
        url = f"http://{HOST}:{port}"
        wait_for(lambda: answers(f"{url}/api/health"), name, process, log)
        with psycopg.connect(postgres.url("postgres"), autocommit=True) as admin:
            yield Way(name, url, data_dir.name, admin, psutil.Process(process.pid))


async def load(ways: list[Way]) -> None:
    rooms = [await start_meeting(way) for way in ways]
    for way, room in zip(ways, rooms, strict=True):
        await press(way, room, WARM_UP_SECONDS)
        way.waits.clear()
        way.errors = 0
    for _ in range(ROUNDS):
        for way, room in zip(ways, rooms, strict=True):
            await play_round(way, room)


async def start_meeting(way: Way) -> str:
    async with open_client(way.url) as client:
        answer = await client.post("/api/meetings/start", json={})
        return str(answer.raise_for_status().json()["session_id"])


async def play_round(way: Way, room: str) -> None:
    cpu, opened, done = read_cpu_seconds(way.process), count_opened(way), len(way.waits)
    began = time.perf_counter()
    await press(way, room, ROUND_SECONDS)
    way.rates.append((len(way.waits) - done) / (time.perf_counter() - began))
    way.cpu += read_cpu_seconds(way.process) - cpu
    way.most_open = max(way.most_open, count_open(way))
    way.opened += count_opened(way) - opened


async def press(way: Way, room: str, seconds: float) -> None:
    ends_at = time.perf_counter() + seconds
    async with open_client(way.url) as client:

        async def ask(number: int) -> None:
            turn = number
            while time.perf_counter() < ends_at:
                turn += 1
                began = time.perf_counter()
                if turn % (READS_PER_WRITE + 1):
                    answer = await client.get(f"/api/meetings/{room}/status")
                else:
                    content = {"content": "hello"}
                    answer = await client.post(f"/api/sessions/{room}/messages", json=content)
                way.waits.append((time.perf_counter() - began) * 1000)
                way.errors += answer.is_server_error

        await asyncio.gather(*(ask(number) for number in range(CLIENTS)))


def count_opened(way: Way) -> int:
    """Connections to its database since it was made."""
    return ask_postgres(way, "SELECT sessions FROM pg_stat_database WHERE datname = %s")


def count_open(way: Way) -> int:
    return ask_postgres(way, "SELECT count(*) FROM pg_stat_activity WHERE datname = %s")


def ask_postgres(way: Way, query: LiteralString) -> int:
    (count,) = way.admin.execute(query, (way.database,)).fetchone() or (0,)
    return int(count)
