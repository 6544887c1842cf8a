"""The presence of the sockets that one process holds: kept alive, and told when it changes."""

import asyncio
import logging
from collections import defaultdict
from datetime import UTC, datetime
from weakref import WeakKeyDictionary

from redis.exceptions import RedisError

from chat import events, presence
from chat.frames import format_utc, write_frame
from chat.presence import Attendance
from chat.stream.socket import RoomSocket

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_REFRESHES = 15  # a third of what Redis remembers
SECONDS_TO_GATHER = 0.05  # sockets that come at once are told of at once
SECONDS_BETWEEN_TRIES = 0.25

_WATCHES: WeakKeyDictionary[asyncio.AbstractEventLoop, "PresenceWatch"] = WeakKeyDictionary()


class PresenceWatch:
    """Lives while its process (its event loop) has sockets, as the hub does.

    At most one task per room: it writes what changed, waits until the room may be told again
    (once a second, whichever process does it), and tells.
    """

    def __init__(self) -> None:
        self.here: dict[str, dict[str, Attendance]] = defaultdict(dict)
        self.gone: dict[str, list[Attendance]] = defaultdict(list)
        self.changed: set[str] = set()  # rooms whose change Redis does not know yet
        self.settling: dict[str, asyncio.Task[None]] = {}
        self.refreshing = asyncio.create_task(self.refresh_forever())

    def enter(self, socket: RoomSocket) -> None:
        self.here[socket.session_id][socket.connection_id] = Attendance(
            connection_id=socket.connection_id,
            user_id=socket.identity.user_id,
            since=format_utc(datetime.now(UTC)),
        )
        self.settle_soon(socket.session_id)

    def leave(self, socket: RoomSocket) -> None:
        room = self.here.get(socket.session_id, {})
        if (attendance := room.pop(socket.connection_id, None)) is None:
            return
        self.gone[socket.session_id].append(attendance)
        if not room:
            del self.here[socket.session_id]
        self.settle_soon(socket.session_id)

    def settle_soon(self, session_id: str) -> None:
        self.changed.add(session_id)
        if session_id not in self.settling:
            task = asyncio.create_task(self.settle(session_id))
            self.settling[session_id] = task

    async def settle(self, session_id: str) -> None:
        try:
            await asyncio.sleep(SECONDS_TO_GATHER)
            await self.settle_now(session_id)
        except RedisError as error:
            logger.warning("presence in session %s waits for Redis: %s", session_id, error)
        finally:
            del self.settling[session_id]
            self.close_if_idle()

    async def settle_now(self, session_id: str) -> None:
        """As often as somebody comes or goes meanwhile: nothing is awaited after the last look."""
        while session_id in self.changed:
            if not await self.write(session_id):
                continue
            while not await asyncio.to_thread(presence.may_tell, session_id):
                await asyncio.sleep(SECONDS_BETWEEN_TRIES)
            await self.write(session_id)  # who came or went while we waited
            await asyncio.to_thread(tell_presence, session_id)

    async def write(self, session_id: str) -> bool:
        self.changed.discard(session_id)
        gone = self.gone.pop(session_id, [])
        present = list(self.here.get(session_id, {}).values())
        return await asyncio.to_thread(presence.update, session_id, present, gone)

    async def refresh_forever(self) -> None:
        while True:
            await asyncio.sleep(SECONDS_BETWEEN_REFRESHES)
            for session_id in list(self.here):
                self.settle_soon(session_id)

    def close_if_idle(self) -> None:
        if not self.here and not self.settling:
            self.refreshing.cancel()
            _WATCHES.pop(asyncio.get_running_loop(), None)


def tell_presence(session_id: str) -> None:
    """Who is there now, to the sockets of every process. Raises RedisError."""
    frame = write_frame("presence", session_id, **presence.describe(session_id))
    events.publish(session_id, [frame])


def get_watch() -> PresenceWatch:
    """The one of this event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _WATCHES:
        _WATCHES[loop] = PresenceWatch()
    return _WATCHES[loop]
