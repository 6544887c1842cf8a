"""The end of an hour: how soon a stop is answered, how long it takes to finish, the memory."""

import asyncio
import contextlib
import time
from dataclasses import dataclass

import httpx
import psutil

from bench.options import Options
from bench.recorder import Recorder, check_answer, open_client
from bench.report import Row, Table, judge
from bench.service import BenchError, Server, find_sibling, running_service
from bench.sounds import CHUNK_SECONDS, make_silence

CHUNKS = 352  # an hour
WARM_UP_CHUNKS = 8  # what the processes load once is not the meeting's
LONGEST_SECONDS = 120.0
MIB = 1024 * 1024
WORKERS = {"web": (), "live worker": ("work", "live"), "pipeline worker": ("work", "pipeline")}


@dataclass(frozen=True, slots=True)
class Ending:
    """Seconds to the answer of the stop and from there to the end, CPU seconds; MiB by process."""

    answer: float
    finishing: float
    cpu: float
    before: dict[str, float]
    recorded: dict[str, float]
    most: dict[str, float]


def measure(options: Options) -> list[Table]:
    with running_service() as server:
        ending = asyncio.run(record_hour(server))
    grown = ending.recorded["web"] - ending.before["web"]
    return [
        build_memory_table(ending),
        Table(
            "Goals (an hour of silence)",
            (
                judge("stop answered, ms", ending.answer * 1000, at_most=300),
                judge("finished after it, s", ending.finishing, at_most=5),
                judge("web process grew while it recorded, MiB", grown, at_most=20),
            ),
        ),
    ]


async def record_hour(server: Server) -> Ending:
    processes = {
        name: find_sibling(server, *words) if words else server.process
        for name, words in WORKERS.items()
    }
    async with open_client(server.url) as client:
        await record(client, WARM_UP_CHUNKS)
        before = read_memory(processes)
        recorder = await record(client, CHUNKS)
        recorded = read_memory(processes)
        used = read_cpu(processes["pipeline worker"])
        began = time.perf_counter()
        check_answer(await client.post(f"/api/meetings/{recorder.session_id}/stop", json={}))
        answered = time.perf_counter()
        most = recorded
        while (await read_status(client, recorder))["status"] != "completed":
            if time.perf_counter() - answered > LONGEST_SECONDS:
                raise BenchError(f"the meeting is not finished after {LONGEST_SECONDS:.0f} s")
            most = {name: max(most[name], mib) for name, mib in read_memory(processes).items()}
            await asyncio.sleep(0.05)
        finishing = time.perf_counter() - answered
        cpu = read_cpu(processes["pipeline worker"]) - used
        return Ending(answered - began, finishing, cpu, before, recorded, most)


async def record(client: httpx.AsyncClient, chunks: int) -> Recorder:
    """So many chunks as fast as they are taken; all of them were heard afterwards."""
    recorder = Recorder(client, [make_silence(CHUNK_SECONDS)])
    await recorder.start()
    for _ in range(chunks):
        await recorder.send_next()
    deadline = time.perf_counter() + LONGEST_SECONDS
    while int((await read_status(client, recorder))["chunks_processed"]) < chunks:
        if time.perf_counter() > deadline:
            raise BenchError(f"{chunks} chunks were not heard within {LONGEST_SECONDS:.0f} s")
        await asyncio.sleep(0.2)
    return recorder


async def read_status(client: httpx.AsyncClient, recorder: Recorder) -> dict[str, str]:
    return check_answer(await client.get(f"/api/meetings/{recorder.session_id}/status"))


def read_cpu(process: psutil.Process) -> float:
    """Seconds, those of its children with it: of the ended and of those that still run."""
    times = process.cpu_times()
    ended = getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
    running = 0.0
    for child in process.children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            spent = child.cpu_times()
            running += spent.user + spent.system
    return float(times.user + times.system + ended) + running


def read_memory(processes: dict[str, psutil.Process]) -> dict[str, float]:
    """Resident MiB, of a process with its children."""
    return {
        name: sum(map(read_rss, (process, *process.children()))) / MIB
        for name, process in processes.items()
    }


def read_rss(process: psutil.Process) -> int:
    """0 for one that has ended since it was listed."""
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def build_memory_table(ending: Ending) -> Table:
    rows: list[Row] = [
        {
            "process": name,
            "MiB before": ending.before[name],
            "MiB, an hour recorded": ending.recorded[name],
            "MiB at most until it is finished": ending.most[name],
        }
        for name in WORKERS
    ]
    return Table(
        "Resident memory beside a meeting of an hour",
        tuple(rows),
        (
            f"{CHUNKS} chunks of {CHUNK_SECONDS} s of silence, sent as fast as they are taken: "
            "neither an engine nor a language model has anything to do.",
            "Finishing joins the hour into one FLAC file and runs every stage; the pipeline worker "
            f"used {ending.cpu:.1f} s of CPU for it.",
        ),
    )
