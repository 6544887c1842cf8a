"""A program that stays between its tasks, so that what it has loaded stays loaded."""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

from transcription.contained import LEASH, PASSED_ENVIRONMENT

COMPLAINT_BYTES = 2000
PIECE_BYTES = 64 * 1024


class ProcessDied(Exception):
    """The program ended before it answered; the text says how, as far as that is known."""


class ProcessTooSlow(Exception):
    """The program had no answer in time and was killed."""


class ResidentProcess:
    """Gives one line of JSON to a program on stdin and waits for one line of JSON on stdout.

    Started with the first question, and again with the next one after it died. The program dies
    with the process that started it (Linux). A fork inherits it and may ask too, as long as only
    one process asks at a time: questions are single writes, each with an ``id`` of its own that
    the answer carries, so what a killed fork has left behind is passed over. A question also
    carries its ``asker``, the process id, so that the program can give up when that is gone.
    """

    def __init__(self, program: Sequence[str], folder: Path, environment: Mapping[str, str]):
        self._program = list(program)
        self._folder = folder
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._answers = b""
        self._numbers = count(1)
        self._lock = threading.Lock()

    @property
    def pid(self) -> int | None:
        """The process id of the program while it is known to us, dead or alive."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Starts the program unless it runs."""
        with self._lock:
            self._ensure_running()

    def ask(self, question: Mapping[str, Any], timeout_seconds: float) -> dict[str, Any]:
        """The answer. Raises ProcessDied, ProcessTooSlow."""
        with self._lock:
            process = self._ensure_running()
            name = f"{os.getpid()}-{next(self._numbers)}"
            signed = {**question, "id": name, "asker": os.getpid()}
            try:
                self._send(process, signed)
                return self._await(process, name, time.monotonic() + timeout_seconds)
            except BaseException:  # whatever it is doing now, nobody waits for it any more
                self._kill()
                raise

    def stop(self) -> None:
        with self._lock:
            self._kill()

    def _ensure_running(self) -> subprocess.Popen[bytes]:
        if self._process is None or not self._is_alive(self._process):
            self._kill()
            self._process = self._start()
        return self._process

    def _start(self) -> subprocess.Popen[bytes]:
        self._owner, self._answers = os.getpid(), b""
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
        leash = [sys.executable, "-I", "-S", LEASH, str(os.getpid()), ""]
        passed = {key: os.environ[key] for key in PASSED_ENVIRONMENT if key in os.environ}
        return subprocess.Popen(  # noqa: S603 - a list and no shell
            [*leash, *self._program],
            cwd=self._folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints.fileno(),
            env={**passed, "LC_ALL": "C.UTF-8", **self._environment},
            start_new_session=True,
            bufsize=0,
        )

    def _is_alive(self, process: subprocess.Popen[bytes]) -> bool:
        """Also where a fork inherited it, which cannot wait for a child of its parent."""
        while select.select([_descriptor(process.stdout)], [], [], 0)[0]:
            if not os.read(_descriptor(process.stdout), PIECE_BYTES):
                return False
        self._answers = b""
        return True

    def _send(self, process: subprocess.Popen[bytes], question: Mapping[str, Any]) -> None:
        line = json.dumps(question).encode() + b"\n"
        try:
            os.write(_descriptor(process.stdin), line)
        except BrokenPipeError as error:
            raise ProcessDied(self._describe_end(process)) from error

    def _await(
        self, process: subprocess.Popen[bytes], name: str, deadline: float
    ) -> dict[str, Any]:
        while True:
            line = self._read_line(process, deadline)
            answer: dict[str, Any] = json.loads(line)
            if answer.get("id") == name:
                return answer

    def _read_line(self, process: subprocess.Popen[bytes], deadline: float) -> bytes:
        output = _descriptor(process.stdout)
        while b"\n" not in self._answers:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([output], [], [], left)[0]:
                raise ProcessTooSlow
            piece = os.read(output, PIECE_BYTES)
            if not piece:
                raise ProcessDied(self._describe_end(process))
            self._answers += piece
        line, _, self._answers = self._answers.partition(b"\n")
        return line

    def _describe_end(self, process: subprocess.Popen[bytes]) -> str:
        said = self._read_complaint()
        if self._owner != os.getpid():
            return said or "it was killed or crashed"
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
        status = process.returncode
        if status == -signal.SIGKILL:
            return "it was killed, most likely because memory ran out"
        return f"status {status}{': ' if said else ''}{said}"

    def _read_complaint(self) -> str:
        """The last line it wrote to stderr."""
        size = os.fstat(self._complaints.fileno()).st_size
        start = max(0, size - COMPLAINT_BYTES)
        text = os.pread(self._complaints.fileno(), COMPLAINT_BYTES, start).decode(errors="replace")
        lines = text.replace("\0", "").split("\n")
        return next((line.strip()[:300] for line in reversed(lines) if line.strip()), "")

    def _kill(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        is_ours = self._owner == os.getpid()
        if not is_ours or process.poll() is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        self._complaints.close()
        if is_ours:
            process.wait()
        else:
            process.returncode = 0  # its parent waits for it; no ResourceWarning here


def _descriptor(pipe: Any) -> int:
    return int(pipe.fileno())
