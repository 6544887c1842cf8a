"""Where a backup is written to: a folder that can be brought up to date, or one tar file."""

import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from meetings.backup.sources import (
    DATABASE,
    MANIFEST,
    MEDIA,
    SUMS,
    BackupUnusable,
    FolderSource,
    list_files,
    read_manifest,
)
from meetings.storage import make_folder, sync_folder, write_whole

OURS = {DATABASE.rstrip("/"), MEDIA.rstrip("/"), MANIFEST}
PIECE_BYTES = 1024 * 1024
TAR = ".tar"


class Target(Protocol):
    def find_held(self, name: str, size: int, sha256: str) -> str:
        """The SHA-256 of that file if it is there already, or nothing; its name tells its content.

        Of an encrypted file nobody but the backup before knows it, and ``sha256`` is empty.
        """

    def write(self, name: str, file: BinaryIO, size: int) -> None: ...

    def keep_only(self, names: set[str]) -> None:
        """Takes away what an earlier backup left there and this one does not name."""


class FolderTarget:
    """A second backup into the same folder copies only what is new.

    Raises FileExistsError for a folder in which something else lies: of a backup that is made
    again what it does not name any more is taken away, so it must be nobody else's.
    """

    def __init__(self, root: Path) -> None:
        make_folder(root)
        self.root = root
        if strangers := sorted(path.name for path in root.iterdir() if not is_ours(path.name)):
            raise FileExistsError(
                f"{root} holds {strangers[0]}, which is no part of a backup. Name a new folder."
            )
        root.chmod(0o700)
        self.earlier = read_sums(root)

    def find_held(self, name: str, size: int, sha256: str) -> str:
        path = self.root / name
        if not path.is_file() or path.stat().st_size != size:
            return ""
        return sha256 or self.earlier.get(name, "")

    def write(self, name: str, file: BinaryIO, size: int) -> None:
        write_whole(self.root / name, iter(lambda: file.read(PIECE_BYTES), b""))

    def keep_only(self, names: set[str]) -> None:
        for path in sorted(self.root.rglob("*"), reverse=True):
            if path.is_dir():
                remove_if_empty(path)
            elif path.relative_to(self.root).as_posix() not in names:
                path.unlink()


def read_sums(root: Path) -> dict[str, str]:
    """Name -> SHA-256 of the backup that is there, if there is a whole one."""
    source = FolderSource(root)
    try:
        return dict(list_files(source, read_manifest(source)))
    except (BackupUnusable, OSError, ValueError):
        return {}


class TarTarget:
    def __init__(self, tar: tarfile.TarFile) -> None:
        self.tar = tar

    def find_held(self, name: str, size: int, sha256: str) -> str:
        return ""

    def write(self, name: str, file: BinaryIO, size: int) -> None:
        member = tarfile.TarInfo(name)
        member.size = size
        self.tar.addfile(member, file)

    def keep_only(self, names: set[str]) -> None:
        pass  # a tar file is always new


def is_ours(name: str) -> bool:
    """Whether a backup writes that name into its folder."""
    is_half = name.startswith(".") and name.endswith(".part")
    return name in OURS or name.startswith(f"{SUMS}-") or is_half


def open_private(path: str, flags: int) -> int:
    """A backup holds every word, sessions and secrets of webhooks."""
    return os.open(path, flags, 0o600)


def remove_if_empty(folder: Path) -> None:
    if not any(folder.iterdir()):
        folder.rmdir()


@contextmanager
def open_target(path: Path) -> Iterator[Target]:
    """A file of that name if it ends with .tar, else a folder. Raises OSError.

    The tar file appears under its name when it is whole.
    """
    if path.suffix != TAR:
        yield FolderTarget(path)
        return
    make_folder(path.parent)
    part = path.with_name(f".{path.name}.part")
    try:
        with open(part, "wb", opener=open_private) as file:
            with tarfile.open(fileobj=file, mode="w") as tar:
                yield TarTarget(tar)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(path.parent)
