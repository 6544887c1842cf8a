"""One speech engine at work in a process of its own, so that its memory and time are its alone.

Usage: python -m bench.engine_probe ENGINE CHUNKS WHOLE, with WHOLE 1 to hear the whole sample too.
Prints one JSON object: ``fix`` where the engine cannot work here, otherwise the figures.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import django
import psutil

from bench.sounds import SAMPLE, cut_chunks, read_sample

LOOK_SECONDS = 0.02
MEBIBYTE = 1024 * 1024


@dataclass(slots=True)
class Memory:
    """The most that this process and those below it held at once, in bytes."""

    peak: int = 0

    def look(self) -> None:
        process, total = psutil.Process(), 0
        for one in (process, *process.children(recursive=True)):
            with suppress(psutil.Error):
                total += one.memory_info().rss
        self.peak = max(self.peak, total)


@contextmanager
def watching_memory() -> Iterator[Memory]:
    memory, over = Memory(), threading.Event()

    def watch() -> None:
        while not over.wait(LOOK_SECONDS):
            memory.look()

    memory.look()
    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield memory
    finally:
        over.set()
        thread.join()


def read_cpu_seconds() -> float:
    """Of this process, of its children that ended and of those that still run."""
    own = os.times()
    total = own.user + own.system + own.children_user + own.children_system
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            times = child.cpu_times()
            total += times.user + times.system
    return total


def probe(name: str, chunks: int, *, hears_whole: bool) -> dict[str, Any]:
    # after django.setup()
    from transcription.audio import decode  # noqa: PLC0415
    from transcription.engines.base import Options, get_engine, is_available  # noqa: PLC0415
    from transcription.transcribe import transcribe  # noqa: PLC0415

    available = is_available(name)
    if not available.is_ready:
        return {"fix": available.fix}
    sounds = [decode(chunk) for chunk in cut_chunks()[:chunks]]
    idle = Memory()
    idle.look()
    seconds, cpu = [], []
    with watching_memory() as memory:
        for sound in (sounds[0], *sounds):  # the first time is the one that loads the model
            began, cpu_before = time.perf_counter(), read_cpu_seconds()
            transcribe(sound, Options(), [name])
            seconds.append(time.perf_counter() - began)
            cpu.append(read_cpu_seconds() - cpu_before)
    return {
        "model": get_engine(name).model,
        "first_cpu_seconds": cpu[0],
        "seconds": seconds[1:],
        "cpu_seconds": cpu[1:],
        "peak_mebibytes": memory.peak / MEBIBYTE,
        "added_mebibytes": (memory.peak - idle.peak) / MEBIBYTE,
        **(hear_whole(name) if hears_whole else {}),
    }


def hear_whole(name: str) -> dict[str, Any]:
    from transcription.engines.base import Options  # noqa: PLC0415 - after django.setup()
    from transcription.scorecard import read_reference, score_engine  # noqa: PLC0415

    reference = read_reference(SAMPLE / "reference.json")
    score = score_engine(name, read_sample(), reference, Options(is_final=True))
    return {"word_error_rate": score.words.rate, "rtf": score.rtf}


def main(arguments: list[str]) -> None:
    name, chunks, hears_whole = arguments
    django.setup()
    print(json.dumps(probe(name, int(chunks), hears_whole=hears_whole == "1")))


if __name__ == "__main__":
    main(sys.argv[1:])
