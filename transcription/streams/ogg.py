"""Ogg with Opus, cut anywhere (RFC 3533, RFC 7845): pages that prove themselves by a checksum."""

import struct
import zlib
from dataclasses import dataclass

from transcription.streams.packets import (
    LONGEST_ELEMENT,
    Broken,
    Init,
    Packet,
    count_opus_samples,
    count_samples,
    read_opus_head,
)

HEADER = struct.Struct("<4sBBqIIIB")
CHECKSUM_AT = slice(22, 26)
CONTINUED, FIRST, LAST = 1, 2, 4
FULL = 255
# Of one piece, before it is given up: far more than any damage makes.
MOST_DAMAGED_PAGES = 1000
MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


@dataclass(frozen=True, slots=True)
class Page:
    """``end`` is the offset behind it; ``packets`` the pieces of its body, ``is_cut`` the last."""

    flags: int
    granule: int
    serial: int
    packets: tuple[bytes, ...]
    is_cut: bool
    end: int


def find_init(data: bytes) -> Init | None:
    """The pages of OpusHead and OpusTags."""
    try:
        return _read_init(data)
    except Broken:
        return None


def _read_init(data: bytes) -> Init:
    first = _take_page(data, 0)
    if not first.flags & FIRST or len(first.packets) != 1:
        raise Broken("no first page")
    codec = read_opus_head(first.packets[0])
    page = _take_page(data, first.end)
    if page.serial != first.serial or not page.packets[:1][0].startswith(b"OpusTags"):
        raise Broken("no comment header")
    while page.is_cut and len(page.packets) == 1:
        page = _take_page(data, page.end)
    return Init(data[: page.end], codec, first.serial)


def _take_page(data: bytes, position: int) -> Page:
    page = read_page(data, position)
    if page is None or not page.packets:
        raise Broken("a page that is cut off or empty")
    return page


def read_page(data: bytes, position: int) -> Page | None:
    """The page that starts here; None if it is not all there. Raises Broken."""
    start = data[position : position + 5]
    if not b"OggS\0".startswith(start):
        raise Broken("no page")
    if position + HEADER.size > len(data):
        return None
    _, _, flags, granule, serial, _, _, count = HEADER.unpack_from(data, position)
    body = position + HEADER.size + count
    sizes = data[position + HEADER.size : body]
    end = body + sum(sizes)
    if body > len(data) or end > len(data):
        return None
    if not is_checksum_right(data[position:end]):
        raise Broken("a damaged page")
    packets = _split_body(data[body:end], sizes)
    return Page(flags, granule, serial, packets, sizes[-1:] == bytes([FULL]), end)


def is_checksum_right(page: bytes) -> bool:
    """CRC-32 with the bits the other way round than zlib's, from 0 and not inverted."""
    stated = int.from_bytes(page[CHECKSUM_AT], "little")
    blank = page[: CHECKSUM_AT.start] + bytes(4) + page[CHECKSUM_AT.stop :]
    mirrored = zlib.crc32(blank.translate(MIRRORED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(mirrored.to_bytes(4, "little").translate(MIRRORED), "big") == stated


def _split_body(body: bytes, sizes: bytes) -> tuple[bytes, ...]:
    pieces, start, length = list[bytes](), 0, 0
    for size in sizes:
        length += size
        if size < FULL:
            pieces.append(body[start : start + length])
            start, length = start + length, 0
    if sizes[-1:] == bytes([FULL]):
        pieces.append(body[start:])
    return tuple(pieces)


class Reader:
    """Finds the Opus packets of one logical stream; a packet counts where its last page ends."""

    def __init__(self, init: Init, *, is_synced: bool) -> None:
        self.is_synced = is_synced
        self._init = init
        self._rest = b""
        self._begun: bytes | None = None  # of a packet that goes on in the next page
        self._granule: int | None = 0 if is_synced else None

    def feed(self, piece: bytes) -> list[Packet]:
        data = self._rest + piece
        position, packets, tries = 0, list[Packet](), MOST_DAMAGED_PAGES
        while tries:
            position = self._find_place(data, position)
            try:
                page = read_page(data, position) if position < len(data) else None
            except Broken:
                self._lose()
                position, tries = position + 1, tries - 1
                continue
            if page is None:
                break
            self.is_synced, position = True, page.end
            if page.serial == self._init.track:
                packets.extend(self._read_packets(page))
        self._rest = data[position:] if tries else b""
        return packets

    def _find_place(self, data: bytes, position: int) -> int:
        """The next place that is a page's start, or could become one with more bytes."""
        if b"OggS".startswith(data[position : position + 4]):
            return position
        self._lose()
        found = data.find(b"OggS", position)
        if found >= 0:
            return found
        tail = range(max(position, len(data) - 3), len(data))
        return next((at for at in tail if b"OggS".startswith(data[at:])), len(data))

    def _lose(self) -> None:
        self.is_synced, self._begun, self._granule = False, None, None

    def _read_packets(self, page: Page) -> list[Packet]:
        pieces = list(page.packets)
        if page.flags & CONTINUED and pieces:
            pieces[0] = b"" if self._begun is None else self._begun + pieces[0]
        is_whole = self._begun is not None or not page.flags & CONTINUED
        self._begun = None
        if page.is_cut:
            cut = pieces.pop()
            self._begun = cut[-LONGEST_ELEMENT:] if is_whole or pieces else None
        counted = ((piece, count_opus_samples(piece)) for piece in pieces)
        packets = [Packet(piece, samples) for piece, samples in counted if samples]
        return self._trim_end(page, packets)

    def _trim_end(self, page: Page, packets: list[Packet]) -> list[Packet]:
        """The last page says by its position how much of its last packets is no sound."""
        before, self._granule = self._granule, page.granule if page.granule >= 0 else self._granule
        if not page.flags & LAST or before is None or page.granule < before:
            return packets
        room, kept = page.granule - before, list[Packet]()
        for packet in packets:
            samples = min(packet.samples, room - count_samples(kept))
            if samples > 0:
                kept.append(Packet(packet.data, samples))
        return kept
