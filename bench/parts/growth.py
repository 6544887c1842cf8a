"""What a chunk, a message and a look cost when the meeting is long and the library is large."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from bench.figures import median, ratio
from bench.options import Options
from bench.recorder import FORM_TYPE, check_answer, encode_form
from bench.report import Row, Table
from bench.service import (
    FOREIGN,
    ROOT,
    SETTINGS,
    BenchError,
    Server,
    count_waiting,
    find_live_worker,
    pausing_workers,
    read_cpu_seconds,
    running_service,
)
from bench.sounds import CHUNK_SECONDS, make_silence

LENGTHS = {"10 min": 600, "1 h": 3600, "8 h": 8 * 3600}  # seconds
STORED = (10, 1000, 20_000)
TURNS = 60
FILL_SECONDS, DRAIN_SECONDS = 150, 40


@dataclass(frozen=True, slots=True)
class Acts:
    """Runs what is measured; ``index`` is that of the next chunk."""

    server: Server
    http: httpx.Client
    session_id: str

    def send_chunk(self, index: int) -> None:
        path = f"/api/meetings/{self.session_id}/chunk"
        body = encode_form(index, make_silence(1.0))
        check_answer(self.http.post(path, content=body, headers={"Content-Type": FORM_TYPE}))

    def say(self, number: int) -> None:
        path = f"/api/sessions/{self.session_id}/messages"
        check_answer(self.http.post(path, json={"content": f"message {number}"}))

    def look(self, number: int) -> None:
        check_answer(self.http.get(f"/api/meetings/{self.session_id}/status"))

    def list_meetings(self, number: int) -> None:
        check_answer(self.http.get("/api/meetings", params={"limit": 20}))


def measure(options: Options) -> list[Table]:
    with running_service() as server, httpx.Client(base_url=server.url, trust_env=False) as http:
        session_id = check_answer(http.post("/api/meetings/start", json={}))["session_id"]
        acts = Acts(server, http, session_id)
        warm_up(acts)
        long = [measure_length(acts, name, seconds) for name, seconds in LENGTHS.items()]
    with running_service() as server, httpx.Client(base_url=server.url, trust_env=False) as http:
        large = [measure_stored(server, http, before, count) for before, count in pairs(STORED)]
    return [
        Table(
            "One meeting, the longer it runs (web: CPU ms and median ms of an answer)",
            (*long, compare(long)),
            (
                f"{TURNS} of each, one after the other. Worker: CPU ms of the live worker for a "
                "chunk of silence, so no engine is in it.",
                "The worker's share grows because every chunk announces the whole text so far "
                "(transcript_update, for clients that keep none); it is never stored.",
            ),
        ),
        Table(
            "The more meetings are stored (web: CPU ms and median ms of an answer)",
            (*large, compare(large)),
            ("List: the newest 20. Watchdog: a pass with its upkeep, its start-up included.",),
        ),
    ]


def warm_up(acts: Acts) -> None:
    for act in (acts.send_chunk, acts.say, acts.look, acts.list_meetings):
        act(0)
    wait_until_drained(acts.server)


def measure_length(acts: Acts, name: str, seconds: int) -> Row:
    chunks = round(seconds / CHUNK_SECONDS)
    fill(acts.server, "deepen", acts.session_id, str(chunks))
    with pausing_workers(acts.server):
        row = {
            **time_act(acts, "chunk", acts.send_chunk, first=chunks),
            **time_act(acts, "message", acts.say),
            **time_act(acts, "status", acts.look),
        }
        worker = find_live_worker(acts.server)
        before = read_cpu_seconds(worker)
    wait_until_drained(acts.server)
    spent = (read_cpu_seconds(worker) - before) * 1000 / TURNS
    return {"length": name, **row, "worker CPU": spent}


def measure_stored(server: Server, http: httpx.Client, before: int, count: int) -> Row:
    fill(server, "store", str(before), str(count))
    session_id = check_answer(http.post("/api/meetings/start", json={}))["session_id"]
    acts = Acts(server, http, session_id)
    warm_up(acts)
    with pausing_workers(server):
        row = {
            **time_act(acts, "chunk", acts.send_chunk, first=1),
            **time_act(acts, "message", acts.say),
            **time_act(acts, "list", acts.list_meetings),
        }
    return {"stored": f"{count:,}".replace(",", " "), **row, "watchdog s": time_watchdog(server)}


def pairs(counts: tuple[int, ...]) -> list[tuple[int, int]]:
    return list(zip((0, *counts), counts, strict=False))


def time_act(acts: Acts, name: str, act: Callable[[int], None], first: int = 0) -> Row:
    before, waits = read_cpu_seconds(acts.server.process), list[float]()
    for number in range(first, first + TURNS):
        began = time.perf_counter()
        act(number)
        waits.append((time.perf_counter() - began) * 1000)
    spent = (read_cpu_seconds(acts.server.process) - before) * 1000 / TURNS
    return {f"{name} CPU": spent, f"{name} ms": median(waits)}


def compare(rows: list[Row]) -> Row:
    """The last row as a multiple of the first."""
    first, last = rows[0], rows[-1]
    title = next(iter(first))
    figures: Row = {
        name: ratio(float(last[name] or 0), float(value or 0))
        for name, value in first.items()
        if name != title
    }
    return {title: "last / first", **figures}


def time_watchdog(server: Server) -> float:
    began = time.perf_counter()
    run_python(server, "manage.py", "sweep", "--once")
    return time.perf_counter() - began


def wait_until_drained(server: Server) -> None:
    deadline = time.monotonic() + DRAIN_SECONDS
    while count_waiting(server):
        if time.monotonic() > deadline:
            raise BenchError("the live worker does not come to its end")
        time.sleep(0.1)
    time.sleep(0.5)  # the last one is taken from the queue before it is done


def fill(server: Server, *words: str) -> None:
    run_python(server, "-m", "bench.growth_fill", *words)


def run_python(server: Server, *words: str) -> None:
    """On the stores of the server. Raises BenchError."""
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, *words],
        cwd=ROOT,
        env={**kept, **SETTINGS, "DATA_DIR": str(server.folder)},
        capture_output=True,
        text=True,
        timeout=FILL_SECONDS,
        check=False,
    )
    if done.returncode:
        raise BenchError(f"{' '.join(words)}: {done.stderr[-1000:]}")
