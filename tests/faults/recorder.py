"""A recorder that gives nothing up: it repeats a chunk until the service has answered for it."""

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import httpx

from tests.faults.world import World, wait_for

logging.getLogger("httpx").setLevel(logging.WARNING)  # a line for every look at a status
PATIENCE_SECONDS = 90.0
PAUSE_SECONDS = 0.1
OVER = {"completed", "failed", "cancelled"}


class Refused(AssertionError):
    """The service said no to something that it must take."""


class SteadyRecorder:
    """``accepted`` is what the service has acknowledged: meeting -> index -> sha256."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.http = httpx.Client(timeout=30)
        self.accepted: dict[str, dict[int, str]] = {}
        self.slowest = 0.0

    def start(self, **wishes: Any) -> str:
        meeting_id = str(self.ask("POST", "/api/meetings/start", json=wishes)["session_id"])
        self.accepted[meeting_id] = {}
        return meeting_id

    def send(self, meeting_id: str, index: int, data: bytes) -> dict[str, Any]:
        """The answer of 200, after as many tries as it takes."""
        started = time.monotonic()
        answer = self.ask(
            "POST",
            f"/api/meetings/{meeting_id}/chunk",
            files={"audio_chunk": ("chunk.wav", data, "audio/wav")},
            data={"chunk_index": str(index)},
        )
        self.slowest = max(self.slowest, time.monotonic() - started)
        if not answer.get("conflict"):
            self.note(meeting_id, index, data)
        return answer

    def note(self, meeting_id: str, index: int, data: bytes) -> None:
        """These bytes were acknowledged: from now on they must not be lost."""
        self.accepted[meeting_id][index] = hashlib.sha256(data).hexdigest()

    def send_all(self, meeting_id: str, chunks: Sequence[bytes], first: int = 0) -> None:
        for index, data in enumerate(chunks, first):
            self.send(meeting_id, index, data)

    def stop(self, meeting_id: str, **wishes: Any) -> None:
        """A stop whose answer was lost on the way counts once the meeting has ended."""
        try:
            self.ask("POST", f"/api/meetings/{meeting_id}/stop", json=wishes)
        except Refused:
            if self.read(meeting_id)["status"] == "recording":
                raise

    def read(self, meeting_id: str, part: str = "status") -> dict[str, Any]:
        return self.ask("GET", f"/api/meetings/{meeting_id}/{part}")

    def download(self, meeting_id: str) -> bytes:
        """The recording."""
        answer = self.http.get(f"{self.world.pick_url()}/api/meetings/{meeting_id}/audio")
        assert answer.status_code == httpx.codes.OK, answer.text[:500]
        return answer.content

    def wait(
        self, meeting_id: str, is_there: Callable[[dict[str, Any]], bool], seconds: float = 60
    ) -> None:
        wait_for(lambda: is_there(self.read(meeting_id)), seconds)

    def wait_transcribed(self, meeting_id: str, seconds: float = 60) -> None:
        """Every accepted chunk has its outcome."""
        count = len(self.accepted[meeting_id])
        self.wait(meeting_id, lambda status: status["chunks_processed"] == count, seconds)

    def wait_completed(self, meeting_id: str, seconds: float = 60) -> None:
        self.wait(meeting_id, lambda status: status["status"] in OVER, seconds)
        status = self.read(meeting_id)
        assert status["status"] == "completed", status

    def finish(self, meeting_id: str, seconds: float = 60) -> None:
        self.stop(meeting_id)
        self.wait_completed(meeting_id, seconds)

    def ask(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        """Repeats what was not answered or answered 5xx. Raises Refused for 4xx."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            said = self.try_once(method, path, **content)
            if isinstance(said, dict):
                return said
            assert time.monotonic() < deadline, f"{method} {path}: {said}"
            time.sleep(PAUSE_SECONDS)

    def try_once(self, method: str, path: str, **content: Any) -> dict[str, Any] | str:
        """The answer, or why there is none yet."""
        try:
            answer = self.http.request(method, self.world.pick_url() + path, **content)
        except httpx.TransportError as error:
            return repr(error)
        if answer.is_server_error:
            return answer.text[:500]
        if answer.status_code != httpx.codes.OK:
            raise Refused(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        body: dict[str, Any] = answer.json()
        return body


class Recording(threading.Thread):
    """Sends the chunks of one meeting beside the test, while that breaks things.

    Use as a context: its end waits until everything was acknowledged.
    """

    def __init__(
        self,
        recorder: SteadyRecorder,
        chunks: Sequence[bytes],
        *,
        pause: float = 0.1,
        meeting_id: str = "",
    ) -> None:
        super().__init__(name="recording", daemon=True)
        self.recorder, self.chunks, self.pause = recorder, chunks, pause
        self.meeting_id = meeting_id or recorder.start()
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            for index, data in enumerate(self.chunks):
                self.recorder.send(self.meeting_id, index, data)
                time.sleep(self.pause)
        except BaseException as error:  # noqa: BLE001 - told to the test at the end of the block
            self.failure = error

    def __enter__(self) -> "Recording":
        self.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self.join(PATIENCE_SECONDS)
        if self.failure is not None and kind is None:
            raise self.failure
        assert not self.is_alive(), "the recording did not come to its end"

    @property
    def count(self) -> int:
        return len(self.recorder.accepted[self.meeting_id])

    def wait_for(self, count: int, seconds: float = 60) -> None:
        """Returns when so many of its chunks were acknowledged."""
        wait_for(lambda: self.count >= count or self.failure, seconds)
