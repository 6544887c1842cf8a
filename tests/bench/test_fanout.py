"""The measurement of the fan-out counts what arrived, and nothing else."""

import json
import struct
from typing import Any

import pytest

from bench.fanout_load import DIALECTS, TEXT, Client, Room
from bench.fanout_servers import running_rooms, running_stock
from bench.parts import fanout
from bench.parts.fanout import Shape, Turn, compare, take_turn


def encode_frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """As a server sends it: whole and not masked."""
    size = len(payload)
    if size < 126:
        return struct.pack("!BB", 0x80 | opcode, size) + payload
    if size < 65_536:
        return struct.pack("!BBH", 0x80 | opcode, 126, size) + payload
    return struct.pack("!BBQ", 0x80 | opcode, 127, size) + payload


def shout(number: int) -> bytes:
    return encode_frame(
        json.dumps({"type": "shout", "content": f"#{number}#" + "x" * 150}).encode()
    )


def open_client(members: int) -> tuple[Room, Client]:
    room = Room("room", members, DIALECTS["ours"], window=2)
    room.shout = lambda _: None
    client = Client(room, 1, lambda: None)
    client.is_open = client.is_in = room.is_on = True
    room.counts_from = 0
    room.fill()
    return room, client


@pytest.mark.parametrize("cut", [1, 7, 3, 100_000])
def test_frames_are_counted_however_the_bytes_come(cut: int) -> None:
    room, client = open_client(members=2)
    presence = encode_frame(b'{"type":"presence","members":[' + b'"a",' * 20_000 + b'"b"]}')
    stream = shout(1) + presence + shout(2) + encode_frame(b'{"type":"presence"}') + shout(3)
    for begin in range(0, len(stream), cut):
        client.data_received(stream[begin : begin + cut])
    assert room.deliveries == 3


def test_message_is_on_its_way_until_everybody_has_it() -> None:
    room, client = open_client(members=3)
    client.data_received(shout(1))
    assert (room.left[1], room.number) == (1, 2)
    client.data_received(shout(1))
    assert 1 not in room.left
    assert room.number == 3


def test_comparison_is_of_turns_of_the_same_round() -> None:
    rates: dict[str, list[float]] = {"ours": [10, 100, 30], "theirs": [10, 50, 60]}
    found: dict[str, list[Turn]] = {
        name: [Turn(rate=rate, p99=1, cpu=1, lost=0) for rate in each]
        for name, each in rates.items()
    }
    assert compare(found, ("ours", "theirs")) == (1.0, 1.0)


def test_load_reaches_the_product_and_nothing_is_lost(monkeypatch: Any) -> None:
    monkeypatch.setattr(fanout, "SECONDS", 0.3)
    with running_rooms(2) as server:
        turn = take_turn(server, Shape("small", 2, 6, 2))
    assert turn.lost == 0
    assert turn.rate > 100
    assert turn.cpu > 0


def test_load_reaches_channels_as_its_tutorial_uses_it(monkeypatch: Any) -> None:
    monkeypatch.setattr(fanout, "SECONDS", 0.3)
    with running_stock() as server:
        turn = take_turn(server, Shape("small", 1, 4, 1))
    assert turn.lost == 0
    assert turn.rate > 10
