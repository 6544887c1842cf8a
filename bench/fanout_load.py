"""The load of the fan-out, from a process of its own: raw WebSocket clients, nothing else.

Usage: python -m bench.fanout_load SERVER PORT[,PORT] ROOMS MEMBERS WINDOW SECONDS; SERVER is
a name in DIALECTS. Prints "ready", waits for a line, measures, prints one JSON object.
The same code speaks to all servers; a dialect says what a frame looks like on the wire.
"""

import asyncio
import base64
import json
import os
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, cast

import uvloop

from bench.figures import percentile

HOST = "127.0.0.1"
PADDING = "x" * 60  # a delivered frame has about 200 bytes with either server
DRAIN_SECONDS = 10.0
SETTLE_SECONDS = 1.2  # the frames about who came are through by then
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class Dialect(NamedTuple):
    """How a server is spoken to: the address, what it says first, how to shout."""

    path: str
    hello: bytes  # sent after the handshake; empty for none
    welcome: bytes  # the start of the frame after which the client is in the room
    shout: str
    beat: bytes  # a text frame that must be answered, empty for none
    answer: bytes


BARE_SHOUT = '{{"type":"shout","content":"#{number}#{padding}"}}'

DIALECTS = {
    "ours": Dialect(
        "/ws/chat/{room}?user_id={user}",
        b"",
        b'{"type":"system"',
        BARE_SHOUT,
        b"",
        b"",
    ),
    "plain": Dialect("/?room={room}", b"", b'{"type":"system"', BARE_SHOUT, b"", b""),
    "stock": Dialect("/ws/{room}/", b"", b'{"type": "system"', BARE_SHOUT, b"", b""),
    "socketio": Dialect(
        "/socket.io/?EIO=4&transport=websocket&room={room}",
        b"40",
        b"40{",
        '42["shout",{{"type":"shout","session_id":"{room}",'
        '"timestamp":"2026-01-01T00:00:00.000Z","content":"#{number}#{padding}"}}]',
        b"2",
        b"3",
    ),
}


@dataclass(slots=True)
class Room:
    """One sender keeps ``window`` messages on their way; each must reach all the others."""

    name: str
    members: int
    dialect: Dialect
    window: int
    shout: Callable[[bytes], None] = field(init=False)  # of its first member
    number: int = 0
    left: dict[int, int] = field(default_factory=dict)  # message -> deliveries that are missing
    sent_at: dict[int, float] = field(default_factory=dict)
    is_on: bool = False
    deliveries: int = 0
    counts_from: float = float("inf")
    waits: list[float] = field(default_factory=list)

    def fill(self) -> None:
        while self.is_on and len(self.left) < self.window:
            self.number += 1
            self.left[self.number] = self.members - 1
            self.sent_at[self.number] = time.perf_counter()
            text = self.dialect.shout.format(number=self.number, padding=PADDING, room=self.name)
            self.shout(text.encode())

    def take(self, number: int, now: float) -> None:
        sent_at = self.sent_at[number]
        if now >= self.counts_from:
            self.deliveries += 1
            self.waits.append(now - sent_at)
        self.left[number] -= 1
        if not self.left[number]:
            del self.left[number], self.sent_at[number]
            self.fill()


class Client(asyncio.Protocol):
    """One socket of a room."""

    def __init__(self, room: Room, user: int, entered: Callable[[], None]) -> None:
        self.room, self.user, self.entered = room, user, entered
        self.dialect = room.dialect
        self.buffer = b""
        self.is_open = self.is_in = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # what a TCP connection has
        path = self.dialect.path.format(room=self.room.name, user=self.user)
        key = base64.b64encode(os.urandom(16)).decode()
        host = transport.get_extra_info("peername")
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: {host[0]}:{host[1]}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
        ]
        self.transport.write("\r\n".join([*lines, "", ""]).encode())

    def data_received(self, data: bytes) -> None:
        data = self.buffer + data if self.buffer else data
        at = 0
        if not self.is_open:
            if b"\r\n\r\n" not in data:
                self.buffer = data
                return
            if not data.startswith(b"HTTP/1.1 101"):
                raise SystemExit(f"refused: {data[:80]!r}")
            self.is_open = True
            at = data.index(b"\r\n\r\n") + 4
            if self.dialect.hello:
                self.send(self.dialect.hello)
        self.read_frames(data, at)

    def read_frames(self, data: bytes, at: int) -> None:
        now, size = time.perf_counter(), len(data)
        while size - at >= 2:
            length, begin = data[at + 1], at + 2
            if length == 126:
                begin = at + 4
                if size < begin:
                    break
                length = (data[at + 2] << 8) | data[at + 3]
            elif length == 127:  # who is in a room of hundreds
                begin = at + 10
                if size < begin:
                    break
                length = int.from_bytes(data[at + 2 : begin])
            if size < begin + length:
                break
            self.take(data[at] & 15, data[begin : begin + length], now)
            at = begin + length
        self.buffer = data[at:]

    def take(self, opcode: int, payload: bytes, now: float) -> None:
        mark = payload.find(b'"#')
        if mark >= 0:
            self.room.take(int(payload[mark + 2 : payload.index(b"#", mark + 2)]), now)
        elif opcode == PING:
            self.send(payload, PONG)
        elif opcode == CLOSE:
            raise SystemExit(f"closed: {payload!r}")
        elif self.dialect.beat and payload == self.dialect.beat:
            self.send(self.dialect.answer)
        elif not self.is_in and payload.startswith(self.dialect.welcome):
            self.is_in = True
            self.entered()

    def send(self, payload: bytes, opcode: int = TEXT) -> None:
        """Masked with zeros: allowed, and it costs neither side anything."""
        size = len(payload)
        head = (
            struct.pack("!BB", 0x80 | opcode, 0x80 | size)
            if size < 126
            else struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
        )
        self.transport.write(head + b"\0\0\0\0" + payload)


async def enter(room: Room, ports: list[int]) -> None:
    """All members, spread over the ports; they come ten at a time."""
    loop = asyncio.get_running_loop()
    for begin in range(0, room.members, 10):
        waiting = []
        for user in range(begin, min(begin + 10, room.members)):
            came = asyncio.Event()
            _, client = await loop.create_connection(
                lambda user=user, came=came: Client(room, user, came.set),  # type: ignore[misc]
                HOST,
                ports[user % len(ports)],
            )
            if user == 0:
                room.shout = client.send
            waiting.append(came.wait())
        await asyncio.wait_for(asyncio.gather(*waiting), 30)


async def run(server: str, ports: list[int], rooms: list[Room], seconds: float) -> None:
    for room in rooms:
        await enter(room, ports)
    await asyncio.sleep(SETTLE_SECONDS)
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    for room in rooms:
        room.is_on = True
        room.fill()
    await asyncio.sleep(seconds / 5)
    began = time.perf_counter()
    for room in rooms:
        room.counts_from = began
    print("begun", flush=True)
    await asyncio.sleep(seconds)
    for room in rooms:
        room.is_on = False
    took, deliveries = time.perf_counter() - began, sum(room.deliveries for room in rooms)
    print("ended", flush=True)
    await drain(rooms)
    waits = [wait for room in rooms for wait in room.waits]
    result = {
        "deliveries_per_second": deliveries / took,
        "deliveries": deliveries,
        "p50_ms": percentile(waits, 50) * 1000,
        "p99_ms": percentile(waits, 99) * 1000,
        "lost": sum(sum(room.left.values()) for room in rooms),
    }
    print(json.dumps(result), flush=True)


async def drain(rooms: list[Room]) -> None:
    deadline = time.perf_counter() + DRAIN_SECONDS
    while any(room.left for room in rooms) and time.perf_counter() < deadline:
        await asyncio.sleep(0.02)


def main(arguments: list[str]) -> None:
    server, ports, rooms, members, window, seconds = arguments
    made = [
        Room(f"bench-{os.getpid()}-{index}", int(members), DIALECTS[server], int(window))
        for index in range(int(rooms))
    ]
    uvloop.run(run(server, [int(port) for port in ports.split(",")], made, float(seconds)))


if __name__ == "__main__":
    main(sys.argv[1:])
