"""How long a search takes where a thousand meetings are stored."""

import time
from dataclasses import dataclass

import httpx

from bench.figures import median, percentile
from bench.library_words import NEEDLE, NEEDLE_MEETING, NEEDLE_SEGMENT, SEGMENT_MS
from bench.options import Options
from bench.parts.growth import run_python
from bench.recorder import check_answer
from bench.report import Row, Table, judge
from bench.service import BenchError, Server, read_cpu_seconds, running_service

MEETINGS, SEGMENTS = 1_000, 60  # five minutes of talk each
TURNS, WARM_UP_TURNS = 40, 3
SEARCH_SECONDS = 25  # of all searches together; what is not asked by then is not counted
GOAL_MS, GOAL_CPU_MS = 100, 50
SEARCHES: dict[str, dict[str, str]] = {
    "a word said once": {"q": f"{NEEDLE} "},
    "the beginning of a word": {"q": NEEDLE[:4]},
    "two usual words": {"q": "budget release "},
    "a phrase": {"q": '"the budget"'},
    "the most frequent word": {"q": "the "},
    "what one speaker said": {"q": "release ", "speaker": "Maria"},
    "in one meeting": {"q": "budget ", "meeting": f"bench-{NEEDLE_MEETING}"},
    "nothing": {"q": "xylophone "},
}


@dataclass(frozen=True, slots=True)
class Timed:
    """``waits`` for the answers and ``cpu`` for one of them, in ms."""

    found: int
    waits: list[float]
    cpu: float

    def describe(self) -> Row:
        return {
            "found": self.found,
            "CPU ms": self.cpu,
            "median ms": median(self.waits),
            "p95 ms": percentile(self.waits, 95),
            "max ms": max(self.waits),
            "asked": len(self.waits),
        }


def measure(_: Options) -> list[Table]:
    with running_service() as server, httpx.Client(base_url=server.url, trust_env=False) as http:
        seconds = fill(server)
        check_needle(http)
        timed = time_searches(server, http)
    rows: list[Row] = [{"search": name, **one.describe()} for name, one in timed.items()]
    waits = [wait for one in timed.values() for wait in one.waits]
    dearest = max(one.cpu for one in timed.values())
    notes = (
        f"{MEETINGS * SEGMENTS:,} segments of 12 words, as often as in speech (Zipf); stored and "
        f"indexed in {seconds:.0f} s. GET /api/search on SQLite, 20 results, one after the other.",
        "Found: how many results there are; the newest 1 000 are ranked and counted. "
        "CPU: of the web process for one search.",
    )
    goals = (
        judge("all searches, p95 ms", percentile(waits, 95), at_most=GOAL_MS),
        judge("the dearest search, CPU ms", dearest, at_most=GOAL_CPU_MS),
    )
    return [Table(f"Search in {MEETINGS:,} meetings", tuple(rows), notes), Table("Goals", goals)]


def fill(server: Server) -> float:
    """Seconds that it took."""
    began = time.perf_counter()
    run_python(server, "-m", "bench.library_fill", str(MEETINGS), str(SEGMENTS))
    return time.perf_counter() - began


def check_needle(http: httpx.Client) -> None:
    """The one meeting of a thousand is found with its second. Raises BenchError."""
    found = http.get("/api/search", params={"q": f"{NEEDLE} "}).json()["results"]
    places = [(hit["session_id"], hit["start_ms"]) for hit in found]
    if places != [(f"bench-{NEEDLE_MEETING}", NEEDLE_SEGMENT * SEGMENT_MS)]:
        raise BenchError(f"{NEEDLE} was found at {places}")


def time_searches(server: Server, http: httpx.Client) -> dict[str, Timed]:
    """Each for its share of SEARCH_SECONDS."""
    ends_at = time.perf_counter() + SEARCH_SECONDS
    timed: dict[str, Timed] = {}
    for name, query in SEARCHES.items():
        left = len(SEARCHES) - len(timed)
        seconds = (ends_at - time.perf_counter()) / left
        timed[name] = time_search(server, http, query, seconds)
    return timed


def time_search(server: Server, http: httpx.Client, query: dict[str, str], seconds: float) -> Timed:
    for _ in range(WARM_UP_TURNS):
        found = http.get("/api/search", params=query)
        check_answer(found)
    waits: list[float] = []
    ends_at, before = time.perf_counter() + seconds, read_cpu_seconds(server.process)
    while len(waits) < TURNS and (not waits or time.perf_counter() < ends_at):
        began = time.perf_counter()
        check_answer(http.get("/api/search", params=query))
        waits.append((time.perf_counter() - began) * 1000)
    spent = read_cpu_seconds(server.process) - before
    return Timed(found.json()["total"], waits, spent * 1000 / len(waits))
