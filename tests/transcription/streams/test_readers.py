"""All readers of containers, whatever the cuts and the damage."""

import random
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.timing import check_seconds
from tests.transcription.recordings import (
    MP4,
    WEBM,
    cut,
    load_pieces,
    make_fragmented_aac,
    make_speech,
)
from transcription.streams import mp4, ogg, webm
from transcription.streams.packets import Init, Packet, Reader

Find = Callable[[bytes], Init | None]
SIZE = 2 * 1024 * 1024

RECORDINGS: dict[str, tuple[bytes, Find, type[Reader]]] = {
    "chromium webm": (b"".join(load_pieces(WEBM)), webm.find_init, webm.Reader),
    "chromium mp4": (b"".join(load_pieces(MP4)), mp4.find_init, mp4.Reader),
    "ffmpeg webm": (make_speech("webm"), webm.find_init, webm.Reader),
    "ffmpeg ogg": (make_speech("ogg"), ogg.find_init, ogg.Reader),
    "ffmpeg mp4 with aac": (make_fragmented_aac(), mp4.find_init, mp4.Reader),
}
PACKETS = {
    "chromium webm": 216,
    "chromium mp4": 132,
    "ffmpeg webm": 301,
    "ffmpeg ogg": 301,
    "ffmpeg mp4 with aac": 283,
}

# What each reader takes for the start of something, over and over.
ATTACKS = {
    "noise": random.Random(3).randbytes(SIZE),  # noqa: S311 - not a secret
    "zeros": bytes(SIZE),
    "blocks": b"\xa3" * SIZE,
    "blocks that never end": b"\xa3\x10\x0f\xff\xff\x81" * (SIZE // 6),
    "almost enough blocks": b"\xa3\x81\x81" * 3 * (SIZE // 10) + b"\xff",
    "clusters": bytes.fromhex("1f43b675a3") * (SIZE // 5),
    "groups": bytes.fromhex("a0488f") * (SIZE // 3),
    "pages that overlap": (b"OggS\0" + bytes(21) + b"\xff") * (SIZE // 27),
    "fragments of mp4": b"\0\0\0\x10moofmoof" * (SIZE // 12),
    "large fragments of mp4": b"\0\x0f\0\0moof" * (SIZE // 8),
}

every_recording = pytest.mark.parametrize("name", RECORDINGS)
places = st.lists(st.floats(0, 1), max_size=12)


def build_reader(name: str, *, is_synced: bool) -> Reader:
    data, find_init, reader = RECORDINGS[name]
    init = find_init(data)
    assert init is not None
    return reader(init, is_synced=is_synced)


def get_content(name: str) -> bytes:
    data, find_init, _ = RECORDINGS[name]
    init = find_init(data)
    assert init is not None
    return data[len(init.data) :]


def read_whole(name: str) -> list[Packet]:
    return build_reader(name, is_synced=True).feed(get_content(name))


@every_recording
def test_every_packet_is_found(name: str) -> None:
    assert len(read_whole(name)) == PACKETS[name]


@every_recording
@settings(max_examples=60, deadline=None)
@given(places=places)
def test_no_cut_loses_or_doubles_a_packet(name: str, places: list[float]) -> None:
    data = RECORDINGS[name][0]
    reader = build_reader(name, is_synced=True)
    first, *others = cut(data, places)
    pieces = [first[len(data) - len(get_content(name)) :], *others]
    assert [packet for piece in pieces for packet in reader.feed(piece)] == read_whole(name)


@every_recording
def test_cut_after_every_byte_loses_nothing(name: str) -> None:
    content, reader = get_content(name)[:6000], build_reader(name, is_synced=True)
    single = [packet for at in range(len(content)) for packet in reader.feed(content[at : at + 1])]
    assert single == build_reader(name, is_synced=True).feed(content)


@every_recording
@settings(max_examples=60, deadline=None)
@given(place=st.floats(0, 0.7))
def test_reader_finds_its_place_in_the_middle(name: str, place: float) -> None:
    content = get_content(name)
    reader = build_reader(name, is_synced=False)
    found = reader.feed(content[round(place * len(content)) :])
    assert reader.is_synced
    assert found
    assert [packet.data for packet in found] == [
        packet.data for packet in read_whole(name)[-len(found) :]
    ]


@every_recording
@settings(max_examples=60, deadline=None)
@given(place=st.floats(0, 1), junk=st.binary(min_size=1, max_size=64))
def test_damage_is_survived(name: str, place: float, junk: bytes) -> None:
    data, find_init, _ = RECORDINGS[name]
    at = round(place * len(data))
    damaged = data[:at] + junk + data[at + len(junk) :]
    find_init(damaged)
    content = damaged[len(data) - len(get_content(name)) :]
    assert len(build_reader(name, is_synced=True).feed(content)) <= PACKETS[name] + 64


@every_recording
@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_ends_quickly(name: str, attack: str) -> None:
    started = time.process_time()
    for is_synced in (False, True):
        build_reader(name, is_synced=is_synced).feed(ATTACKS[attack])
    check_seconds(time.process_time() - started, 6)


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=200), length=st.integers(0, 700))
def test_no_start_of_a_file_can_break_the_search_for_its_header(data: bytes, length: int) -> None:
    for recording, find_init, _ in RECORDINGS.values():
        find_init(data)
        find_init(recording[:length] + data)
