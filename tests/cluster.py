"""Many processes of the service over the same stores, as several machines would run them."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from intellibooks.embedded_redis import ensure_running
from intellibooks.processes import start_process
from tests.intellibooks.serve_process import ROOT, build_env, find_free_port, run_manage, wait_until
from tests.live_service import own_stores

ANSWERED = (ConnectionClosed, OSError, TimeoutError)


class Cluster:
    """``ports`` are those of the web processes; a process is known by the name it was given."""

    def __init__(self, env: dict[str, str], data_dir: Path) -> None:
        self.env, self.data_dir = env, data_dir
        self.ports: list[int] = []
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *words: str) -> None:
        with (self.data_dir / f"{name}.log").open("ab") as log:
            self.processes[name] = start_process(
                [sys.executable, ROOT / "manage.py", *words], env=self.env, output=log.fileno()
            )

    def start_web(self, name: str) -> int:
        port = find_free_port()
        self.start(name, "web", "--port", str(port))
        return port

    def wait_until_ready(self) -> None:
        for port in self.ports:
            self.wait_until_ready_at(port)

    def wait_until_ready_at(self, port: int) -> None:
        wait_until(lambda: self.is_ready(port), 40)

    def is_ready(self, port: int) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/api/ready", timeout=5).is_success
        except httpx.TransportError:
            return False

    def kill(self, name: str) -> None:
        os.killpg(self.processes[name].pid, signal.SIGKILL)  # each has a group of its own
        self.processes[name].wait()

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def running_cluster(**more: str) -> Iterator[Cluster]:
    """No process yet, but stores that answer, with the tables in them."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ib-cluster-")))
        env = {**stack.enter_context(own_stores()), **more}
        if "REDIS_URL" not in env:
            redis = ensure_running(folder / "redis")
            stack.callback(redis.stop)
        done = run_manage("migrate", data_dir=folder, **env)
        assert done.returncode == 0, done.stderr
        cluster = Cluster(build_env(folder, **env), folder)
        stack.callback(cluster.stop)
        yield cluster


class Viewer(threading.Thread):
    """A client that comes back at the next port with what it has; ``frames`` are those kept.

    ``closed`` are the codes with which its sockets ended.
    """

    def __init__(self, ports: list[int], session_id: str, first: int) -> None:
        super().__init__(name="viewer", daemon=True)
        self.ports, self.session_id, self.at = ports, session_id, first
        self.frames: list[dict[str, Any]] = []
        self.closed: list[int] = []
        self.is_over = False

    @property
    def seqs(self) -> list[int]:
        return [frame["seq"] for frame in self.frames]

    def run(self) -> None:
        while not self.is_over:
            try:
                self.watch()
            except ANSWERED:
                self.at += 1
                time.sleep(0.1)

    def watch(self) -> None:
        last = self.seqs[-1] if self.frames else 0
        port = self.ports[self.at % len(self.ports)]
        url = f"ws://127.0.0.1:{port}/ws/chat/{self.session_id}?last_seq={last}"
        with connect(url, open_timeout=5) as socket:
            while not self.is_over:
                try:
                    frame = json.loads(socket.recv(timeout=0.5))
                except TimeoutError:
                    continue
                except ConnectionClosed as end:
                    self.closed.append(end.rcvd.code if end.rcvd else 1006)
                    raise
                assert not frame.get("gap")
                if frame.get("seq"):
                    self.frames.append(frame)


@contextmanager
def watching(ports: list[int], session_id: str, count: int) -> Iterator[list[Viewer]]:
    """So many viewers, spread over the ports."""
    viewers = [Viewer(ports, session_id, number) for number in range(count)]
    for viewer in viewers:
        viewer.start()
    try:
        yield viewers
    finally:
        for viewer in viewers:
            viewer.is_over = True
        for viewer in viewers:
            viewer.join(5)


def ask(ports: list[int], method: str, path: str, **content: Any) -> dict[str, Any]:
    """As behind a proxy: the first port that answers."""
    for attempt in range(20):
        port = ports[attempt % len(ports)]
        try:
            answer = httpx.request(method, f"http://127.0.0.1:{port}{path}", timeout=10, **content)
        except httpx.TransportError:
            time.sleep(0.1)
            continue
        assert answer.is_success, answer.text
        body: dict[str, Any] = answer.json()
        return body
    raise AssertionError(f"nobody answers {path}")


def wait_for_status(
    ports: list[int], meeting_id: str, is_there: Callable[[dict[str, Any]], bool], seconds: float
) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def look() -> bool:
        found.update(ask(ports, "GET", f"/api/meetings/{meeting_id}/status"))
        return is_there(found)

    wait_until(look, seconds)
    return found
