"""What an encrypted file looks like: any part of it can be read alone, none can be changed.

    header   64 bytes: magic (8), version (1), length of the key's id (1), the id (22), salt (32)
    frames   64 KiB of the file each, the last one shorter, each with a tag of 16 bytes

Every file has a key of its own, made by HKDF-SHA256 from the operator's key, the random salt, the
header and the name under which it is stored; AES-256-GCM seals the frames with their number and
"this is the last" as the nonce. That is the STREAM construction (Hoang, Reyhanitabar, Rogaway,
Vizár 2015), with the flag in the nonce as there: a frame that was changed, moved, left out or
taken from another file does not open, and a file that was cut has no last one.
"""

import io
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from intellibooks.media_keys import KEY_BYTES, KEY_ID, MediaKeys
from meetings.encryption.errors import MediaKeyMissing, MediaTampered

MAGIC = b"\x8eIBSEAL\n"  # no sound file begins with that byte, and no text is valid with it
PLAIN, SEALED = 0, 1  # versions; PLAIN is only for a file that happens to begin as ours do
HEADER_BYTES, SALT_BYTES, ID_BYTES = 64, 32, 22
FRAME_BYTES, TAG_BYTES = 64 * 1024, 16
SEALED_BYTES = FRAME_BYTES + TAG_BYTES
CONTEXT = b"intellibooks media 1\0"
ASIDE = re.compile(r"^orphans/\d{4}-\d\d-\d\d/")


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file as it lies in the storage: its first HEADER_BYTES, and how many it has in all."""

    file: BinaryIO
    start: bytes
    size: int

    @property
    def is_sealed(self) -> bool:
        return looks_sealed(self.start)


@dataclass(frozen=True, slots=True)
class Header:
    """``key_id`` is empty for a file that is stored as it came."""

    key_id: str
    raw: bytes

    @property
    def is_sealed(self) -> bool:
        return bool(self.key_id)

    def measure(self, stored: int) -> int:
        """The size of the file that so many stored bytes hold."""
        body = max(0, stored - len(self.raw))
        if not self.is_sealed:
            return body
        return max(0, body - TAG_BYTES * count_frames(body))


def looks_sealed(start: bytes) -> bool:
    """One changed byte of the magic does not make an encrypted file one that came like this."""
    pairs = zip(start[: len(MAGIC)], MAGIC, strict=False)
    return sum(found == ours for found, ours in pairs) >= len(MAGIC) - 1


def read_header(name: str, start: bytes) -> Header:
    """By the first HEADER_BYTES of a stored file. Raises MediaTampered."""
    if not looks_sealed(start):
        return Header("", b"")
    raw = start[:HEADER_BYTES]
    if len(raw) < HEADER_BYTES or not raw.startswith(MAGIC):
        raise MediaTampered(name)
    version, length = raw[len(MAGIC)], raw[len(MAGIC) + 1]
    if version == PLAIN and not any(raw[len(MAGIC) :]):
        return Header("", raw)
    padded = raw[len(MAGIC) + 2 : -SALT_BYTES]
    key_id = padded[:length].decode("ascii", "replace")
    if version != SEALED or any(padded[length:]) or not KEY_ID.fullmatch(key_id):
        raise MediaTampered(name)
    return Header(key_id, raw)


def make_header(key_id: str) -> Header:
    encoded = key_id.encode()
    start = MAGIC + bytes([SEALED, len(encoded)]) + encoded.ljust(ID_BYTES, b"\0")
    return Header(key_id, start + os.urandom(SALT_BYTES))


def bind_name(name: str) -> str:
    """The name a file is bound to: one that is put aside keeps that under which it was written."""
    return ASIDE.sub("", name)


def make_cipher(key: bytes, header: Header, name: str) -> AESGCM:
    about = CONTEXT + header.raw[:-SALT_BYTES] + bind_name(name).encode()
    salt = header.raw[-SALT_BYTES:]
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt=salt, info=about).derive(key))


def number_frame(index: int, *, is_last: bool) -> bytes:
    return index.to_bytes(11, "big") + bytes([is_last])


def count_frames(body: int) -> int:
    """Of so many bytes behind the header; an empty file has one frame."""
    return max(1, -(-body // SEALED_BYTES))


def seal(pieces: Iterable[bytes], name: str, keys: MediaKeys) -> Iterator[bytes]:
    """The file as it is to be stored under that name, in constant memory."""
    source = iter(pieces)
    if not keys.writing:
        yield from escape(source)
        return
    header = make_header(keys.writing)
    cipher = make_cipher(keys.keys[keys.writing], header, name)
    yield header.raw
    held, index = bytearray(), 0
    for piece in source:
        held += piece
        while len(held) > FRAME_BYTES:  # the last frame is sealed as such, so one is held back
            nonce = number_frame(index, is_last=False)
            yield cipher.encrypt(nonce, bytes(held[:FRAME_BYTES]), None)
            del held[:FRAME_BYTES]
            index += 1
    yield cipher.encrypt(number_frame(index, is_last=True), bytes(held), None)


def escape(source: Iterator[bytes]) -> Iterator[bytes]:
    """As it comes; a file that begins as encrypted ones do is marked as one that is not."""
    start = b""
    while len(start) < len(MAGIC) and (piece := next(source, b"")):
        start += piece
    if looks_sealed(start):
        yield MAGIC.ljust(HEADER_BYTES, b"\0")
    yield start
    yield from source


def open_sealed(raw: RawFile, name: str, keys: MediaKeys) -> BinaryIO | None:
    """What the stored bytes hold; nothing where they are the file already.

    Closing it closes them. Raises MediaKeyMissing, MediaTampered.
    """
    header = read_header(name, raw.start)
    if not header.raw:
        return None
    if not header.is_sealed:
        plain = PlainReader(raw.file, header.measure(raw.size), len(header.raw))
        return io.BufferedReader(plain, FRAME_BYTES)
    if header.key_id not in keys.keys:
        raise MediaKeyMissing(name, header.key_id)
    cipher = make_cipher(keys.keys[header.key_id], header, name)
    reader = SealedReader(raw.file, raw.size - HEADER_BYTES, cipher, name)
    return io.BufferedReader(reader, FRAME_BYTES)


def measure_content(raw: RawFile, name: str) -> int:
    """The size of what is stored, by its length alone: no key is needed for it."""
    try:
        return read_header(name, raw.start).measure(raw.size)
    except MediaTampered:
        return raw.size


def read_fully(file: BinaryIO, size: int) -> bytes:
    """So many bytes, or all up to the end."""
    pieces: list[bytes] = []
    while size > 0 and (piece := file.read(size)):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


class StoredReader(io.RawIOBase):
    """A place in a file of known length."""

    def __init__(self, file: BinaryIO, length: int) -> None:
        self.file, self.length, self.position = file, length, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.position

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self.position, os.SEEK_END: self.length}[whence]
        if start + offset < 0:
            raise ValueError("a place before the beginning of the file")
        self.position = start + offset
        return self.position

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        piece = self.take(len(buffer))
        buffer[: len(piece)] = piece
        self.position += len(piece)
        return len(piece)

    def take(self, size: int) -> bytes | memoryview:
        """Some bytes from where we are, at most so many."""
        raise NotImplementedError

    def close(self) -> None:
        self.file.close()
        super().close()


class PlainReader(StoredReader):
    """A file that is stored as it came, behind its header if it has one."""

    def __init__(self, file: BinaryIO, length: int, offset: int) -> None:
        super().__init__(file, length)
        self.offset = offset

    def take(self, size: int) -> bytes:
        self.file.seek(self.offset + self.position)
        return self.file.read(size)


class SealedReader(StoredReader):
    """Opens the frames that are asked for and no others. Raises MediaTampered."""

    def __init__(self, file: BinaryIO, body: int, cipher: AESGCM, name: str) -> None:
        self.frames = count_frames(body)
        super().__init__(file, max(0, body - self.frames * TAG_BYTES))
        self.body, self.cipher, self.name = body, cipher, name
        self.index, self.frame = -1, memoryview(b"")  # the frame that was opened last
        shortest = TAG_BYTES + (self.frames > 1)  # only an empty file has an empty frame
        if body - (self.frames - 1) * SEALED_BYTES < shortest:
            raise MediaTampered(name)

    def take(self, size: int) -> memoryview:
        if self.position >= self.length:
            self.open_frame(self.frames - 1)  # a file that was cut ends without a last frame
            return memoryview(b"")
        index, start = divmod(self.position, FRAME_BYTES)
        self.open_frame(index)
        return self.frame[start : start + size]

    def open_frame(self, index: int) -> None:
        if index == self.index:
            return
        begin = index * SEALED_BYTES
        length = min(SEALED_BYTES, self.body - begin)
        self.file.seek(HEADER_BYTES + begin)
        sealed = read_fully(self.file, length)
        is_last = index == self.frames - 1
        try:
            opened = self.cipher.decrypt(number_frame(index, is_last=is_last), sealed, None)
        except InvalidTag as error:
            raise MediaTampered(self.name) from error
        self.index, self.frame = index, memoryview(opened)
