"""Jobs for the worker tests; imported by real workers."""

import os
import time
from pathlib import Path

from rq import get_current_job

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


def remove_own_job() -> None:
    """As a second worker does that had the same job and ended first."""
    job = get_current_job()
    assert job is not None
    job.delete()
