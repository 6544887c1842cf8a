"""The whole service in processes of its own, on the kind of stores that this run uses."""

import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
from psycopg import sql

from tests.intellibooks.serve_process import ServeProcess


@contextmanager
def own_stores() -> Iterator[dict[str, Any]]:
    """Variables that name a database and a Redis which no other test touches."""
    env: dict[str, Any] = {}
    if redis_url := os.environ.get("REDIS_URL"):
        server, _, number = redis_url.rpartition("/")
        env["REDIS_URL"] = f"{server}/{int(number) + 1}"
        env["CHANNEL_PREFIX"] = f"service-{uuid.uuid4().hex[:8]}"
    database_url = os.environ.get("DATABASE_URL", "")
    if not database_url.startswith("postgres"):
        yield env
        return
    name = f"service_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(database_url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield {**env, "DATABASE_URL": urlsplit(database_url)._replace(path=f"/{name}").geturl()}
        drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
        admin.execute(drop)


class Recorder:
    """What the frontend does over REST, against one running service."""

    def __init__(self, serve: ServeProcess) -> None:
        self.serve = serve
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{serve.port}", timeout=30)

    def start(self, **wishes: Any) -> str:
        return str(self.post("/api/meetings/start", json=wishes)["session_id"])

    def send(self, meeting_id: str, index: int, data: bytes) -> dict[str, Any]:
        return self.post(
            f"/api/meetings/{meeting_id}/chunk",
            files={"audio_chunk": ("chunk.wav", data, "audio/wav")},
            data={"chunk_index": str(index)},
        )

    def stop(self, meeting_id: str) -> dict[str, Any]:
        return self.post(f"/api/meetings/{meeting_id}/stop", json={})

    def post(self, path: str, **content: Any) -> dict[str, Any]:
        answer = self.http.post(path, **content)
        assert answer.status_code == httpx.codes.OK, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def read(self, meeting_id: str, part: str = "status") -> dict[str, Any]:
        answer = self.http.get(f"/api/meetings/{meeting_id}/{part}")
        assert answer.status_code == httpx.codes.OK, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def wait(
        self, meeting_id: str, is_there: Callable[[dict[str, Any]], bool], seconds: float = 60
    ) -> dict[str, Any]:
        """The status of the meeting once it is as wished."""
        deadline = time.monotonic() + seconds
        while not is_there(status := self.read(meeting_id)):
            assert time.monotonic() < deadline, status
            time.sleep(0.1)
        return status

    def wait_completed(self, meeting_id: str, seconds: float = 60) -> dict[str, Any]:
        over = {"completed", "failed"}
        status = self.wait(meeting_id, lambda status: status["status"] in over, seconds)
        assert status["status"] == "completed", status
        return status
