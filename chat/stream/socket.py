"""One socket in a room, as its frame handlers know it."""

import uuid
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from channels.db import database_sync_to_async

from chat.access import Act
from chat.frames import FrameText, write_frame
from chat.stream import entry, replay
from chat.stream.hub import Hub, get_hub
from chat.stream.options import read_options
from chat.stream.outbox import Outbox, Send, refuse
from intellibooks.errors import Forbidden
from intellibooks.identity import STRANGER, Identity
from intellibooks.metrics.process import FRAMES, SOCKETS, SOCKETS_CLOSED
from intellibooks.socket_protocol import WRITE_ENCODED

ACCESS_LOST = 4403

P = ParamSpec("P")
R = TypeVar("R")


class AccessLost(Forbidden):
    """The person may no longer see the room."""


class RoomSocket:
    """Public to handlers: ``session_id``, ``identity``, ``connection_id``, ``address``,
    ``send_text``, ``reply``, ``run``, ``tell_others``, ``tell_all``, ``state``.
    """

    __slots__ = (
        *("acts", "address", "connection_id", "entered_seq", "hub", "identity", "needs", "options"),
        *("outbox", "send", "session_id", "state", "subprotocol"),
    )

    def __init__(self, scope: Any, send: Send) -> None:
        self.session_id: str = scope["url_route"]["kwargs"]["session_id"]
        self.identity: Identity = scope.get("identity", STRANGER)
        self.address: str = (scope.get("client") or ("",))[0]
        self.subprotocol: str | None = scope.get("accepted_subprotocol")
        self.connection_id = uuid.uuid4().hex
        self.options = read_options(scope.get("query_string", b""))
        self.send = send
        write = scope.get("state", {}).get(WRITE_ENCODED, refuse)
        self.outbox = Outbox(self.session_id, send, self.options.muted, write)
        self.acts: frozenset[str] = frozenset()
        self.entered_seq = 0  # the newest event when it came
        self.needs: Act = "view"  # of the frame that is being handled
        self.hub: Hub | None = None
        self.state: dict[str, Any] = {}  # whatever a handler remembers of this connection

    async def send_text(self, text: str) -> None:
        """Waits while the client does not read."""
        await self.send({"type": "websocket.send", "text": text})

    async def reply(self, frame_type: str, **fields: Any) -> None:
        """A frame to this socket alone."""
        await self.send_text(write_frame(frame_type, self.session_id, **fields).text)

    async def complain(self, code: str, error: str) -> None:
        await self.reply("error", error=error, content=error, code=code)

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """``function`` in a thread with a database, once the access has been asked again there.

        Raises Forbidden where the frame's act is no longer allowed, AccessLost where nothing is.
        """

        def check_and_run() -> R:
            self.acts = entry.look_up_acts(self.session_id, self.identity)
            self.require(self.needs)
            return function(*args, **kwargs)

        return await database_sync_to_async(check_and_run, thread_sensitive=False)()

    def require(self, act: Act) -> None:
        """By what was last looked up. Raises Forbidden or AccessLost."""
        if "view" not in self.acts:
            raise AccessLost
        if act not in self.acts:
            raise Forbidden

    def tell_others(self, frame_type: str, **fields: Any) -> None:
        """A frame that is not kept, to the room's other sockets on every process."""
        self.tell(write_frame(frame_type, self.session_id, **fields), self.connection_id)

    def tell_all(self, frame_type: str, **fields: Any) -> None:
        """The same, to this one too."""
        self.tell(write_frame(frame_type, self.session_id, **fields))

    def tell(self, frame: FrameText, sender: str = "") -> None:
        if self.hub is not None:
            self.hub.tell(self.session_id, frame, sender)

    async def accept(self) -> None:
        await self.send({"type": "websocket.accept", "subprotocol": self.subprotocol})

    async def close(self, code: int, reason: str = "") -> None:
        """4xxx or 1000; nothing else can be sent once the socket is accepted."""
        self.outbox.end()
        SOCKETS_CLOSED.labels(code).inc()
        await self.send({"type": "websocket.close", "code": code, "reason": reason})

    async def enter(self) -> None:
        """Look whether the person may come in. Raises NotFound or Forbidden."""
        found = await database_sync_to_async(entry.enter_room, thread_sensitive=False)(
            self.session_id, self.identity
        )
        self.acts = found.acts
        self.entered_seq = self.outbox.seq = found.last_seq

    async def join(self) -> None:
        """Greet, bring up to date, go live."""
        self.hub = get_hub()
        SOCKETS.inc()
        position = await self.hub.join(
            self.session_id, self.connection_id, self.outbox, self.outbox.seq
        )
        self.outbox.seq = 0  # what the room hands out is news
        self.tell_others("system", event="user_joined", content="A participant joined")
        await self.reply(
            "system",
            event="connected",
            content="Connected to session",
            metadata={"last_seq": position},
        )
        if self.options.last_seq is None:
            self.outbox.release()
        else:
            await self.resume(self.options.last_seq)

    async def resume(self, last_seq: int) -> None:
        """What came after that event, then ``resumed``, then what has come meanwhile.

        What the room hands out is held from before the log is read: so there is no gap, and the
        outbox drops what was in both.
        """
        self.outbox.hold()
        try:
            missed = await self.run(
                entry.look_up_missed_by, self.identity, self.session_id, last_seq, self.entered_seq
            )
            if missed.is_replayable:
                await self.replay(last_seq, missed.to_seq)
            self.outbox.seq = missed.to_seq
            await self.reply(
                "resumed",
                from_seq=last_seq + 1,
                to_seq=missed.to_seq,
                gap=not missed.is_replayable,
            )
        finally:
            self.outbox.release()

    async def replay(self, after_seq: int, to_seq: int) -> None:
        """Page by page, as fast as the client reads."""
        while after_seq < to_seq and not self.outbox.is_over:
            page = await self.run(replay.read_events, self.session_id, after_seq, to_seq)
            for frame in page:
                if frame.kind not in self.options.muted:
                    await self.send_text(frame.text)
            FRAMES.inc(len(page))
            after_seq = page[-1].seq if page else to_seq

    async def leave(self) -> None:
        if self.hub is None:
            return
        SOCKETS.dec()
        self.outbox.leave()
        self.tell_others("system", event="user_left", content="A participant left")
        await self.hub.leave(self.session_id, self.connection_id)
