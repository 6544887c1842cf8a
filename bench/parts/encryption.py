"""What encrypted audio costs: a chunk written and read, a part of a long recording played."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.figures import median
from bench.options import Options
from bench.report import Row, Table, judge
from bench.service import temporary_folder
from bench.sounds import cut_chunks
from intellibooks.media_keys import KEY_BYTES, MediaKeys
from meetings.encryption.sealing import FRAME_BYTES, open_sealed, seal
from meetings.storage import open_raw, write_whole

NAME = "bench"
TURNS, WARM_UP_TURNS = 60, 5
HOUR_BYTES = 60 * 1024 * 1024  # as FLAC
RANGE_BYTES = 64 * 1024
PLACES = {"at the start": 0.0, "in the middle": 0.5, "at the end": 1.0}
GOAL_MS = 1.0

Work = Callable[[], object]
Pair = tuple[Work, Work]


def measure(_: Options) -> list[Table]:
    keys = {"as it comes": MediaKeys(), "encrypted": MediaKeys("k", {"k": os.urandom(KEY_BYTES)})}
    with temporary_folder() as folder:
        rows = [describe(what, *time_pair(pair)) for what, pair in list_work(folder, keys)]
    added = {str(row["what"]): float(row["added ms"] or 0) for row in rows}
    written = next(iter(added.values()))
    notes = (
        f"CPU time of one, median of {TURNS} interleaved turns; a chunk is {len(cut_chunks()[0])} "
        "bytes, written beside, synced and renamed as in the service, and read as a whole.",
        f"Ranges of {RANGE_BYTES} bytes out of {HOUR_BYTES // 2**20} MiB (an hour as FLAC), each "
        "opened anew; one touches two frames of 64 KiB where it does not begin with one.",
    )
    goal = judge("CPU ms more for a chunk written", written, at_most=GOAL_MS)
    return [Table("Audio as it comes and encrypted", tuple(rows), notes), Table("Goals", (goal,))]


def list_work(folder: Path, keys: dict[str, MediaKeys]) -> Iterator[tuple[str, Pair]]:
    chunk = cut_chunks()[0]
    paths = {name: folder / name for name in keys}

    def pair(make: Callable[[Path, MediaKeys], Work]) -> Pair:
        plain, sealed = (make(paths[name], keys[name]) for name in keys)
        return plain, sealed

    yield "a chunk written", pair(lambda path, key: lambda: write(path, [chunk], key))
    yield "a chunk read", pair(lambda path, key: lambda: read(path, 0, len(chunk), key))
    piece = os.urandom(1024 * 1024)
    for name, path in paths.items():
        write(path, [piece] * (HOUR_BYTES // len(piece)), keys[name])
    for where, share in PLACES.items():
        start = round(share * (HOUR_BYTES - RANGE_BYTES)) + (FRAME_BYTES // 2 if share < 1 else 0)
        yield f"a range {where}", pair(choose_range(start))


def choose_range(start: int) -> Callable[[Path, MediaKeys], Work]:
    return lambda path, keys: lambda: read(path, start, RANGE_BYTES, keys)


def write(path: Path, pieces: list[bytes], keys: MediaKeys) -> None:
    write_whole(path, seal(pieces, NAME, keys))


def read(path: Path, start: int, length: int, keys: MediaKeys) -> bytes:
    raw = open_raw(path)
    with open_sealed(raw, NAME, keys) or raw.file as file:
        file.seek(start)
        return file.read(length)


def time_pair(pair: Pair) -> tuple[float, float]:
    """Milliseconds of CPU of each."""
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(WARM_UP_TURNS + TURNS):
        for work, found in zip(pair, times, strict=True):
            began = time.process_time()
            work()
            if turn >= WARM_UP_TURNS:
                found.append((time.process_time() - began) * 1000)
    plain, sealed = map(median, times)
    return plain, sealed


def describe(what: str, plain: float, sealed: float) -> Row:
    return {
        "what": what,
        "as it comes, CPU ms": plain,
        "encrypted, CPU ms": sealed,
        "added ms": sealed - plain,
    }
