"""The service under test in its own processes, with handles to break each part of it."""

import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
from redis import Redis

from intellibooks.embedded_redis import socket_path
from tests.intellibooks.serve_process import ServeProcess, is_alive, signal_all, wait_until

PARTS = {
    "web": ("uvicorn",),
    "live worker": ("manage.py", "work", "live"),
    "pipeline worker": ("manage.py", "work", "pipeline"),
    "watchdog": ("manage.py", "sweep"),
    "redis": ("redis.sock",),
}
# The engine that is on every machine, so that a text can be compared with one of our own.
# And chunk by chunk: what is heard again as a whole is compared in the test of the stages alone.
STEADY = {"SPEECH_ENGINES": "pocketsphinx", "FINAL_TRANSCRIPTION": "never"}


def wait_for(condition: Callable[[], object], seconds: float) -> None:
    """Returns when it is true; looks seldom, because every look costs the service a request."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


class World:
    """Use as a context: a service on its own stores, ready for the first request."""

    def __init__(self, *, database_url: str = "", data_dir: Path | None = None, **env: Any) -> None:
        self.database_url = database_url
        more = {"DATABASE_URL": database_url} if database_url else {}
        self.serve = ServeProcess(data_dir=data_dir, **{**STEADY, **more, **env})
        self.output_before = ""

    def __enter__(self) -> "World":
        self.serve.__enter__()
        try:
            self.serve.wait_until_ready()
        except BaseException:
            self.serve.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.serve.__exit__()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.serve.port}"

    @property
    def data_dir(self) -> Path:
        return self.serve.data_dir

    @property
    def output(self) -> str:
        return self.output_before + self.serve.output

    def find(self, part: str, seconds: float = 15.0) -> psutil.Process:
        """The process of that part, once there is one."""
        found: list[psutil.Process] = []

        def look() -> bool:
            process = self.serve.find(*PARTS[part])
            found[:] = [process] if process is not None and is_alive(process) else []
            return bool(found)

        wait_until(look, seconds)
        return found[0]

    def kill(self, part: str, *, with_children: bool = False) -> None:
        """SIGKILL, and to everything below it where a machine is to lose power."""
        process = self.find(part)
        family = process.children(recursive=True) if with_children else []
        signal_all([process, *family], signal.SIGKILL)
        wait_until(lambda: not any(is_alive(one) for one in [process, *family]))

    def kill_supervisor(self) -> None:
        """SIGKILL to `serve` itself, then the same command again on the same data."""
        family = self.serve.list_family()
        self.serve.process.kill()
        self.serve.process.wait()
        wait_until(lambda: not any(is_alive(one) for one in family))
        self.output_before += self.serve.output
        self.serve.output = ""
        self.serve.__enter__()
        self.serve.wait_until_ready()

    def redis(self) -> Redis:
        return Redis(unix_socket_path=str(socket_path(self.data_dir / "redis")), socket_timeout=5)

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows straight from the database; ``?`` marks a value."""
        if self.database_url:
            with psycopg.connect(self.database_url) as connection:
                return connection.execute(statement.replace("?", "%s").encode(), values).fetchall()
        path = self.data_dir / "intellibooks.sqlite3"
        with sqlite3.connect(path, timeout=20) as database:
            return database.execute(statement, values).fetchall()

    def is_healthy(self) -> bool:
        try:
            answer = httpx.get(f"{self.url}/api/health", timeout=10)
        except httpx.TransportError:
            return False
        return answer.is_success and answer.json()["status"] == "healthy"

    def wait_until_healthy(self, seconds: float = 60) -> None:
        wait_for(self.is_healthy, seconds)

    def wait_for_failpoint(self, name: str, seconds: float = 30) -> int:
        """The id of the process that reached the place."""
        path = self.data_dir / "failpoints" / name
        wait_until(lambda: path.exists() and path.read_text(), seconds)
        return int(path.read_text())


def freeze(process: psutil.Process, seconds: float, meanwhile: Callable[[], None]) -> None:
    """SIGSTOP for so long, whatever ``meanwhile`` takes; then SIGCONT."""
    process.send_signal(signal.SIGSTOP)
    until = time.monotonic() + seconds
    try:
        meanwhile()
        time.sleep(max(0.0, until - time.monotonic()))
    finally:
        process.send_signal(signal.SIGCONT)
