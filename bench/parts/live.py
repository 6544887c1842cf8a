"""From the accepted chunk to its text on the socket, without the time the engine takes."""

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from bench.figures import median, percentile
from bench.options import Options
from bench.recorder import Recorder, open_client
from bench.report import Row, Table, judge
from bench.service import BenchError, Server, read_work_seconds, running_service
from bench.sounds import cut_chunks

ANSWER_SECONDS = 60.0
WARM_UP_CHUNKS = 1  # the first one loads the engine's model


@dataclass(frozen=True, slots=True)
class Waits:
    """For each chunk, milliseconds: to its answer, from there to its text, of that the engine."""

    accept: list[float]
    update: list[float]
    engine: list[float]

    @property
    def service(self) -> list[float]:
        """What the service itself adds."""
        pairs = zip(self.update, self.engine, strict=True)
        return [update - engine for update, engine in pairs]


def measure(options: Options) -> list[Table]:
    with running_service() as server:
        waits = asyncio.run(say_chunks(server, options.chunks))
    parts = {
        "upload to answer": waits.accept,
        "answer to text on the socket": waits.update,
        "of that the engine": waits.engine,
        "of that the service": waits.service,
    }
    rows: list[Row] = [{"what": name, **summarise(samples)} for name, samples in parts.items()]
    return [
        Table(
            "One meeting, one chunk of 10.24 s after the other (ms)",
            tuple(rows),
            (
                f"{len(waits.update)} chunks of real speech after {WARM_UP_CHUNKS} to load the "
                "model; the next one is sent when the text of the last one has come.",
                "Engine: work_seconds of the ledger (pocketsphinx, finding speech included). "
                "Service: queue, decoding, database, Redis, socket.",
            ),
        ),
        Table(
            "Goals", (judge("service, median ms, 1 meeting", median(waits.service), at_most=100),)
        ),
    ]


def summarise(samples: list[float]) -> Row:
    return {
        "median": median(samples),
        "p95": percentile(samples, 95),
        "max": max(samples),
        "chunks": len(samples),
    }


async def say_chunks(server: Server, count: int) -> Waits:
    address = server.url.replace("http", "ws", 1)
    updates: list[float] = []
    async with open_client(server.url) as client:
        recorder = Recorder(client, cut_chunks())
        await recorder.start()
        path = f"{address}/ws/chat/{recorder.session_id}"
        async with connect(path, compression=None, proxy=None) as socket:
            for _ in range(WARM_UP_CHUNKS + count):
                updates.append(await say_chunk(recorder, socket))
    worked = read_work_seconds(server, recorder.session_id)
    return Waits(
        recorder.milliseconds[WARM_UP_CHUNKS:],
        updates[WARM_UP_CHUNKS:],
        [worked[index] * 1000 for index in range(WARM_UP_CHUNKS, WARM_UP_CHUNKS + count)],
    )


async def say_chunk(recorder: Recorder, socket: ClientConnection) -> float:
    """Milliseconds from the chunk's answer to the update that holds its text."""
    await recorder.send_next()
    answered_at = time.perf_counter()
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            while not is_update(json.loads(await socket.recv()), recorder.sent):
                pass
    except TimeoutError as error:
        raise BenchError(f"no transcript_update within {ANSWER_SECONDS:.0f} s") from error
    return (time.perf_counter() - answered_at) * 1000


def is_update(frame: dict[str, Any], chunks: int) -> bool:
    """Whether it is the transcript with that many chunks in it."""
    if frame["type"] != "transcript_update":
        return False
    return int(frame["metadata"]["chunks_processed"]) >= chunks
