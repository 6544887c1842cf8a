"""Frames on their way to one socket: in order, never twice, and never more than it can hold."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Generator, Iterable
from typing import Any

from django.conf import settings

from chat.frames import FrameText, write_frame
from intellibooks.metrics.process import SOCKETS_CLOSED
from intellibooks.socket_protocol import WriteEncoded, encode_text

TOO_SLOW = 4408
# One of these replaces those before it: a slow reader needs the newest alone.
SUPERSEDING = "transcript_update"

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Outgoing:
    """A frame as all sockets of a room share it: encoded once, and as an ASGI message."""

    __slots__ = ("encoded", "kind", "message", "seq", "size")

    def __init__(self, frame: FrameText) -> None:
        self.encoded = encode_text(frame.text)
        self.message = {"type": "websocket.send", "text": frame.text}
        self.kind = frame.kind
        self.seq = frame.seq
        self.size = len(frame.text)


class Rest:
    """The rest of an ASGI send that began outside a task and has to wait."""

    __slots__ = ("first", "steps")

    def __init__(self, first: Any, steps: Generator[Any, Any, None]) -> None:
        self.first = first  # the future it waits for
        self.steps = steps

    def __await__(self) -> Generator[Any, Any, None]:
        try:
            yield self.first
        except BaseException as error:  # noqa: BLE001 - a cancellation belongs to the send
            self.steps.throw(error)
        yield from self.steps


def refuse(_: bytes) -> bool:
    """Of a server that can write no encoded frames."""
    return False


class Outbox:
    """One per socket. While the socket keeps up, a frame goes out at once, without a task.

    A socket that does not read fills the server's write buffer; from then on its frames wait
    here, and beyond SOCKET_QUEUE_FRAMES or SOCKET_QUEUE_BYTES it is closed with 4408. It may
    come back with the ``last_seq`` it has. ``put`` never waits, so no reader slows the others.
    """

    __slots__ = (
        *("flushing", "held", "is_over", "muted"),
        *("queue", "send", "seq", "session_id", "size", "write"),
    )

    def __init__(
        self, session_id: str, send: Send, muted: Iterable[str] = (), write: WriteEncoded = refuse
    ) -> None:
        """``write`` takes an encoded frame at once, or refuses it; ``send`` waits if it has to."""
        self.session_id = session_id
        self.send = send
        self.write = write
        self.muted = frozenset(muted)
        self.seq = 0  # of the newest kept frame that was put
        self.queue: deque[Outgoing] = deque()
        self.size = 0
        self.held = True
        self.flushing: asyncio.Task[None] | None = None
        self.is_over = False

    def put(self, frame: Outgoing) -> None:
        """Send it, now or in its turn; drop what the socket has or did not ask for."""
        if self.is_over:
            return
        if self.held or self.flushing is not None:
            self.enqueue(frame)
            return
        if frame.seq:
            if frame.seq <= self.seq:
                return
            self.seq = frame.seq
        if frame.kind in self.muted:
            return
        if not self.write(frame.encoded):
            self.start_sending(frame)

    def start_sending(self, frame: Outgoing) -> None:
        """Most sends end without waiting; a task for each would cost more than the send."""
        steps: Any = self.send(frame.message).__await__()
        try:
            first = next(steps)
        except StopIteration:
            return
        except (OSError, RuntimeError):  # what servers raise for a socket that is gone
            self.end()
            return
        self.flushing = asyncio.create_task(self.flush(Rest(first, steps)))

    def enqueue(self, frame: Outgoing) -> None:
        if frame.kind in self.muted:
            return
        if frame.kind == SUPERSEDING:
            self.forget_superseded()
        self.queue.append(frame)
        self.size += frame.size
        if len(self.queue) > max_frames() or self.size > max_bytes():
            self.end()
            if self.flushing is None:
                self.flushing = asyncio.create_task(self.flush())

    def forget_superseded(self) -> None:
        for frame in [frame for frame in self.queue if frame.kind == SUPERSEDING]:
            self.queue.remove(frame)
            self.size -= frame.size

    async def flush(self, rest: Rest | None = None) -> None:
        """Send what waits; then say goodbye if it was too much."""
        try:
            if rest is not None:
                await rest
            await self.send_queued()
            if self.is_over:
                reason = "Too slow; resume with last_seq."
                await self.send({"type": "websocket.close", "code": TOO_SLOW, "reason": reason})
                SOCKETS_CLOSED.labels(TOO_SLOW).inc()
        except (OSError, RuntimeError):
            self.end()
        finally:
            self.flushing = None

    async def send_queued(self) -> None:
        while self.queue and not self.held:
            frame = self.queue.popleft()
            self.size -= frame.size
            if frame.seq:
                if frame.seq <= self.seq:
                    continue
                self.seq = frame.seq
            await self.send(frame.message)

    def end(self) -> None:
        """Nothing more goes out from here."""
        self.is_over = True
        self.queue.clear()
        self.size = 0

    def leave(self) -> None:
        """The socket is gone."""
        self.end()
        if self.flushing is not None:
            self.flushing.cancel()

    def hold(self) -> None:
        """Frames of the room wait until ``release``: what was missed goes first."""
        self.held = True

    def release(self) -> None:
        self.held = False
        if self.queue and self.flushing is None:
            self.flushing = asyncio.create_task(self.flush())

    def skip(self, after_seq: int, to_seq: int) -> None:
        """The room's events between do not come: they are too many, or no longer there."""
        if to_seq > self.seq:
            from_seq = max(after_seq, self.seq) + 1
            fields = {"from_seq": from_seq, "to_seq": to_seq, "gap": True}
            self.put(Outgoing(write_frame("resumed", self.session_id, **fields)))


def max_frames() -> int:
    return settings.SOCKET_QUEUE_FRAMES


def max_bytes() -> int:
    return settings.SOCKET_QUEUE_BYTES
