"""Jobs for the worker tests; imported by real workers."""

import os
import time
from pathlib import Path

PREPARED: list[int] = []


def tell_prepared() -> list[int]:
    return PREPARED


def tell_pid() -> int:
    return os.getpid()


def write_pid_and_sleep(path: str, seconds: int) -> None:
    Path(path).write_text(str(os.getpid()))
    time.sleep(seconds)


def write(path: str, text: str) -> None:
    Path(path).write_text(text)
