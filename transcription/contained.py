"""Runs a program on hostile input: limited, without our secrets, and never longer than allowed."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

LEASH = str(Path(__file__).with_name("leash.py"))
# The child sees no password, key or proxy of ours: only what a program needs to start.
PASSED_ENVIRONMENT = (
    "PATH",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "TMPDIR",
    "HOME",
    "CUDA_VISIBLE_DEVICES",
)
STDERR_TAIL_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a contained program ended; ``output`` is its stdout, ``complaint`` the end of stderr."""

    returncode: int
    output: bytes
    complaint: str
    timed_out: bool
    overflowed: bool


def run_contained(
    program: Sequence[str],
    *,
    timeout: float,
    output_cap: int,
    limits: Mapping[str, int],
    stdin: bytes = b"",
) -> Outcome:
    """Runs ``program`` (absolute path first) under ``limits`` (RLIMIT name -> value).

    The program must read all of ``stdin`` before it writes. It is killed with its whole process
    group after ``timeout`` seconds or when stdout exceeds ``output_cap`` bytes, and, on Linux,
    when this process dies.
    """
    expired = threading.Event()
    with tempfile.TemporaryFile() as stderr, _start(program, limits, stderr.fileno()) as process:
        timer = threading.Timer(timeout, _expire, (process, expired))
        timer.start()
        try:
            output = _talk(process, stdin, output_cap)
            if len(output) > output_cap:
                _kill_group(process)
            process.wait()
        finally:
            timer.cancel()
            _kill_group(process)
        complaint = _read_tail(stderr.fileno())
    overflowed = len(output) > output_cap
    return Outcome(process.returncode, output[:output_cap], complaint, expired.is_set(), overflowed)


def _start(
    program: Sequence[str], limits: Mapping[str, int], stderr: int
) -> subprocess.Popen[bytes]:
    listed = ",".join(f"{name}={value}" for name, value in limits.items())
    leash = [sys.executable, "-I", "-S", LEASH, str(os.getpid()), listed]
    environment = {key: os.environ[key] for key in PASSED_ENVIRONMENT if key in os.environ}
    return subprocess.Popen(  # noqa: S603 - a list and no shell
        [*leash, *program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env={**environment, "LC_ALL": "C.UTF-8"},
        start_new_session=True,
    )


def _talk(process: subprocess.Popen[bytes], stdin: bytes, output_cap: int) -> bytes:
    assert process.stdin is not None  # noqa: S101 - both are pipes, for the type checker
    assert process.stdout is not None  # noqa: S101
    with suppress(BrokenPipeError):  # it died before it had read all: its exit status says why
        process.stdin.write(stdin)
    with suppress(BrokenPipeError):
        process.stdin.close()
    return process.stdout.read(output_cap + 1)


def _expire(process: subprocess.Popen[bytes], expired: threading.Event) -> None:
    expired.set()
    _kill_group(process)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def _read_tail(descriptor: int) -> str:
    size = os.fstat(descriptor).st_size
    start = max(0, size - STDERR_TAIL_BYTES)
    tail = os.pread(descriptor, STDERR_TAIL_BYTES, start)
    return tail.decode(errors="replace").replace("\0", "").strip()
