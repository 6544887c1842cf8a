"""A recorder as the browser has it: a session, and its chunks one after the other."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx

from bench.service import BenchError

BOUNDARY = "bench-5f1c2d7a9e4b"
FORM_TYPE = f"multipart/form-data; boundary={BOUNDARY}"
TIMEOUT_SECONDS = 30.0  # as the browser waits


def open_client(url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, timeout=TIMEOUT_SECONDS, trust_env=False)


def encode_form(index: int, sound: bytes) -> bytes:
    """The multipart body of one chunk. Made by hand: httpx spends longer on it than the server."""
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="chunk_index"\r\n\r\n{index}\r\n'
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="audio_chunk"; '
        f'filename="chunk_{index}.wav"\r\nContent-Type: audio/wav\r\n\r\n'
    )
    return head.encode() + sound + f"\r\n--{BOUNDARY}--\r\n".encode()


@dataclass(slots=True)
class Recorder:
    """One session; ``sent`` chunks were accepted so far."""

    client: httpx.AsyncClient
    sounds: Sequence[bytes]
    session_id: str = ""
    sent: int = 0
    milliseconds: list[float] = field(default_factory=list)

    async def start(self) -> None:
        answer = await self.client.post("/api/meetings/start", json={})
        self.session_id = check_answer(answer)["session_id"]

    async def send_next(self, due_at: float | None = None) -> None:
        """Sends a chunk and notes how long its answer took, from the moment it was due."""
        body = encode_form(self.sent, self.sounds[self.sent % len(self.sounds)])
        began = time.perf_counter() if due_at is None else due_at
        path, headers = f"/api/meetings/{self.session_id}/chunk", {"Content-Type": FORM_TYPE}
        answer = await self.client.post(path, content=body, headers=headers)
        check_answer(answer)
        self.milliseconds.append((time.perf_counter() - began) * 1000)
        self.sent += 1

    async def send_paced(self, seconds: int) -> None:
        """One chunk a second. A late one counts from when it was due, so no wait is hidden."""
        began = time.perf_counter()
        for turn in range(seconds):
            due_at = began + turn
            await asyncio.sleep(max(0.0, due_at - time.perf_counter()))
            await self.send_next(due_at)

    async def send_until(self, ends_at: float) -> None:
        while time.perf_counter() < ends_at:
            await self.send_next()


def check_answer(answer: httpx.Response) -> dict[str, str]:
    if answer.status_code != httpx.codes.OK:
        raise BenchError(f"{answer.request.url} answered {answer.status_code}: {answer.text[:300]}")
    body: dict[str, str] = answer.json()
    return body
