"""As many live meetings at once as a machine of two cores must carry, for as long as one wants."""

import asyncio

from bench.options import Options
from bench.report import Row, Table, judge
from bench.service import BenchError, Server, find_live_worker, read_cpu_seconds, running_service
from bench.sounds import CHUNK_SECONDS, make_silence
from bench.steps import describe_step
from meetings.loadtest.ramp import Plan, Step, take_step
from meetings.loadtest.recorder import LoadError, Target

MEETINGS = 150


def measure(options: Options) -> list[Table]:
    try:
        with running_service() as server:
            step, row = record(server, MEETINGS, options.crowd_seconds)
    except LoadError as error:
        raise BenchError(str(error)) from error
    goals = (
        judge("upload p95, ms", step.answer_p95 * 1000, at_most=300),
        judge("accepted chunks lost", step.lost, at_most=0),
        judge("meetings that ended by themselves", step.ended, at_most=0),
    )
    return [build_table(row, options.crowd_seconds), Table("Goals", goals)]


def record(server: Server, count: int, seconds: int) -> tuple[Step, Row]:
    """What they met with, and the same as a row with what it cost. Raises LoadError."""
    plan = Plan(Target(server.url), [make_silence(CHUNK_SECONDS)], count, seconds)
    processes = (server.process, find_live_worker(server))
    before = [read_cpu_seconds(process) for process in processes]
    step = asyncio.run(take_step(plan, count))
    web, worker = (
        (read_cpu_seconds(process) - used) * 1000 / step.chunks
        for process, used in zip(processes, before, strict=True)
    )
    row: Row = describe_step(step) | {
        "lost": step.lost,
        "ended": step.ended,
        "web CPU ms/chunk": web,
        "worker CPU ms/chunk": worker,
    }
    return step, row


def build_table(row: Row, seconds: int) -> Table:
    return Table(
        f"Live meetings for {seconds} s, silence",
        (row,),
        (
            f"Real time: each sends {CHUNK_SECONDS} s of silence every {CHUNK_SECONDS} s, evenly "
            "spread, and has a viewer; recorders and viewers run on the same machine.",
            "Lost are accepted chunks that the ledger does not have; ended are meetings that the "
            "watchdog took for abandoned.",
        ),
    )
