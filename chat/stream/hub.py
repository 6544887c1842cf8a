"""All rooms of one process: what is published anywhere reaches their sockets, complete."""

import asyncio
import logging
import threading
import uuid
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from django.db import DatabaseError

from chat.frames import FrameText
from chat.stream import replay, wire
from chat.stream.exchange import Exchange, Told, exchange_channel
from chat.stream.outbox import Outbox
from chat.stream.room import Room
from chat.stream.subscription import Subscription

logger = logging.getLogger(__name__)

GAP_SECONDS = 0.05  # a frame of another process may overtake one of ours by so much
IN_FLIGHT_SECONDS = 0.25  # committed a moment ago: its frame is still on its way
GOODBYE_SECONDS = 0.5  # for what is in the middle of a look at the log when the hub closes

_HUBS: dict[asyncio.AbstractEventLoop, "Hub"] = {}
_LOCK = threading.Lock()


class Hub:
    """Lives while its process (its event loop) has sockets.

    Three ways lead a kept frame here: handed over within the process, published by another one
    through Redis, and read from the event log where neither came. The last alone is a promise,
    so the hub looks at the log whenever a ``seq`` is skipped, whenever Redis has been away, and
    every STREAM_CHECK_SECONDS.
    """

    def __init__(self) -> None:
        self.name = uuid.uuid4().hex
        self.loop = asyncio.get_running_loop()
        self.rooms: dict[str, Room] = {}
        self.subscription = Subscription(self.hear, self.doubt)
        self.prefix = wire.channel_prefix()
        self.doubted = asyncio.Event()
        self.exchange = Exchange(self.name, self.subscription.redis)
        self.subscription.channels[exchange_channel()] = asyncio.Event()
        self.is_over = False
        self.listening = asyncio.create_task(self.subscription.run())
        self.tasks = {asyncio.create_task(self.watch())}

    async def join(self, session_id: str, connection_id: str, outbox: Outbox, seq: int) -> int:
        """From now on the socket gets the room's frames; the ``seq`` after which they come.

        ``seq`` is the newest of the log, read before: where a new room begins.
        """
        room = self.rooms.get(session_id)
        if room is None:
            room = self.rooms[session_id] = Room(session_id, seq)
        room.outboxes[connection_id] = outbox
        position = room.seq
        await self.subscription.add(self.prefix + session_id)
        return position

    async def leave(self, session_id: str, connection_id: str) -> None:
        room = self.rooms.get(session_id)
        if room is None:
            return
        room.outboxes.pop(connection_id, None)
        if room.outboxes:
            return
        del self.rooms[session_id]
        if room.timer is not None:
            room.timer.cancel()
        if self.rooms:
            await self.subscription.remove(self.prefix + session_id)
        else:
            await self.close()

    async def close(self) -> None:
        """The last socket has gone; the next one makes a new hub."""
        with _LOCK:
            _HUBS.pop(self.loop, None)
        self.is_over = True
        self.doubted.set()
        await self.exchange.finish()
        await end_tasks({self.listening})
        # A cancelled look at the log would go on in its thread, with its connection.
        _, late = await asyncio.wait(self.tasks, timeout=GOODBYE_SECONDS)
        await end_tasks(late)
        await self.subscription.close()

    def hear(self, channel: str, body: bytes) -> None:
        try:
            if channel == exchange_channel():
                self.take(self.exchange.hear(body))
                return
            parcel = wire.decode_parcel(body)
        except (ValueError, TypeError):
            logger.warning("what came on %s was not for sockets", channel)
            return
        if self.name not in parcel.seen:
            self.receive(channel.removeprefix(self.prefix), parcel.frames, parcel.sender)

    def take(self, told: Sequence[Told]) -> None:
        for session_id, text, kind, sender in told:
            self.receive(session_id, [FrameText(text, kind)], sender)

    def receive(self, session_id: str, frames: Sequence[FrameText], sender: str = "") -> None:
        room = self.rooms.get(session_id)
        if room is None:
            return
        room.receive(frames, sender)
        self.await_early(room)

    def await_early(self, room: Room) -> None:
        """Give what is missing before a frame that came early a moment to arrive."""
        if room.early and room.timer is None and not self.is_over:
            room.timer = self.loop.call_later(GAP_SECONDS, self.close_gap, room)

    def close_gap(self, room: Room) -> None:
        """What did not come in time is read from the log, once for all sockets."""
        room.timer = None
        if room.early and not room.filling.locked():
            self.start(self.fill(room, max(room.early) - 1))

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def fill(self, room: Room, to_seq: int) -> None:
        async with room.filling:
            try:
                await self.read_gap(room, to_seq)
            except DatabaseError:
                logger.exception("session %s: the event log cannot be read", room.session_id)
                self.doubted.set()
                return
        self.await_early(room)  # of what came while the log was read

    async def read_gap(self, room: Room, to_seq: int) -> None:
        if to_seq - room.seq > replay.max_replayed():
            room.skip(to_seq)
        while (before := room.seq) < to_seq:
            found = await read(replay.read_events, room.session_id, before, to_seq)
            room.receive(found)
            if room.seq == before:  # retention was faster than we
                room.skip(min([*(frame.seq for frame in found), *room.early, to_seq + 1]) - 1)

    def doubt(self, _channel: str) -> None:
        """A channel is heard again, or for the first time: something may have been missed."""
        self.doubted.set()

    async def watch(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(check_seconds()):
                    await self.doubted.wait()
            if self.is_over:
                return
            self.doubted.clear()
            try:
                await self.subscription.ping()
                await self.exchange.greet()
                await self.compare_with_log()
            except DatabaseError as error:
                logger.warning("the event log cannot be read: %s", error)

    async def compare_with_log(self) -> None:
        """One query for all rooms; what is on its way meanwhile is given the time to arrive."""
        told = {room.session_id: room.seq for room in self.rooms.values()}
        newest = await read(replay.read_last_seqs, list(told))
        for session_id, seq in told.items():
            if newest.get(session_id, 0) < seq and (room := self.rooms.get(session_id)):
                room.restart()
        behind = [room for room in self.rooms.values() if room.seq < newest.get(room.session_id, 0)]
        if not behind:
            return
        await asyncio.sleep(IN_FLIGHT_SECONDS)
        for room in behind:
            if room.seq < newest[room.session_id]:
                await self.fill(room, newest[room.session_id])

    def tell(self, session_id: str, frame: FrameText, sender: str = "") -> None:
        """A frame that is not kept, from the event loop, to the room on all processes."""
        self.receive(session_id, [frame], sender)
        self.exchange.tell(Told(session_id, frame.text, frame.kind, sender))


async def end_tasks(tasks: set[asyncio.Task[None]]) -> None:
    """Cancel until it is heard: redis-py sends in ``asyncio.wait_for``, whose Python 3.11 version
    loses a cancellation that comes together with what it waits for.
    """
    while tasks:
        for task in tasks:
            task.cancel()
        _, tasks = await asyncio.wait(tasks, timeout=0.05)


async def read(function: Any, *args: Any) -> Any:
    """One hop to a thread with a database connection."""
    return await database_sync_to_async(function, thread_sensitive=False)(*args)


def check_seconds() -> float:
    return settings.STREAM_CHECK_SECONDS


def get_hub() -> Hub:
    """The hub of the running event loop, made where there is none."""
    loop = asyncio.get_running_loop()
    with _LOCK:
        hub = _HUBS.get(loop)
        if hub is None:
            hub = _HUBS[loop] = Hub()
        return hub


def deliver_here(session_id: str, frames: Sequence[FrameText], sender: str) -> list[str]:
    """Frames to the sockets of this process, from any thread; the names of the hubs that have them.

    So a process shows its own frames without Redis.
    """
    with _LOCK:
        hubs = [hub for hub in _HUBS.values() if session_id in hub.rooms]
    return [hub.name for hub in hubs if post(hub, session_id, frames, sender)]


def post(hub: Hub, session_id: str, frames: Sequence[FrameText], sender: str) -> bool:
    try:
        hub.loop.call_soon_threadsafe(hub.receive, session_id, frames, sender)
    except RuntimeError:  # its event loop is closed
        return False
    return True
