"""One meeting of the load: a recorder that keeps real time, and a viewer who waits for its text."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
from websockets.asyncio.client import ClientConnection, connect

TIMEOUT_SECONDS = 30.0
DONE = {"transcribed", "silent", "failed"}


class LoadError(Exception):
    """The service does not do what the load needs; a sentence says what."""


@dataclass(frozen=True, slots=True)
class Target:
    """The service, and who asks."""

    url: str
    token: str = ""

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    @property
    def socket_url(self) -> str:
        parts = urlsplit(self.url)
        return f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}"


@dataclass(slots=True)
class Meeting:
    """``lags`` are seconds from a chunk's acceptance to the frame that says it was heard."""

    http: httpx.AsyncClient
    session_id: str
    accepted_at: dict[int, float] = field(default_factory=dict)
    heard_at: dict[int, float] = field(default_factory=dict)
    answers: list[float] = field(default_factory=list)  # seconds of an upload

    @property
    def lags(self) -> list[float]:
        """Of a chunk that was not heard yet: as long as it has waited so far."""
        now = time.monotonic()
        return [
            max(0.0, self.heard_at.get(index, now) - at) for index, at in self.accepted_at.items()
        ]

    async def record(self, sounds: Sequence[bytes], every: float, delay: float, count: int) -> None:
        """One chunk every so many seconds, on time however long the last one took."""
        begin = time.monotonic() + delay
        for number in range(count):
            await asyncio.sleep(max(0.0, begin + number * every - time.monotonic()))
            await self.send(len(self.accepted_at), sounds[number % len(sounds)])

    async def send(self, index: int, sound: bytes) -> None:
        began = time.monotonic()
        answer = await self.http.post(
            f"/api/meetings/{self.session_id}/chunk",
            files={"audio_chunk": ("chunk.wav", sound, "audio/wav")},
            data={"chunk_index": str(index)},
        )
        check(answer)
        self.accepted_at[index] = time.monotonic()
        self.answers.append(self.accepted_at[index] - began)

    async def listen(self, socket: ClientConnection) -> None:
        async for text in socket:
            frame = json.loads(text)
            if frame["type"] == "chunk" and frame.get("state") in DONE:
                self.heard_at.setdefault(frame["chunk_index"], time.monotonic())

    async def count_lost(self) -> int:
        """Accepted chunks of which the service knows nothing. Raises LoadError."""
        ledger = check(await self.http.get(f"/api/meetings/{self.session_id}/chunks"))
        known = {chunk["index"] for chunk in ledger["chunks"]}
        return len(self.accepted_at.keys() - known)

    async def is_recording(self) -> bool:
        """False would be an abrupt end that nobody gave cause for. Raises LoadError."""
        status = check(await self.http.get(f"/api/meetings/{self.session_id}/status"))
        return bool(status["status"] == "recording")


def check(answer: httpx.Response) -> dict[str, Any]:
    """Raises LoadError."""
    if not answer.is_success:
        raise LoadError(f"{answer.url.path} answered {answer.status_code}: {answer.text[:200]}")
    body: dict[str, Any] = answer.json()
    return body


async def start(http: httpx.AsyncClient) -> str:
    """The new meeting's id; waits where the service limits how fast one may start them."""
    while True:
        answer = await http.post("/api/meetings/start", json={"title": "Load test"})
        if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
            return str(check(answer)["session_id"])
        await asyncio.sleep(float(answer.headers.get("Retry-After", 1)))


@asynccontextmanager
async def open_meeting(target: Target, http: httpx.AsyncClient) -> AsyncIterator[Meeting]:
    """It is gone afterwards, with everything in it."""
    meeting = Meeting(http, await start(http))
    address = f"{target.socket_url}/ws/chat/{meeting.session_id}?transcript=delta"
    try:
        async with connect(
            address, additional_headers=target.headers, compression=None, proxy=None
        ) as socket:
            listening = asyncio.create_task(meeting.listen(socket))
            try:
                yield meeting
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
    finally:
        await http.delete(f"/api/meetings/{meeting.session_id}", params={"force": "true"})
