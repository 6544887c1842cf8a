"""The service under test in its own processes, with handles to break each part of it."""

import itertools
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
from redis import Redis

from intellibooks.embedded_redis import socket_path
from tests.faults.second_machine import SecondMachine
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
    """Use as a context: a service on its own stores, ready for the first request.

    With ``machines=2`` a second set of web process, workers and watchdog works on the same
    stores. What is killed then dies on both.
    """

    least_machines = 1  # raised by the option --machines

    def __init__(
        self, *, database_url: str = "", data_dir: Path | None = None, machines: int = 1, **env: Any
    ) -> None:
        self.database_url = database_url
        more = {"DATABASE_URL": database_url} if database_url else {}
        self.env = {**STEADY, **more, **env}
        self.serve = ServeProcess(data_dir=data_dir, **self.env)
        self.machines = [self.serve]
        if max(machines, self.least_machines) > 1:
            self.machines.append(SecondMachine(data_dir=self.serve.data_dir, **self.env))
        self.turns = itertools.count()
        self.output_before = ""

    def __enter__(self) -> "World":
        with ExitStack() as stack:
            for machine in self.machines:
                stack.enter_context(machine)
                machine.wait_until_ready()
            self.running = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self.running.close()

    def pick_url(self) -> str:
        """The machine whose turn it is, as behind a load balancer."""
        machine = self.machines[next(self.turns) % len(self.machines)]
        return f"http://127.0.0.1:{machine.port}"

    @property
    def data_dir(self) -> Path:
        return self.serve.data_dir

    @property
    def output(self) -> str:
        return self.output_before + "".join(machine.output for machine in self.machines)

    def find(self, part: str, seconds: float = 15.0) -> psutil.Process:
        """The process of that part on the first machine, once there is one."""
        return find_part(self.serve, part, seconds)

    def find_all(self, part: str, seconds: float = 15.0) -> list[psutil.Process]:
        """The process of that part on every machine; there is one Redis."""
        machines = self.machines[:1] if part == "redis" else self.machines
        return [find_part(machine, part, seconds) for machine in machines]

    def kill(self, part: str, *, with_children: bool = False) -> None:
        """SIGKILL, and to everything below it where a machine is to lose power."""
        family = self.find_all(part)
        if with_children:
            family += [child for one in family for child in one.children(recursive=True)]
        signal_all(family, signal.SIGKILL)
        wait_until(lambda: not any(is_alive(one) for one in family))

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
            answer = httpx.get(f"{self.pick_url()}/api/health", timeout=10)
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


def find_part(machine: ServeProcess, part: str, seconds: float) -> psutil.Process:
    found: list[psutil.Process] = []

    def look() -> bool:
        process = machine.find(*PARTS[part])
        found[:] = [process] if process is not None and is_alive(process) else []
        return bool(found)

    wait_until(look, seconds)
    return found[0]


def freeze(process: psutil.Process, seconds: float, meanwhile: Callable[[], None]) -> None:
    """SIGSTOP for so long, whatever ``meanwhile`` takes; then SIGCONT."""
    process.send_signal(signal.SIGSTOP)
    until = time.monotonic() + seconds
    try:
        meanwhile()
        time.sleep(max(0.0, until - time.monotonic()))
    finally:
        process.send_signal(signal.SIGCONT)
