"""The servers of the fan-out: the product's web processes, and what one would pick instead."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.service import (
    HOST,
    ROOT,
    SETTINGS,
    BenchError,
    answers,
    cleared_environment,
    find_free_port,
    running_process,
    running_program,
    temporary_folder,
    wait_for,
)
from intellibooks import embedded_redis

PEERS = ROOT / "bench" / "peers"
INSTALL_SECONDS = 180


@dataclass(frozen=True, slots=True)
class FanoutServer:
    """Processes that serve the same rooms: each on a port of its own, one Redis between them."""

    name: str
    dialect: str
    ports: tuple[int, ...]
    processes: tuple[psutil.Process, ...]


@contextlib.contextmanager
def running_rooms(processes: int) -> Iterator[FanoutServer]:
    """The product: its application, its server's flags, its database and Redis."""
    with temporary_folder() as folder, contextlib.ExitStack() as stack:
        redis = embedded_redis.ensure_running(folder / "redis")
        stack.callback(redis.stop)
        env = {**SETTINGS, "DATA_DIR": str(folder), "SPEECH_ENGINES": ""}
        prepare_database(env)
        ports, found = [], []
        for number in range(processes):
            port, log = find_free_port(), folder / f"web{number}.log"
            command = ["-m", "bench.fanout_web", HOST, str(port)]
            process = stack.enter_context(running_process(command, env, log))
            url = f"http://{HOST}:{port}/api/health"
            wait_for(lambda url=url: answers(url), "the service", process, log)  # type: ignore[misc]
            ports.append(port)
            found.append(psutil.Process(process.pid))
        yield FanoutServer("this service", "ours", tuple(ports), tuple(found))


def prepare_database(env: dict[str, str]) -> None:
    command = [sys.executable, "manage.py", "migrate", "--no-input", "-v", "0"]
    with cleared_environment():
        subprocess.run(command, env={**os.environ, **env}, check=True)  # noqa: S603 - our own


def running_socketio(processes: int) -> contextlib.AbstractContextManager[FanoutServer]:
    """socket.io with its Redis adapter. Raises BenchError where Node is missing."""
    return running_node("socket.io", "socketio", "socketio_server.js", processes)


def running_ws() -> contextlib.AbstractContextManager[FanoutServer]:
    """The bare `ws` package with a Redis subscription. Raises BenchError."""
    return running_node("ws", "plain", "ws_server.js", 1)


@contextlib.contextmanager
def running_node(name: str, dialect: str, script: str, processes: int) -> Iterator[FanoutServer]:
    program = install_peers() / script
    with temporary_folder() as folder, contextlib.ExitStack() as stack:
        redis = embedded_redis.ensure_running(folder / "redis")
        stack.callback(redis.stop)
        ports, found = [], []
        for number in range(processes):
            port, log = find_free_port(), folder / f"node{number}.log"
            command = ["node", str(program), str(port), redis.url]
            process = stack.enter_context(running_program(command, {}, log))
            url = f"http://{HOST}:{port}/"
            wait_for(lambda url=url: answers(url), name, process, log)  # type: ignore[misc]
            ports.append(port)
            found.append(psutil.Process(process.pid))
        yield FanoutServer(name, dialect, tuple(ports), tuple(found))


@contextlib.contextmanager
def running_stock() -> Iterator[FanoutServer]:
    """Channels as its tutorial sets it up, under Daphne."""
    with temporary_folder() as folder, contextlib.ExitStack() as stack:
        redis = embedded_redis.ensure_running(folder / "redis")
        stack.callback(redis.stop)
        port, log = find_free_port(), folder / "daphne.log"
        command = ["-m", "daphne", "-b", HOST, "-p", str(port), "-v", "0"]
        command.append("bench.stock_channels:application")
        env = {"BENCH_REDIS": redis.url}
        process = stack.enter_context(running_process(command, env, log))
        wait_for(lambda: listens(port), "Daphne", process, log)
        yield FanoutServer("Channels, Daphne", "stock", (port,), (psutil.Process(process.pid),))


def listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False


def install_peers() -> Path:
    """The scripts beside their packages, in the user's cache: npm fetches them once."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise BenchError("node and npm are needed to measure beside socket.io and ws")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "intellibooks-bench" / "fanout"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = (PEERS / "package.json").read_text()
    done = folder / "installed.json"
    for script in PEERS.glob("*.js"):
        shutil.copy(script, folder)
    if not done.exists() or done.read_text() != wanted:
        shutil.copy(PEERS / "package.json", folder)
        run_npm(folder)
        done.write_text(wanted)
    return folder


def run_npm(folder: Path) -> None:
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"]
    try:
        subprocess.run(  # noqa: S603 - a fixed command
            command, cwd=folder, check=True, capture_output=True, timeout=INSTALL_SECONDS
        )
    except (subprocess.SubprocessError, OSError) as error:
        said = getattr(error, "stderr", None) or b""
        raise BenchError(f"npm install failed: {error} {said.decode()[-500:]}") from error
