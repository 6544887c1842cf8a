"""The boxes of MP4 (ISO/IEC 14496-12 section 4.2), with bounds that are checked."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from transcription.streams.packets import Broken

HEADER_BYTES, LARGE_HEADER_BYTES = 8, 16


@dataclass(frozen=True, slots=True)
class Box:
    """``start`` and ``end`` of the content; ``position`` of the header."""

    kind: bytes
    position: int
    start: int
    end: int


def read_box(data: bytes, position: int) -> Box | None:
    """The box that starts here; None if its header is not all there. Raises Broken."""
    if position + HEADER_BYTES > len(data):
        return None
    size, kind = struct.unpack_from(">I4s", data, position)
    start = position + HEADER_BYTES
    if size == 1:
        start = position + LARGE_HEADER_BYTES
        if start > len(data):
            return None
        (size,) = struct.unpack_from(">Q", data, position + HEADER_BYTES)
    if size < start - position:
        raise Broken("a box smaller than its header")
    return Box(kind, position, start, position + size)


def list_boxes(data: bytes, start: int, end: int) -> Iterator[Box]:
    while start < end:
        box = need_box(data, start, end)
        yield box
        start = box.end


def need_box(data: bytes, start: int, end: int) -> Box:
    box = read_box(data, start)
    if box is None or box.end > end:
        raise Broken("a box that is larger than its parent")
    return box


def find_box(data: bytes, parent: Box, *path: bytes) -> Box | None:
    for kind in path:
        boxes = list_boxes(data, parent.start, parent.end)
        found = next((box for box in boxes if box.kind == kind), None)
        if found is None:
            return None
        parent = found
    return parent


def need_child(data: bytes, parent: Box, *path: bytes) -> Box:
    box = find_box(data, parent, *path)
    if box is None:
        raise Broken(f"no {path[-1]!r}")
    return box


def read_version(data: bytes, box: Box) -> int:
    """Of a full box: whether its times have 32 (0) or 64 bits (1)."""
    return int.from_bytes(data[box.start : min(box.start + 1, box.end)], "big")
