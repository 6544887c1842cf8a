"""The servers under measurement: started on loopback with stores of their own, and stopped."""

import contextlib
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
from redis import Redis
from rq import Queue, suspension

from intellibooks import embedded_redis
from intellibooks.processes import start_process, terminate_tree

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
START_SECONDS, STOP_SECONDS, IDLE_SECONDS = 40.0, 15.0, 15.0
CPU_TICK_SECONDS = 0.011  # the kernel counts in hundredths
# Variables that would lead to other stores or another engine than the ones of the measurement.
FOREIGN = ("DATABASE_URL", "REDIS_URL", "REDIS_ENABLED", "HOST", "PORT", "DEBUG", "SECRET_KEY")
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "intellibooks.settings",
    "SPEECH_ENGINES": "pocketsphinx",  # the same on every machine
    "ABRUPT_END_SECONDS": "3600",  # a session that has had its turn must not be processed
    "LOG_LEVEL": "WARNING",
    # All load comes from one address: the limits are not what is measured.
    **{f"LIMIT_{kind}": "off" for kind in ("MESSAGES", "CONNECTS", "STARTS", "UPLOADS")},
    "LIMIT_SOCKETS": "0",
}


class BenchError(Exception):
    """The measurement cannot go on; the text says why."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where it answers, the process that does, its Redis."""

    name: str
    url: str
    process: psutil.Process
    redis: Redis
    redis_process: psutil.Process
    folder: Path


@contextlib.contextmanager
def running_service(**settings: str) -> Iterator[Server]:
    """The whole service, as `manage.py serve` runs it, ready for work. Raises BenchError."""
    with temporary_folder() as folder, contextlib.ExitStack() as stack:
        port = find_free_port()
        env = {**SETTINGS, "DATA_DIR": str(folder), **settings}
        command = ["manage.py", "serve", "--host", HOST, "--port", str(port), "--no-input"]
        url = f"http://{HOST}:{port}"
        process = stack.enter_context(running_process(command, env, folder / "serve.log"))
        wait_for(lambda: answers(f"{url}/api/ready"), "the service", process, folder / "serve.log")
        with contextlib.closing(connect_redis(folder / "redis")) as redis:
            web = find_child(process.pid, "uvicorn")
            yield Server("this service", url, web, redis, find_redis_process(redis), folder)


@contextlib.contextmanager
def running_predecessor() -> Iterator[Server]:
    """The yardstick, with a Redis of its own that keeps nothing on disk. Raises BenchError."""
    with temporary_folder() as folder, contextlib.ExitStack() as stack:
        own_redis = embedded_redis.ensure_running(folder / "redis")
        stack.callback(own_redis.stop)
        redis = stack.enter_context(contextlib.closing(connect_redis(folder / "redis")))
        redis.config_set("appendonly", "no")
        env = {"PREDECESSOR_REDIS": own_redis.url}
        served = running_application("bench.predecessor:application", "the predecessor", **env)
        url, web = stack.enter_context(served)
        yield Server("predecessor", url, web, redis, find_redis_process(redis), folder)


@contextlib.contextmanager
def running_application(path: str, what: str, **env: str) -> Iterator[tuple[str, psutil.Process]]:
    """An ASGI application of ours behind uvicorn: its address and process. Raises BenchError."""
    with temporary_folder() as folder:
        port, log = find_free_port(), folder / "server.log"
        command = ["-m", "uvicorn", path, "--host", HOST, "--port", str(port), "--loop", "uvloop"]
        command += ["--http", "httptools", "--lifespan", "off"]
        command += ["--no-access-log", "--log-level", "warning"]
        with running_process(command, env, log) as process:
            url = f"http://{HOST}:{port}"
            wait_for(lambda: answers(f"{url}/api/ready"), what, process, log)
            yield url, psutil.Process(process.pid)


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """Short, because a unix socket's path lies in it; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="ib-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def running_process(
    arguments: list[str], env: dict[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Python with these arguments; stopped by its pid, with whatever it started."""
    with running_program([sys.executable, *arguments], env, log) as process:
        yield process


@contextlib.contextmanager
def running_program(
    command: list[str], env: dict[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """The same with any program."""
    shell = ["/bin/sh", "-c", 'log=$1; shift; exec "$@" >"$log" 2>&1', "sh", str(log)]
    with cleared_environment():
        process = start_process([*shell, *command], env=env)
    try:
        yield process
    finally:
        terminate_tree(process.pid, grace_seconds=STOP_SECONDS)
        process.wait(1)


@contextlib.contextmanager
def cleared_environment() -> Iterator[None]:
    """Without what would point the child elsewhere; it starts in the repository's root."""
    kept = {name: os.environ.pop(name) for name in FOREIGN if name in os.environ}
    with contextlib.chdir(ROOT):
        try:
            yield
        finally:
            os.environ.update(kept)


def find_free_port() -> int:
    with socket.create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def wait_for(
    condition: Callable[[], bool], what: str, process: subprocess.Popen[bytes], log: Path
) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        if process.poll() is not None or time.monotonic() > deadline:
            tail = log.read_text(errors="replace")[-2000:] if log.exists() else "no output"
            raise BenchError(f"{what} does not answer. It said:\n{tail}")
        time.sleep(0.1)


def connect_redis(folder: Path) -> Redis:
    return Redis.from_url(embedded_redis.embedded_redis_url(folder), socket_timeout=20)


def find_redis_process(redis: Redis) -> psutil.Process:
    return psutil.Process(int(redis.info("server")["process_id"]))


def find_child(pid: int, *words: str) -> psutil.Process:
    """The descendant whose command line has all the words, one after the other."""
    for process in psutil.Process(pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if " ".join(words) in " ".join(process.cmdline()):
                return process
    raise BenchError(f"there is no process {' '.join(words)} below {pid}")


def find_live_worker(server: Server) -> psutil.Process:
    return find_sibling(server, "work", "live")


def find_sibling(server: Server, *words: str) -> psutil.Process:
    """Another process of the service. Raises BenchError."""
    parent = server.process.parent()
    if parent is None:
        raise BenchError("the service is gone")
    return find_child(parent.pid, *words)


def count_waiting(server: Server) -> int:
    """Chunks accepted and not yet begun."""
    return Queue("live", connection=server.redis).count


@contextlib.contextmanager
def pausing_workers(server: Server) -> Iterator[None]:
    """Jobs wait meanwhile; the one at work is finished first.

    Not by a stop signal: a worker stopped inside a transaction would hold the database.
    """
    suspension.suspend(server.redis)
    try:
        wait_until_idle(find_live_worker(server))
        yield
    finally:
        suspension.resume(server.redis)


def wait_until_idle(process: psutil.Process) -> None:
    """Until it uses hardly any CPU, or IDLE_SECONDS have passed."""
    deadline = time.monotonic() + IDLE_SECONDS
    while time.monotonic() < deadline:
        before = read_cpu_seconds(process)
        time.sleep(0.4)
        if read_cpu_seconds(process) - before <= CPU_TICK_SECONDS:
            return


def read_cpu_seconds(process: psutil.Process) -> float:
    """User and system time so far."""
    times = process.cpu_times()
    return float(times.user + times.system)


def read_work_seconds(server: Server, session_id: str) -> dict[int, float]:
    """Chunk index -> seconds the speech engine worked, from the ledger."""
    path = server.folder / "intellibooks.sqlite3"
    query = "SELECT `index`, work_seconds FROM meetings_audiochunk WHERE meeting_id = ?"
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        rows = database.execute(query, (session_id,)).fetchall()
    return {index: seconds or 0.0 for index, seconds in rows}
