"""WebM as recorders stream it: clusters of unknown size that may be cut anywhere (RFC 9559)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from transcription.streams.packets import (
    LONGEST_ELEMENT,
    MOST_TRIES,
    Broken,
    Init,
    Packet,
    count_opus_samples,
    read_opus_head,
)

EBML, SEGMENT, CLUSTER, TRACKS = 0x1A45DFA3, 0x18538067, 0x1F43B675, 0x1654AE6B
SIMPLE_BLOCK, BLOCK_GROUP, BLOCK, TIMESTAMP = 0xA3, 0xA0, 0xA1, 0xE7
DISCARD_PADDING, DOC_TYPE = 0x75A2, 0x4282
TRACK, TRACK_NUMBER, TRACK_TYPE, TRACK_CODEC, CODEC_PRIVATE, ENCODINGS = (
    0xAE,
    0xD7,
    0x83,
    0x86,
    0x63A2,
    0x6D80,
)
AUDIO_TRACK = 2
# SeekHead, Void, CRC-32, Info, Cues, Tags, Chapters, Attachments
PASSED_AT_TOP = {0x114D9B74, 0xEC, 0xBF, 0x1549A966, 0x1C53BB6B, 0x1254C367, 0x1043A770, 0x1941A469}
# Position and PrevSize of a cluster
LEAVES = PASSED_AT_TOP | {0xA7, 0xAB, TRACKS, TIMESTAMP, SIMPLE_BLOCK, BLOCK_GROUP}
HEADERS = {SEGMENT, CLUSTER}  # their content follows as if it stood by itself
LACED = 0x06
ONE_BYTE_NUMBER = 0x80  # of tracks up to 126; browsers number them from 1
NANOSECONDS = 1_000_000_000
# So many elements in a row that fit together are no accident: each is 1 : 2**16 or less.
CHAIN = 4
LONGEST_ID, LONGEST_SIZE = 4, 8
STARTS = re.compile(rb"[\x1F\xA3\xA0]")  # of a cluster, a block, a group with a block


@dataclass(frozen=True, slots=True)
class Element:
    """An EBML element: ``start`` and ``end`` of its content; ``end`` None if of unknown size."""

    kind: int
    start: int
    end: int | None


def find_init(data: bytes) -> Init | None:
    """Everything before the first cluster of a WebM with Opus."""
    try:
        return _read_init(data)
    except Broken:
        return None


def _read_init(data: bytes) -> Init:
    header = _take_whole(data, 0)
    if header.kind != EBML or _read_fields(data, header).get(DOC_TYPE) not in (
        b"webm",
        b"matroska",
    ):
        raise Broken("no EBML header")
    segment = read_element(data, header.end or 0)
    if segment is None or segment.kind != SEGMENT:
        raise Broken("no segment")
    tracks, position = None, segment.start
    while position < len(data):
        element = read_element(data, position)
        if element is None or element.end is None or element.end > len(data):
            break
        if element.kind not in PASSED_AT_TOP | {TRACKS}:
            break
        tracks = element if element.kind == TRACKS else tracks
        position = element.end
    if tracks is None:
        raise Broken("no tracks")
    return _choose_track(data, tracks, position)


def _choose_track(data: bytes, tracks: Element, end: int) -> Init:
    for track in _read_children(data, tracks):
        fields = _read_fields(data, track) if track.kind == TRACK else {}
        is_opus = fields.get(TRACK_CODEC, b"").rstrip(b"\0") == b"A_OPUS"
        if is_opus and ENCODINGS not in fields and _number(fields, TRACK_TYPE) == AUDIO_TRACK:
            codec = read_opus_head(fields.get(CODEC_PRIVATE, b""))
            return Init(data[:end], codec, _number(fields, TRACK_NUMBER))
    raise Broken("no track of Opus")


def _number(fields: dict[int, bytes], kind: int) -> int:
    return int.from_bytes(fields.get(kind, b""), "big")


def _read_fields(data: bytes, parent: Element) -> dict[int, bytes]:
    return {child.kind: data[child.start : child.end] for child in _read_children(data, parent)}


def _read_children(data: bytes, parent: Element) -> Iterator[Element]:
    """Raises Broken where a child reaches beyond its parent."""
    position, end = parent.start, parent.end or 0
    while position < end:
        child = _take_whole(data, position)
        if child.end is None or child.end > end:
            raise Broken("an element that is larger than its parent")
        yield child
        position = child.end


def _take_whole(data: bytes, position: int) -> Element:
    element = read_element(data, position)
    if element is None or element.end is None or element.end > len(data):
        raise Broken("an element that is cut off")
    return element


def read_element(data: bytes, position: int) -> Element | None:
    """The element whose header stands here; None if the header is not all there. Raises Broken."""
    width = _measure_number(data, position, LONGEST_ID)
    size_width = _measure_number(data, position + width, LONGEST_SIZE)
    start = position + width + size_width
    if not width or not size_width or start > len(data):
        return None
    kind = int.from_bytes(data[position : position + width], "big")
    unknown = (1 << 7 * size_width) - 1
    size = int.from_bytes(data[position + width : start], "big") & unknown
    return Element(kind, start, None if size == unknown else start + size)


def _measure_number(data: bytes, position: int, longest: int) -> int:
    """Bytes of the variable-length number that starts here; 0 if it starts behind the end."""
    if position >= len(data):
        return 0
    width = 9 - data[position].bit_length()
    if width > longest:
        raise Broken("no such number")
    return width


class Reader:
    """Finds the Opus packets of one track, whatever the cuts."""

    def __init__(self, init: Init, *, is_synced: bool) -> None:
        self.is_synced = is_synced
        self._init = init
        self._rest = b""
        self._tries = MOST_TRIES

    def feed(self, piece: bytes) -> list[Packet]:
        data = self._rest + piece
        self._tries = MOST_TRIES
        position, packets = 0, list[Packet]()
        while True:
            if not self.is_synced:
                position = self._find_place(data, position)
            if not self.is_synced:
                break
            try:
                following = self._step(data, position, packets)
            except Broken:
                self.is_synced, position = False, position + 1
                continue
            if following is None:
                break
            position = following
        self._rest = data[position:]
        return packets

    def _step(self, data: bytes, position: int, packets: list[Packet]) -> int | None:
        """Takes one element; the place behind it, or None if it is not all there yet."""
        element = read_element(data, position)
        if element is None:
            return None
        end = self._check(data, position, element)
        if end > len(data):
            return None
        if element.kind == SIMPLE_BLOCK:
            packets.extend(self._read_block(data[element.start : end], 0))
        elif element.kind == BLOCK_GROUP:
            packets.extend(self._read_group(data, element))
        return end

    def _check(self, data: bytes, position: int, element: Element) -> int:
        """Where the next element stands. Raises Broken for one that cannot stand here."""
        if element.kind in HEADERS:
            return element.start
        if element.kind not in LEAVES or element.end is None:
            raise Broken("an element that cannot stand here")
        if element.end - element.start > LONGEST_ELEMENT:
            raise Broken("an element that is too large")
        first = data[element.start : element.start + 1]
        if element.kind == SIMPLE_BLOCK and first and not first[0] & ONE_BYTE_NUMBER:
            raise Broken("no track number")
        return element.end

    def _read_group(self, data: bytes, group: Element) -> Iterator[Packet]:
        fields = _read_fields(data, group)
        padding = int.from_bytes(fields.get(DISCARD_PADDING, b""), "big", signed=True)
        yield from self._read_block(fields.get(BLOCK, b""), max(0, padding))

    def _read_block(self, block: bytes, padding: int) -> Iterator[Packet]:
        """``padding`` nanoseconds at the end of it are not sound."""
        if len(block) < LONGEST_ID or block[3] & LACED:
            raise Broken("no block as a recorder writes it")
        if block[0] & 0x7F != self._init.track:
            return
        rate = self._init.codec.sample_rate
        samples = count_opus_samples(block[4:]) - round(padding * rate / NANOSECONDS)
        if samples > 0:
            yield Packet(block[4:], samples)

    def _find_place(self, data: bytes, position: int) -> int:
        """The next place where elements follow each other as they should; there it is in step.

        Otherwise the first place that more bytes could still turn into one.
        """
        undecided = len(data)
        for match in STARTS.finditer(data, position):
            if not self._tries:
                return len(data)
            self._tries -= 1
            length = self._measure_chain(data, match.start())
            if length == CHAIN:
                self.is_synced = True
                return match.start()
            if length is None:
                undecided = min(undecided, match.start())
        return undecided

    def _measure_chain(self, data: bytes, position: int) -> int | None:
        """Elements in a row from here, up to CHAIN; None if the data ends before that is known."""
        for length in range(CHAIN):
            try:
                element = read_element(data, position)
                end = None if element is None else self._check(data, position, element)
            except Broken:
                return length
            if end is None or end > len(data):
                return None
            position = end
        return CHAIN
