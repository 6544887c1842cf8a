"""The parts by name; each is imported when it is asked for."""

from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

from bench.options import Options
from bench.report import Table

Measure = Callable[[Options], list[Table]]


class Part(NamedTuple):
    path: str
    purpose: str


PARTS = {
    "console": Part(
        "bench.parts.console", "the console in a browser: what it loads, first paint, long tasks"
    ),
    "cost": Part(
        "bench.parts.cost", "the work of whisper in a meeting, beside the plainest way to use it"
    ),
    "crowd": Part("bench.parts.crowd", "150 live meetings at once, for as long as one wants"),
    "encryption": Part(
        "bench.parts.encryption", "what it costs to write and read stored audio encrypted"
    ),
    "engines": Part("bench.parts.engines", "what each speech engine costs, and how right it is"),
    "fanout": Part(
        "bench.parts.fanout",
        "frames to the sockets of a room, beside socket.io, ws and stock Channels",
    ),
    "ghosts": Part("bench.parts.ghosts", "what the engines hear where nobody speaks"),
    "growth": Part(
        "bench.parts.growth", "a chunk and a message when the meeting is long, the library large"
    ),
    "ingest": Part(
        "bench.parts.ingest", "how fast chunks are accepted, beside what the service replaces"
    ),
    "insights": Part(
        "bench.parts.insights",
        "what the analyses find in meetings with known answers, and how fast",
    ),
    "live": Part("bench.parts.live", "from the accepted chunk to its text on the socket"),
    "memory": Part("bench.parts.memory", "what a meeting takes in Redis, however long it runs"),
    "pipeline": Part(
        "bench.parts.pipeline", "how late the text is with many meetings, and how many there can be"
    ),
    "postgres": Part(
        "bench.parts.postgres", "requests on Postgres, with the pool of connections and without"
    ),
    "search": Part("bench.parts.search", "finding a word in a thousand meetings"),
    "stop": Part("bench.parts.stop", "the end of an hour: stop, processing, memory"),
    "wer": Part("bench.parts.wer", "what the cuts between chunks cost in words"),
}


def load_measure(name: str) -> Measure:
    measure: Measure = import_module(PARTS[name].path).measure
    return measure
