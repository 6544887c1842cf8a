"""A ZIP archive written while it is sent: no file on disk, a few pieces in memory."""

import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the archive; ``is_compressed`` says that its bytes are small already."""

    name: str
    pieces: Iterator[bytes]
    is_compressed: bool = False


class Outlet(io.RawIOBase):
    """What the archive writes, until it is taken. It cannot seek, and says so."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: bytes, /) -> int:  # type: ignore[override]  # zipfile gives bytes
        self.written.append(bytes(piece))
        return len(piece)

    def take(self) -> bytes:
        pieces, self.written = self.written, []
        return b"".join(pieces)


def stream_zip(members: Iterable[Member]) -> Iterator[bytes]:
    """The archive's bytes; two members of one name get a number each."""
    outlet, used = Outlet(), set[str]()
    with zipfile.ZipFile(outlet, "w") as archive:
        for member in members:
            name = find_free(member.name, used)
            used.add(name.casefold())
            yield from write_member(archive, outlet, name, member)
    yield outlet.take()


def write_member(
    archive: zipfile.ZipFile, outlet: Outlet, name: str, member: Member
) -> Iterator[bytes]:
    entry = zipfile.ZipInfo(name)  # 1980: the archive of the same meetings has the same bytes
    entry.compress_type = zipfile.ZIP_STORED if member.is_compressed else zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16  # or unpacked files could be read by nobody
    # The size is not known before the end, so the header must have room for any.
    with archive.open(entry, "w", force_zip64=True) as file:
        for piece in member.pieces:
            file.write(piece)
            if taken := outlet.take():
                yield taken
    yield outlet.take()


def find_free(name: str, used: set[str]) -> str:
    """The name, or with `` (2)`` before its ending; systems differ in whether case counts."""
    stem, dot, ending = name.rpartition(".")
    candidate, number = name, 1
    while candidate.casefold() in used:
        number += 1
        candidate = f"{stem} ({number}){dot}{ending}"
    return candidate
