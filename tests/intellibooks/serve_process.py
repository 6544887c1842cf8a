"""A real `manage.py serve` in a process of its own, and what is left when it ends."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]


def wait_until(condition: Callable[[], object], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def find_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def build_env(data_dir: Path, **more: str) -> dict[str, str]:
    """The environment of a fresh machine: stores of its own, whatever this run uses."""
    ours = ("DATABASE_URL", "REDIS_URL", "CHANNEL_PREFIX", "HOST", "PORT")
    env = {name: value for name, value in os.environ.items() if name not in ours}
    return env | {
        "DATA_DIR": str(data_dir),
        "DJANGO_SETTINGS_MODULE": "intellibooks.settings",
        "PYTHONUNBUFFERED": "1",
        **more,
    }


def run_manage(
    *words: str, data_dir: Path, seconds: float = 60, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, without a terminal."""
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=build_env(data_dir, **env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


class ServeProcess:
    """Use as a context; ``output`` grows while it runs."""

    program: tuple[str, ...] = ("manage.py", "serve")

    def __init__(self, *words: str, data_dir: Path | None = None, **env: str) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="ib-serve-")
        self.data_dir = data_dir or Path(self.folder.name)
        self.port = find_free_port()
        self.words, self.env = words, env
        self.output = ""
        self.family: list[psutil.Process] = []

    def __enter__(self) -> "ServeProcess":
        self.process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, *self.program, "--port", str(self.port), *self.words],
            cwd=ROOT,
            env=build_env(self.data_dir, **self.env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.reader = threading.Thread(target=self.read_output, daemon=True)
        self.reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.reader.join(5)
        self.folder.cleanup()

    def read_output(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output += line

    def wait_until_ready(self) -> "ServeProcess":
        wait_until(lambda: "is ready" in self.output or self.process.poll() is not None, 30)
        assert "is ready" in self.output, self.output
        return self

    def list_family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def find(self, *words: str) -> psutil.Process | None:
        """The child whose command contains all words."""
        for process in psutil.Process(self.process.pid).children():
            try:
                command = process.cmdline()
            except psutil.NoSuchProcess:
                continue
            if all(any(word in part for part in command) for word in words):
                return process
        return None


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def signal_all(processes: Iterable[psutil.Process], number: int) -> None:
    """One that ended since it was listed (Postgres' background workers come and go) is left out."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)
