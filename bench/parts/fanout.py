"""Frames from one socket to all others of its room, beside what one would pick instead.

socket.io with its Redis adapter is what the goals are set against; the bare `ws` package and
Channels as its tutorial uses it, under Daphne, have a turn of each kind for comparison.
"""

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TextIO, cast

import psutil
from websockets.asyncio.client import ClientConnection, connect

from bench.fanout_servers import (
    FanoutServer,
    running_rooms,
    running_socketio,
    running_stock,
    running_ws,
)
from bench.figures import median, percentile
from bench.options import Options
from bench.report import Row, Table, judge
from bench.service import HOST, ROOT, BenchError, read_cpu_seconds

SECONDS = 2.0  # of one turn
IDLE_ROOMS, IDLE_MEMBERS = 50, 20
SAY_MEMBERS, SAY_TIMES = 20, 100
LOAD_SECONDS = 60.0
KEPT = "kept messages"


class Shape(NamedTuple):
    """``window``: messages of each room that are on their way at once."""

    name: str
    rooms: int
    members: int
    window: int


SHAPES = (
    Shape("room of 10", 1, 10, 16),
    Shape("room of 100", 1, 100, 8),
    Shape("room of 500", 1, 500, 4),
    Shape("100 rooms of 5", 100, 5, 1),
)
SPREAD_SHAPES = (SHAPES[1], SHAPES[2])
SPREAD_ROUNDS = 2


@dataclass(frozen=True, slots=True)
class Turn:
    """What one server did in one turn."""

    rate: float  # deliveries a second
    p99: float  # milliseconds from the send to the arrival
    cpu: float  # microseconds of its processes per delivery
    lost: int


Turns = dict[Shape, dict[str, list[Turn]]]


def measure(options: Options) -> list[Table]:
    with running_rooms(1) as ours, running_socketio(1) as theirs:
        idle = {server.name: measure_idle(server) for server in (ours, theirs)}
        turns = take_turns((ours, theirs), SHAPES, options.rounds)
        said = asyncio.run(say_messages(ours))
    with running_ws() as bare, running_stock() as stock:
        idle |= {server.name: measure_idle(server) for server in (bare, stock)}
        others = take_turns((bare, stock), SHAPES, 1)
    with running_rooms(2) as ours, running_socketio(2) as theirs:
        spread = take_turns((ours, theirs), SPREAD_SHAPES, min(options.rounds, SPREAD_ROUNDS))
    names = (ours.name, theirs.name)
    everybody = {shape: {**turns[shape], **others[shape]} for shape in SHAPES}
    return [
        build_table("One process", everybody, list_notes()),
        build_table("Two processes, each room spread over both", spread, ()),
        build_table_of_one(idle, said),
        Table("Goals", tuple(judge_all(turns, spread, names, idle, said))),
    ]


def list_notes() -> tuple[str, ...]:
    return (
        "Frames of about 200 bytes that are not kept; one sender in each room, as many messages on "
        "their way as the table says, the next when one has reached everybody. Medians of "
        "interleaved turns; the goals are medians of the ratios of each round.",
        "Our hub says nothing to Redis while it is the only one; socket.io's adapter and ws "
        "always do.",
        "ws (the bare package with Redis) and Channels (its tutorial's consumer, Redis layer with "
        "room for everything, Daphne) have one turn each, after the others.",
    )


def take_turns(servers: tuple[FanoutServer, ...], shapes: tuple[Shape, ...], rounds: int) -> Turns:
    turns: Turns = {shape: defaultdict(list) for shape in shapes}
    for number in range(rounds):
        for shape in shapes:
            for server in servers if number % 2 == 0 else reversed(servers):
                turns[shape][server.name].append(take_turn(server, shape))
    return turns


def take_turn(server: FanoutServer, shape: Shape) -> Turn:
    with running_load(server, shape) as load:
        start(load)
        wait_for_line(load, "begun")
        before = sum(read_cpu_seconds(process) for process in server.processes)
        wait_for_line(load, "ended")
        used = sum(read_cpu_seconds(process) for process in server.processes) - before
        result: dict[str, Any] = json.loads(read_line(load))
    return Turn(
        rate=result["deliveries_per_second"],
        p99=result["p99_ms"],
        cpu=used / max(result["deliveries"], 1) * 1e6,
        lost=result["lost"],
    )


@contextlib.contextmanager
def running_load(server: FanoutServer, shape: Shape) -> Iterator[subprocess.Popen[str]]:
    """The load, with all its sockets in their rooms."""
    ports = ",".join(str(port) for port in server.ports)
    words = [server.dialect, ports, shape.rooms, shape.members, shape.window, SECONDS]
    command = [sys.executable, "-m", "bench.fanout_load", *(str(word) for word in words)]
    load = subprocess.Popen(  # noqa: S603 - our own
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        wait_for_line(load, "ready")
        yield load
    finally:
        load.kill()
        load.communicate()


def wait_for_line(load: subprocess.Popen[str], wanted: str) -> None:
    if (line := read_line(load)) != wanted:
        raise BenchError(f"the load said {line!r} where it should be {wanted}")


def read_line(load: subprocess.Popen[str]) -> str:
    return cast(TextIO, load.stdout).readline().strip()


def start(load: subprocess.Popen[str]) -> None:
    pipe = cast(TextIO, load.stdin)
    pipe.write("go\n")
    pipe.flush()


def measure_idle(server: FanoutServer) -> float:
    """Kilobytes of resident memory per quiet socket."""
    with running_load(server, Shape("warm", 5, IDLE_MEMBERS, 1)):
        pass
    time.sleep(1)
    before = read_memory(server.processes)
    with running_load(server, Shape("idle", IDLE_ROOMS, IDLE_MEMBERS, 1)):
        time.sleep(1)
        grown = read_memory(server.processes) - before
    return grown / (IDLE_ROOMS * IDLE_MEMBERS) / 1024


def read_memory(processes: tuple[psutil.Process, ...]) -> int:
    return sum(process.memory_info().rss for process in processes)


async def say_messages(server: FanoutServer) -> list[float]:
    """Milliseconds from a message's send to its arrival at the last of the room, one at a time."""
    async with contextlib.AsyncExitStack() as stack:
        sockets = []
        for user in range(SAY_MEMBERS):
            path = f"ws://{HOST}:{server.ports[0]}/ws/chat/bench-say?user_id={user}"
            sockets.append(
                await stack.enter_async_context(connect(path, compression=None, proxy=None))
            )
        await asyncio.sleep(1)
        waits = []
        for number in range(SAY_TIMES + 10):
            began = time.perf_counter()
            await sockets[0].send(json.dumps({"type": "message", "content": f"#{number}#"}))
            await asyncio.gather(*(hear(socket, f"#{number}#") for socket in sockets[1:]))
            waits.append((time.perf_counter() - began) * 1000)
    return waits[10:]


async def hear(socket: ClientConnection, text: str) -> None:
    async with asyncio.timeout(10):
        while text not in str(await socket.recv()):
            pass


def build_table(
    title: str, turns: Mapping[Shape, Mapping[str, list[Turn]]], notes: tuple[str, ...]
) -> Table:
    rows: list[Row] = []
    for shape, found in turns.items():
        for name, each in found.items():
            rows.append(
                {
                    "room": shape.name,
                    "on their way": shape.window,
                    "server": name,
                    "deliveries/s": median([turn.rate for turn in each]),
                    "p99 ms": median([turn.p99 for turn in each]),
                    "CPU us each": median([turn.cpu for turn in each]),
                    "lost": sum(turn.lost for turn in each),
                }
            )
    return Table(title, tuple(rows), notes)


def build_table_of_one(idle: dict[str, float], said: list[float]) -> Table:
    rows: list[Row] = [
        {"what": f"KB per idle socket, {name}", "value": value} for name, value in idle.items()
    ]
    for percent in (50, 99):
        what = f"message with its insert to a room of {SAY_MEMBERS}, p{percent} ms"
        rows.append({"what": what, "value": percentile(said, percent)})
    return Table("Quiet sockets, and messages that are kept", tuple(rows))


def judge_all(
    turns: Turns,
    spread: Turns,
    names: tuple[str, str],
    idle: dict[str, float],
    said: list[float],
) -> Iterator[Row]:
    for shape in turns:
        rate, p99 = compare(turns[shape], names)
        yield judge(f"{shape.name}: deliveries/s, x socket.io", rate, at_least=1.0)
        yield judge(f"{shape.name}: p99, x socket.io", p99, at_most=1.5)
    for shape in spread:
        rate, _ = compare(spread[shape], names)
        yield judge(f"{shape.name}, two processes: deliveries/s", rate, at_least=0.7)
    lost = sum(
        turn.lost for each in (turns, spread) for found in each.values() for turn in found[names[0]]
    )
    yield judge("deliveries lost", lost, at_most=0)
    yield judge("KB per idle socket", idle[names[0]], at_most=25)
    yield judge(f"message to a room of {SAY_MEMBERS}, p50 ms", percentile(said, 50), at_most=15)


def compare(found: dict[str, list[Turn]], names: tuple[str, str]) -> tuple[float, float]:
    """Our rate and our p99 as multiples of theirs.

    Medians of the ratios of each round: both had the same machine then, whatever else it did.
    """
    rounds = list(zip(*(found[name] for name in names), strict=True))
    if any(not theirs.rate for _, theirs in rounds):
        raise BenchError("socket.io delivered nothing")
    rates = [ours.rate / theirs.rate for ours, theirs in rounds]
    waits = [ours.p99 / theirs.p99 for ours, theirs in rounds]
    return median(rates), median(waits)
