"""Fragmented MP4 with Opus or AAC, cut anywhere (ISO/IEC 14496-12 section 8.8)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import repeat

from transcription.streams.mp4_boxes import (
    Box,
    find_box,
    list_boxes,
    need_child,
    read_box,
    read_version,
)
from transcription.streams.mp4_index import PASSED_AT_TOP, read_index
from transcription.streams.packets import (
    LONGEST_ELEMENT,
    OPUS,
    Broken,
    Init,
    Packet,
    count_opus_samples,
)

# The fields of ``tfhd`` in their order: flag and bytes.
TFHD_FIELDS = ((0x01, 8), (0x02, 4), (0x08, 4), (0x10, 4))
TFHD_DURATION, TFHD_SIZE = 0x08, 0x10
TRUN_OFFSET, TRUN_FIRST_FLAGS, TRUN_DURATION, TRUN_SIZE = 0x01, 0x04, 0x100, 0x200
TRUN_FIELDS = (TRUN_DURATION, TRUN_SIZE, 0x400, 0x800)
MOST_TRIES = 1000  # places of one piece, before it is given up
MOST_SAMPLES = 8192  # of sound in one packet


def find_init(data: bytes) -> Init | None:
    """The boxes up to the index of a fragmented MP4 with Opus or AAC."""
    try:
        return read_index(data)[0]
    except (Broken, struct.error):
        return None


@dataclass(slots=True)
class Run:
    """The samples of one ``trun``: where their bytes start, and what each takes."""

    offset: int | None
    sizes: list[int] = field(default_factory=list)
    durations: list[int] = field(default_factory=list)


class Reader:
    """Finds the packets of one track; they count where the box that holds them ends."""

    def __init__(self, init: Init, *, is_synced: bool) -> None:
        self.is_synced = is_synced
        self._init, self._track = read_index(init.data)
        self._rest = b""

    def feed(self, piece: bytes) -> list[Packet]:
        data = self._rest + piece
        position, packets, tries = 0, list[Packet](), MOST_TRIES
        while tries:
            if not self.is_synced:
                position = self._find_place(data, position)
            try:
                following = self._step(data, position, packets)
            except (Broken, struct.error):
                self.is_synced, position, tries = False, position + 1, tries - 1
                continue
            if following is None:
                break
            self.is_synced, position = True, following
        self._rest = data[position:] if tries else b""
        return packets

    @staticmethod
    def _find_place(data: bytes, position: int) -> int:
        """Where the next fragment starts, or could start with more bytes."""
        found = data.find(b"moof", position + 4)
        return found - 4 if found >= 0 else max(position, len(data) - 7)

    def _step(self, data: bytes, position: int, packets: list[Packet]) -> int | None:
        box = read_box(data, position)
        if box is None:
            return None
        if box.end - box.position > LONGEST_ELEMENT:
            raise Broken("a box that is too large")
        if box.kind != b"moof":
            if box.kind not in PASSED_AT_TOP | {b"mdat"} or not self.is_synced:
                raise Broken("a box that cannot stand here")
            return box.end if box.end <= len(data) else None
        sound = read_box(data, box.end)
        if sound is None:
            return None
        if sound.kind != b"mdat" or sound.end - sound.position > LONGEST_ELEMENT:
            raise Broken("a fragment without its sound")
        if sound.end > len(data):
            return None
        packets.extend(self._read_fragment(data, box, sound))
        return sound.end

    def _read_fragment(self, data: bytes, fragment: Box, sound: Box) -> list[Packet]:
        packets = list[Packet]()
        for box in list_boxes(data, fragment.start, fragment.end):
            if box.kind != b"traf":
                continue
            header = need_child(data, box, b"tfhd")
            if struct.unpack_from(">I", data, header.start + 4)[0] == self._init.track:
                packets.extend(self._read_track(data, fragment, box, sound))
        return packets

    def _read_track(self, data: bytes, fragment: Box, track: Box, sound: Box) -> list[Packet]:
        duration, size = self._read_track_defaults(data, need_child(data, track, b"tfhd"))
        time, at = _read_start(data, track), sound.start
        packets = list[Packet]()
        for box in list_boxes(data, track.start, track.end):
            if box.kind != b"trun":
                continue
            run = _read_run(data, box, duration, size)
            start = at if run.offset is None else fragment.position + run.offset
            if start < at:
                raise Broken("samples that share their bytes")
            at = start
            for length, units in zip(run.sizes, run.durations, strict=True):
                if at + length > sound.end:
                    raise Broken("a sample outside of the sound")
                packets.extend(self._build_packet(data[at : at + length], time, units))
                at, time = at + length, None if time is None else time + units
        return packets

    def _read_track_defaults(self, data: bytes, header: Box) -> tuple[int, int]:
        flags, values = int.from_bytes(data[header.start + 1 : header.start + 4], "big"), {}
        at = header.start + 8
        for flag, width in TFHD_FIELDS:
            if flags & flag:
                values[flag] = int.from_bytes(data[at : at + width], "big")
                at += width
        return (
            values.get(TFHD_DURATION, self._track.duration),
            values.get(TFHD_SIZE, self._track.size),
        )

    def _build_packet(self, content: bytes, time: int | None, units: int) -> Iterator[Packet]:
        """Opus says itself how long it is; recorders round the duration to their clock."""
        if self._init.codec.name == OPUS:
            samples, position = count_opus_samples(content), None
        else:
            samples, position = self._scale(units), None if time is None else self._scale(time)
        if samples > MOST_SAMPLES:
            raise Broken("a packet longer than there is any")
        if samples and content:
            yield Packet(content, samples, position)

    def _scale(self, units: int) -> int:
        return round(units * self._init.codec.sample_rate / self._track.timescale)


def _read_start(data: bytes, track: Box) -> int | None:
    box = find_box(data, track, b"tfdt")
    if box is None:
        return None
    code = ">Q" if read_version(data, box) else ">I"
    time: int = struct.unpack_from(code, data, box.start + 4)[0]
    return time


def _read_run(data: bytes, box: Box, duration: int, size: int) -> Run:
    flags, count = struct.unpack_from(">II", data, box.start)
    flags &= 0xFFFFFF
    at, run = box.start + 8, Run(None)
    if flags & TRUN_OFFSET:
        run.offset = struct.unpack_from(">i", data, at)[0]
        at += 4
    at += 4 if flags & TRUN_FIRST_FLAGS else 0
    width = 4 * sum(bool(flags & flag) for flag in TRUN_FIELDS)
    if at + count * width > box.end or (not flags & TRUN_SIZE and count * size > len(data)):
        raise Broken("more samples than there is room for")
    if not (size or flags & TRUN_SIZE):
        raise Broken("samples without a size")
    for start in range(at, at + count * width, width) if width else repeat(at, count):
        values = iter(struct.unpack_from(f">{width // 4}I", data, start))
        run.durations.append(next(values) if flags & TRUN_DURATION else duration)
        run.sizes.append(next(values) if flags & TRUN_SIZE else size)
    return run
