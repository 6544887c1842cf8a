"""An encrypted file gives back every range of what it holds, and nothing that was changed."""

import io
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intellibooks.media_keys import MediaKeys, parse_media_keys
from meetings.encryption import sealing
from meetings.encryption.errors import MediaKeyMissing, MediaTampered, SealError
from meetings.encryption.sealing import FRAME_BYTES, HEADER_BYTES, MAGIC, SEALED_BYTES, RawFile

KEYS = MediaKeys("new", {"new": bytes(range(32)), "old": bytes(32)})
OFF = MediaKeys()
NAME = "0123456789abcdef0123456789abcdef/chunks/000001-0123456789abcdef"
CONTENT = bytes(value % 251 for value in range(3 * FRAME_BYTES + 1234))
SIZES = (0, 1, FRAME_BYTES - 1, FRAME_BYTES, FRAME_BYTES + 1, 2 * FRAME_BYTES, len(CONTENT))


def seal(content: bytes, name: str = NAME, keys: MediaKeys = KEYS, piece: int = 50_000) -> bytes:
    pieces = (content[start : start + piece] for start in range(0, len(content), piece))
    return b"".join(sealing.seal(pieces, name, keys))


def make_raw(stored: bytes) -> RawFile:
    return RawFile(io.BytesIO(stored), stored[:HEADER_BYTES], len(stored))


def unseal(stored: bytes, name: str = NAME, keys: MediaKeys = KEYS) -> bytes:
    opened = sealing.open_sealed(make_raw(stored), name, keys)
    return stored if opened is None else opened.read()


SEALED = seal(CONTENT)


@pytest.mark.parametrize("size", SIZES)
def test_file_of_each_size_comes_back(size: int) -> None:
    stored = seal(CONTENT[:size])
    assert unseal(stored) == CONTENT[:size]
    assert sealing.measure_content(make_raw(stored), NAME) == size


@given(piece=st.integers(1, 2 * FRAME_BYTES), size=st.integers(0, len(CONTENT)))
def test_pieces_may_be_cut_anywhere(piece: int, size: int) -> None:
    assert unseal(seal(CONTENT[:size], piece=max(piece, 500))) == CONTENT[:size]


@given(start=st.integers(0, len(CONTENT) + 10), length=st.integers(0, len(CONTENT) + 10))
def test_any_range_is_that_slice(start: int, length: int) -> None:
    opened = sealing.open_sealed(make_raw(SEALED), NAME, KEYS)
    assert opened is not None
    opened.seek(start)
    assert opened.read(length) == CONTENT[start : start + length]


class Counting(io.BytesIO):
    """Knows what was read of it."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        self.taken += len(found)
        return found


def test_range_reads_only_the_frames_it_touches() -> None:
    file = Counting(SEALED)
    opened = sealing.open_sealed(RawFile(file, SEALED[:HEADER_BYTES], len(SEALED)), NAME, KEYS)
    assert opened is not None
    opened.seek(2 * FRAME_BYTES + 5)
    assert opened.read(10) == CONTENT[2 * FRAME_BYTES + 5 :][:10]
    assert file.taken == SEALED_BYTES


@given(place=st.integers(0, len(SEALED) - 1), change=st.integers(1, 255))
def test_any_changed_byte_is_refused(place: int, change: int) -> None:
    stored = bytearray(SEALED)
    stored[place] ^= change
    with pytest.raises(SealError):
        unseal(bytes(stored))


@pytest.mark.parametrize("place", range(HEADER_BYTES))
def test_any_changed_byte_of_the_header_is_refused(place: int) -> None:
    stored = bytearray(SEALED)
    stored[place] ^= 1
    with pytest.raises(SealError):
        unseal(bytes(stored))


ENDS = [HEADER_BYTES + SEALED_BYTES * n + more for n in range(4) for more in (0, 1, 15, 16, 17)]


@given(end=st.integers(len(MAGIC), len(SEALED) - 1) | st.sampled_from(ENDS))
def test_cut_file_is_refused(end: int) -> None:
    with pytest.raises(MediaTampered):
        unseal(SEALED[:end])


def read_its_size(stored: bytes) -> bytes:
    """As a player does: so many bytes as the file says to have, and not on to its end."""
    opened = sealing.open_sealed(make_raw(stored), NAME, KEYS)
    assert opened is not None
    return opened.read(sealing.measure_content(make_raw(stored), NAME) or 1)


@pytest.mark.parametrize("end", ENDS)
def test_reader_of_exactly_the_size_meets_the_end_of_a_cut_file(end: int) -> None:
    with pytest.raises(MediaTampered):
        read_its_size(SEALED[:end])


@given(more=st.binary(min_size=1, max_size=100))
def test_file_with_something_behind_it_is_refused(more: bytes) -> None:
    with pytest.raises(MediaTampered):
        unseal(SEALED + more)


def list_frames(stored: bytes) -> Iterator[bytes]:
    for start in range(HEADER_BYTES, len(stored), SEALED_BYTES):
        yield stored[start : start + SEALED_BYTES]


@given(order=st.permutations(range(4)).filter(lambda order: order != [0, 1, 2, 3]))
def test_frames_in_another_order_are_refused(order: list[int]) -> None:
    frames = list(list_frames(SEALED))
    with pytest.raises(MediaTampered):
        unseal(SEALED[:HEADER_BYTES] + b"".join(frames[index] for index in order))


def test_frame_of_another_file_is_refused() -> None:
    frames, others = list(list_frames(SEALED)), list(list_frames(seal(CONTENT)))
    with pytest.raises(MediaTampered):
        unseal(SEALED[:HEADER_BYTES] + b"".join([frames[0], others[1], *frames[2:]]))


def test_frame_that_was_left_out_is_missed() -> None:
    frames = list(list_frames(SEALED))
    with pytest.raises(MediaTampered):
        unseal(SEALED[:HEADER_BYTES] + b"".join([*frames[:1], *frames[2:]]))


def test_file_of_another_name_is_refused_and_one_put_aside_is_not() -> None:
    with pytest.raises(MediaTampered):
        unseal(SEALED, NAME.replace("000001", "000002"))
    assert unseal(SEALED, f"orphans/2026-01-31/{NAME}") == CONTENT


def test_same_file_is_never_stored_as_the_same_bytes() -> None:
    again = seal(CONTENT)
    assert not set(list_frames(SEALED)) & set(list_frames(again))


def test_every_key_of_the_setting_opens_and_an_unknown_one_is_named() -> None:
    keys = MediaKeys("old", {"old": KEYS.keys["old"], "new": KEYS.keys["new"]})
    assert unseal(SEALED, keys=keys) == CONTENT
    with pytest.raises(MediaKeyMissing) as caught:
        unseal(SEALED, keys=OFF)
    assert caught.value.key_id == "new"
    assert "MEDIA_ENCRYPTION_KEYS" in str(caught.value)


def test_another_key_under_the_same_id_opens_nothing() -> None:
    with pytest.raises(MediaTampered):
        unseal(SEALED, keys=MediaKeys("new", {"new": bytes(32)}))


@pytest.mark.parametrize(  # named: parallel runs compare names, and a header is random
    "start",
    [MAGIC, MAGIC[:-1] + b"x", SEALED[:HEADER_BYTES]],
    ids=["magic", "nearly", "header"],
)
@pytest.mark.parametrize("piece", [3, 50_000])
def test_upload_that_begins_as_our_files_do_is_what_it_is(start: bytes, piece: int) -> None:
    content = start + b"and more"
    assert unseal(seal(content, keys=OFF, piece=piece), keys=OFF) == content
    assert unseal(seal(content, piece=piece)) == content


@given(content=st.binary(max_size=100))
def test_without_a_key_files_are_stored_as_they_come(content: bytes) -> None:
    assert seal(content, keys=OFF, piece=7) == content


def test_memory_does_not_grow_with_the_file() -> None:
    piece = bytes(FRAME_BYTES)

    def measure(pieces: int) -> int:
        tracemalloc.reset_peak()
        for _ in sealing.seal((piece for _ in range(pieces)), NAME, KEYS):
            pass
        return tracemalloc.get_traced_memory()[1]

    tracemalloc.start()
    try:
        measure(2)
        assert measure(400) < measure(40) + 2 * FRAME_BYTES
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("AAAA", "entry 1 does not begin with a key's id"),
        (":AAAA", "entry 1 does not begin with a key's id"),
        ("a b:AAAA", "entry 1 does not begin with a key's id"),
        ("k:AAAA", "the key k has 3 bytes instead of 32"),
        ("k:%%%", "the key k is not base64"),
        ("k:é", "the key k is not base64"),
        (f"k:{'A' * 43}=,k:{'A' * 43}=", "the id k stands there twice"),
        (f"k:{'A' * 43}=,off", "entry 2 does not begin with a key's id"),
    ],
)
def test_setting_that_makes_no_sense_says_why(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_media_keys(text)


def test_first_key_encrypts_unless_off_stands_before_it() -> None:
    key = "A" * 43 + "="
    assert parse_media_keys("") == MediaKeys()
    assert parse_media_keys(f"b:{key}, a:{key}").writing == "b"
    off = parse_media_keys(f"off,a:{key}")
    assert (off.writing, list(off.keys)) == ("", ["a"])
    assert key not in repr(off)
