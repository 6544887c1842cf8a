"""The parent's end of ``whisper_process``: started when first needed, killed when it hangs."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

from transcription.contained import LEASH, PASSED_ENVIRONMENT
from transcription.engines import whisper_process
from transcription.engines.whisper_process import WhisperOrder

PROGRAM = str(Path(whisper_process.__file__))
# A model of 3 GB from a cold disk.
LOAD_SECONDS = 180.0
LOG_CAP_BYTES = 16 * 1024 * 1024
LAST_WORDS_BYTES = 4096
DYING_SECONDS = 2.0


class ChildFailure(Exception):
    """The child gave no answer; it is gone, and the next request starts another."""


class ChildDied(ChildFailure):
    """It crashed."""


class ChildHung(ChildFailure):
    """It was killed when its time was over."""


class ModelNotLoaded(ChildFailure):
    """The model's file is none, or not all of one."""


class WhisperChild:
    """A process that holds one model. One request at a time; it dies with its parent."""

    def __init__(self, model_path: str, niceness: int = 0) -> None:
        self._log = cast(BinaryIO, tempfile.TemporaryFile("a+b", buffering=0))  # noqa: SIM115
        self._owner = os.getpid()
        self._process = _start(model_path, niceness, self._log.fileno())
        # Not after a fork: the child is the parent's, and its end of the pipe still open there.
        self._end = weakref.finalize(self, _end, self._process, self._owner)
        try:
            with self._kept_within(LOAD_SECONDS):
                whisper_process.read_frame(self._answers)
        except ChildDied as error:
            raise ModelNotLoaded(str(error)) from error

    @property
    def pid(self) -> int:
        return self._process.pid

    def is_usable(self) -> bool:
        """Whether it lives and belongs to this process, not to one that we were forked from."""
        return self._owner == os.getpid() and self._process.poll() is None

    def ask(self, order: WhisperOrder, sound: bytes, timeout: float) -> dict[str, Any]:
        """Its answer. Raises ChildFailure when there is none after ``timeout`` seconds."""
        os.ftruncate(self._log.fileno(), 0)
        with self._kept_within(timeout):
            whisper_process.write_frame(self._requests, order)
            self._requests.write(sound)
            self._requests.flush()
            answer: dict[str, Any] = whisper_process.read_frame(self._answers)
        if answer.get("is_broken"):
            self.close()
            raise ModelNotLoaded("the model misses parts")
        return answer

    def close(self) -> None:
        self._end()

    @property
    def _requests(self) -> BinaryIO:
        return cast(BinaryIO, self._process.stdin)

    @property
    def _answers(self) -> BinaryIO:
        return cast(BinaryIO, self._process.stdout)

    @contextmanager
    def _kept_within(self, seconds: float) -> Iterator[None]:
        expired = threading.Event()
        timer = threading.Timer(seconds, self._expire, (expired,))
        timer.start()
        try:
            yield
        except (OSError, EOFError, ValueError) as error:
            with suppress(subprocess.TimeoutExpired):  # what it died of, not that we killed it
                self._process.wait(DYING_SECONDS)
            self.close()
            if expired.is_set():
                raise ChildHung(f"no answer after {seconds:.0f} s") from error
            raise ChildDied(self._describe_death()) from error
        finally:
            timer.cancel()

    def _expire(self, expired: threading.Event) -> None:
        expired.set()
        self._process.kill()

    def _describe_death(self) -> str:
        size = os.fstat(self._log.fileno()).st_size
        tail = os.pread(self._log.fileno(), LAST_WORDS_BYTES, max(0, size - LAST_WORDS_BYTES))
        lines = tail.decode(errors="replace").strip().splitlines()
        said = lines[-1][:200] if lines else "no message"
        return f"ended with status {self._process.returncode}: {said}"


def _start(model_path: str, niceness: int, log: int) -> subprocess.Popen[bytes]:
    limits = f"RLIMIT_CORE=0,RLIMIT_FSIZE={LOG_CAP_BYTES}"
    leash = [sys.executable, "-I", "-S", LEASH, str(os.getpid()), limits]
    program = [sys.executable, "-I", PROGRAM, model_path, str(niceness)]
    environment = {key: os.environ[key] for key in PASSED_ENVIRONMENT if key in os.environ}
    return subprocess.Popen(  # noqa: S603 - a list and no shell
        [*leash, *program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        env={**environment, "LC_ALL": "C.UTF-8"},
        start_new_session=True,
    )


def _end(process: subprocess.Popen[bytes], owner: int) -> None:
    if owner != os.getpid():
        return
    if process.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):  # what was still to be written has no reader
                pipe.close()
