"""The index of a fragmented MP4: which track is the sound, and how it is coded."""

import struct
from dataclasses import dataclass

from transcription.streams.mp4_boxes import (
    Box,
    find_box,
    list_boxes,
    need_box,
    need_child,
    read_box,
    read_version,
)
from transcription.streams.packets import Broken, Codec, Init, read_opus_head

# Boxes beside the index and the fragments that say nothing about the sound.
PASSED_AT_TOP = {b"ftyp", b"styp", b"sidx", b"free", b"skip", b"emsg", b"prft", b"mfra"}
SOUND_ENTRY_BYTES, SOUND_RATE_AT = 28, 24
MPEG4_DESCRIPTOR, DECODER_CONFIG, DECODER_SPECIFIC = 3, 4, 5


@dataclass(frozen=True, slots=True)
class Track:
    """What every fragment leaves unsaid: units a second, and the default of a sample."""

    timescale: int
    duration: int
    size: int


def read_index(data: bytes) -> tuple[Init, Track]:
    position = 0
    while True:
        box = read_box(data, position)
        if box is None or box.end > len(data) or (position == 0 and box.kind != b"ftyp"):
            raise Broken("no index")
        if box.kind == b"moov":
            return _choose_track(data, box)
        if box.kind not in PASSED_AT_TOP:
            raise Broken("sound before its index")
        position = box.end


def _choose_track(data: bytes, index: Box) -> tuple[Init, Track]:
    boxes = list(list_boxes(data, index.start, index.end))
    defaults = _read_defaults(data, boxes)
    for box in boxes:
        handler = find_box(data, box, b"mdia", b"hdlr") if box.kind == b"trak" else None
        if handler and data[handler.start + 8 : handler.start + 12] == b"soun":
            header = need_child(data, box, b"tkhd")
            (number,) = struct.unpack_from(">I", data, header.start + _skip_times(data, header))
            if number in defaults:
                timescale, codec = _read_timescale(data, box), _read_codec(data, box)
                track = Track(timescale, *defaults[number])
                return Init(data[: index.end], codec, number), track
    raise Broken("no track of sound in fragments")


def _read_defaults(data: bytes, boxes: list[Box]) -> dict[int, tuple[int, int]]:
    """Duration and size of a sample for each track that comes in fragments."""
    found: dict[int, tuple[int, int]] = {}
    for extends in (box for box in boxes if box.kind == b"mvex"):
        for box in list_boxes(data, extends.start, extends.end):
            if box.kind == b"trex":
                number, _, duration, size = struct.unpack_from(">4I", data, box.start + 4)
                found[number] = (duration, size)
    return found


def _skip_times(data: bytes, box: Box) -> int:
    """Bytes of version, flags, creation and modification time."""
    return 20 if read_version(data, box) else 12


def _read_timescale(data: bytes, track: Box) -> int:
    header = need_child(data, track, b"mdia", b"mdhd")
    timescale: int = struct.unpack_from(">I", data, header.start + _skip_times(data, header))[0]
    if not timescale:
        raise Broken("no unit of time")
    return timescale


def _read_codec(data: bytes, track: Box) -> Codec:
    table = need_child(data, track, b"mdia", b"minf", b"stbl", b"stsd")
    entry = need_box(data, table.start + 8, table.end)
    details = list(list_boxes(data, entry.start + SOUND_ENTRY_BYTES, entry.end))
    for box in details:
        content = data[box.start : box.end]
        if entry.kind == b"Opus" and box.kind == b"dOps":
            return read_opus_head(_convert_opus_head(content))
        if entry.kind == b"mp4a" and box.kind == b"esds":
            rate = struct.unpack_from(">H", data, entry.start + SOUND_RATE_AT)[0]
            if not rate:
                raise Broken("no sample rate")
            return Codec("aac", _find_decoder_config(content[4:]), rate)
    raise Broken("no codec that recorders use")


def _convert_opus_head(content: bytes) -> bytes:
    """The same fields in the order of bytes that the decoder wants."""
    _, channels, delay, rate, gain = struct.unpack_from(">BBHIh", content)
    return b"OpusHead" + struct.pack("<BBHIh", 1, channels, delay, rate, gain) + content[10:]


def _find_decoder_config(descriptors: bytes) -> bytes:
    position = 0
    while position < len(descriptors):
        kind, position = descriptors[position], position + 1
        size, position = _read_descriptor_size(descriptors, position)
        if kind == DECODER_SPECIFIC:
            return descriptors[position : position + size]
        if kind == MPEG4_DESCRIPTOR:
            position += 3
        elif kind == DECODER_CONFIG:
            position += 13
        else:
            break
    raise Broken("no configuration of the decoder")


def _read_descriptor_size(descriptors: bytes, position: int) -> tuple[int, int]:
    size = 0
    for at in range(position, min(position + 4, len(descriptors))):
        size = size << 7 | descriptors[at] & 0x7F
        if not descriptors[at] & 0x80:
            return size, at + 1
    raise Broken("a size without an end")
