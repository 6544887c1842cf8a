"""What one meeting takes in Redis, after ten chunks and after thousands."""

import asyncio
import json
import shlex
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from bench.options import Options
from bench.recorder import Recorder, open_client
from bench.redis_memory import measure_keys, read_memory
from bench.report import Row, Table, judge
from bench.service import (
    BenchError,
    Server,
    running_predecessor,
    running_service,
    temporary_folder,
)
from bench.sounds import CHUNK_SECONDS, cut_chunks, cut_speech, make_silence, read_chunk_text

# The live draft holds the newest 120 chunks: those before each look are spoken, the others silent.
SPOKEN_BEFORE_CHECKPOINT = 130
SPEECH_SECONDS, SILENCE_SECONDS = 1.5, 0.1
MOST_WAITING = 200
WARM_UP_CHUNKS = 10  # of another meeting: every connection and script is there afterwards
SECONDS_PER_CHUNK = 2.0  # far more than one takes; then the measurement gives up
PREDECESSOR_CHUNKS = 100  # 150 MB; beyond it grows by the same for every chunk
GOAL_BYTES = 50_000

Look = tuple[Counter[str], dict[str, int]]


def measure(options: Options) -> list[Table]:
    with engine_of_no_cost() as settings, running_service(**settings) as server:
        asyncio.run(run_meeting(server, (WARM_UP_CHUNKS,)))
        empty, before = read_memory(server.redis), measure_keys(server.redis)
        looks = asyncio.run(run_meeting(server, options.checkpoints))
    with running_predecessor() as predecessor:
        theirs = asyncio.run(fill_predecessor(predecessor, options.checkpoints))
    kinds = {
        chunks: Counter({kind: size - before[kind] for kind, size in held.items()})
        for chunks, (held, _) in looks.items()
    }
    rows: list[Row] = [
        describe_look(
            chunks,
            kinds[chunks],
            {name: used[name] - empty[name] for name in used},
            theirs.get(chunks),
        )
        for chunks, (_, used) in looks.items()
    ]
    largest = max(sum_meeting(held) for held in kinds.values())
    return [
        Table("One meeting in Redis, everything transcribed", tuple(rows), list_notes()),
        build_kinds_table(kinds),
        Table("Goals", (judge("bytes of a meeting at most", largest, at_most=GOAL_BYTES),)),
    ]


def list_notes() -> tuple[str, ...]:
    return (
        "Real upload, queue, worker and socket layer; the engine is a program of no cost that hears"
        f" {len(read_chunk_text())} characters in every spoken chunk, what falls on 10.24 s.",
        f"Spoken: the {SPOKEN_BEFORE_CHECKPOINT} chunks before each look (the draft keeps 120); the"
        f" others are {SILENCE_SECONDS} s of silence, which cost no engine call.",
        "Keys: MEMORY USAGE of the keys of the meeting. used_memory has the server's own buffers"
        " (connections, append-only file) in it and swings by more than a meeting takes.",
        f"The predecessor is measured up to {PREDECESSOR_CHUNKS} chunks (150 MB).",
    )


@contextmanager
def engine_of_no_cost() -> Iterator[dict[str, str]]:
    """Settings of a whisper-cli that answers at once with a chunk's worth of real text."""
    with temporary_folder() as folder:
        span = {"from": 0, "to": round(SPEECH_SECONDS * 1000)}
        result = {"transcription": [{"offsets": span, "text": read_chunk_text()}]}
        (folder / "result.json").write_text(json.dumps(result))
        (folder / "ggml-none.bin").write_bytes(b"lmgg")  # only its first bytes are looked at
        write_program(folder / "whisper-cli", folder / "result.json")
        yield {
            "SPEECH_ENGINES": "whisper_cli",
            "WHISPER_PATH": str(folder / "whisper-cli"),
            "WHISPER_MODEL_PATH": str(folder / "ggml-none.bin"),
        }


def write_program(path: Path, result: Path) -> None:
    path.write_text(
        "#!/bin/sh\n"
        '[ "$1" = --help ] && echo "--output-json" && exit 0\n'
        'while [ "$1" != -of ]; do shift || exit 1; done\n'
        f'exec cp {shlex.quote(str(result))} "$2.json"\n'
    )
    path.chmod(0o700)


async def run_meeting(server: Server, checkpoints: tuple[int, ...]) -> dict[int, Look]:
    """Chunks -> bytes by kind of key, and memory in all, once all of them were transcribed."""
    spoken, silent = cut_speech(SPEECH_SECONDS), make_silence(SILENCE_SECONDS)
    looks: dict[int, Look] = {}
    async with open_client(server.url) as client:
        recorder = Recorder(client, [])
        await recorder.start()
        for chunks in checkpoints:
            while recorder.sent < chunks:
                is_spoken = is_before_checkpoint(recorder.sent, checkpoints)
                recorder.sounds = [spoken if is_spoken else silent]
                await recorder.send_next()
                if recorder.sent % MOST_WAITING == 0:
                    await wait_until_processed(client, recorder)
            await wait_until_processed(client, recorder)
            await asyncio.sleep(1)  # finished jobs are removed after their commit
            looks[chunks] = (measure_keys(server.redis), read_memory(server.redis))
    return looks


def is_before_checkpoint(index: int, checkpoints: tuple[int, ...]) -> bool:
    return any(0 < chunks - index <= SPOKEN_BEFORE_CHECKPOINT for chunks in checkpoints)


async def wait_until_processed(client: httpx.AsyncClient, recorder: Recorder) -> None:
    deadline = time.monotonic() + SECONDS_PER_CHUNK * MOST_WAITING
    path = f"/api/meetings/{recorder.session_id}/status"
    while True:
        answer = (await client.get(path)).json()
        if answer["chunks_processed"] >= recorder.sent:
            return
        if time.monotonic() > deadline:
            raise BenchError(f"the worker does not keep up: {answer}")
        await asyncio.sleep(0.1)


async def fill_predecessor(server: Server, checkpoints: tuple[int, ...]) -> dict[int, int]:
    """Chunks -> bytes of all its keys, for as many chunks as are bearable."""
    found: dict[int, int] = {}
    async with open_client(server.url) as client:
        recorder = Recorder(client, cut_chunks())
        await recorder.start()
        for chunks in checkpoints:
            if chunks > PREDECESSOR_CHUNKS:
                break
            while recorder.sent < chunks:
                await recorder.send_next()
            found[chunks] = measure_keys(server.redis).total()
    return found


def is_of_meeting(kind: str) -> bool:
    """RQ's own keys (workers, registries) are one set for the machine."""
    return not kind.startswith("rq:") or kind.startswith("rq:job:")


def sum_meeting(kinds: Counter[str]) -> int:
    return sum(size for kind, size in kinds.items() if is_of_meeting(kind))


def describe_look(
    chunks: int, kinds: Counter[str], used: dict[str, int], theirs: int | None
) -> Row:
    return {
        "chunks": chunks,
        "minutes at 10.24 s": chunks * CHUNK_SECONDS / 60,
        "bytes of its keys": sum_meeting(kinds),
        **{f"{name} more by": size for name, size in used.items()},
        "predecessor, bytes": theirs,
    }


def build_kinds_table(kinds: dict[int, Counter[str]]) -> Table:
    names = sorted({kind for held in kinds.values() for kind in held if held[kind]})
    rows: list[Row] = [
        {"key": name, **{f"{chunks} chunks": held[name] for chunks, held in kinds.items()}}
        for name in names
    ]
    return Table("Bytes by kind of key, above what one other meeting holds", tuple(rows))
