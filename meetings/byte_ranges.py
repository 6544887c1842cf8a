"""Which bytes of a file a Range header asks for (RFC 9110, sections 14.1 and 14.2); pure."""

import re
from dataclasses import dataclass

# A header longer than any honest single range is not even parsed: a thousand ranges cost nothing.
LONGEST_HEADER = 200
UNIT = re.compile(r"bytes=(.*)", re.IGNORECASE)
SPEC = re.compile(r"([0-9]*)-([0-9]*)", re.ASCII)


class Unsatisfiable(Exception):
    """The range is well formed but the file has no such byte: 416."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """``length`` bytes from ``start`` on; never empty unless the file is."""

    start: int
    length: int

    def encode(self, size: int) -> str:
        """The value of Content-Range in a file of ``size`` bytes."""
        return f"bytes {self.start}-{self.start + self.length - 1}/{size}"


def select_range(header: str, size: int) -> ByteRange | None:
    """The one range asked for, cut to the file's ``size`` bytes; None for the whole file.

    A header that is malformed, in another unit or lists several ranges selects the whole file, as
    RFC 9110 allows: every client must understand a 200, no player asks for several ranges, and
    multipart answers only serve to multiply work. Raises Unsatisfiable.
    """
    spec = find_single_spec(header)
    if spec is None:
        return None
    first, last = spec
    return select_suffix(int(last), size) if not first else select_between(first, last, size)


def find_single_spec(header: str) -> tuple[str, str] | None:
    """First and last position as digits, one of which may be empty; None if it is not one range."""
    if len(header) > LONGEST_HEADER or (match := UNIT.fullmatch(header.strip(" \t"))) is None:
        return None
    # Empty elements of a list are to be overlooked (section 5.6.1).
    specs = [spec for part in match[1].split(",") if (spec := part.strip(" \t"))]
    if len(specs) != 1 or (positions := SPEC.fullmatch(specs[0])) is None:
        return None
    first, last = positions.groups()
    is_backwards = bool(first and last) and int(last) < int(first)
    return None if is_backwards or not (first or last) else (first, last)


def select_suffix(length: int, size: int) -> ByteRange | None:
    if length == 0:
        raise Unsatisfiable
    kept = min(length, size)
    return ByteRange(size - kept, kept) if size else None


def select_between(first: str, last: str, size: int) -> ByteRange:
    start = int(first)
    if start >= size:
        raise Unsatisfiable
    end = min(int(last) + 1, size) if last else size
    return ByteRange(start, end - start)
