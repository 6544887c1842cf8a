"""Where a backup is read from, and whether it is whole."""

import hashlib
import json
import re
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from intellibooks.errors import DomainError
from meetings.encryption.sealing import SALT_BYTES, RawFile

MANIFEST, SUMS = "manifest.json", "SHA256SUMS"
DATABASE, MEDIA = "database/", "media/"
FORMAT = 1


SALT = re.compile(r"~[0-9a-f]{16}$")


def name_copy(name: str, raw: RawFile) -> str:
    """Where a media file lies in a backup: a name that tells its bytes.

    Encrypted anew, a file has other bytes under its old name. They must not take the place of
    those that the backup before this one names, or a kill would leave neither.
    """
    mark = f"~{raw.start[-SALT_BYTES:][:8].hex():0<16}" if raw.is_sealed else ""
    return f"{MEDIA}{name}{mark}"


def name_original(name: str) -> str:
    """Where that copy belongs in the media storage."""
    return SALT.sub("", name.removeprefix(MEDIA))


class BackupUnusable(DomainError):
    """It is not whole, or it does not fit this service; nothing was changed."""

    status = 422
    code = "invalid"
    detail = "Backup cannot be used"


class Source(Protocol):
    def open(self, name: str) -> BinaryIO:
        """Raises FileNotFoundError."""


class FolderSource:
    def __init__(self, root: Path) -> None:
        self.root = root

    def open(self, name: str) -> BinaryIO:
        return (self.root / name).open("rb")


class TarSource:
    def __init__(self, tar: tarfile.TarFile) -> None:
        self.tar = tar

    def open(self, name: str) -> BinaryIO:
        try:
            file = self.tar.extractfile(name)
        except KeyError as error:
            raise FileNotFoundError(f"{name} is not in the backup") from error
        if file is None:
            raise FileNotFoundError(f"{name} is no file")
        return file  # type: ignore[return-value]  # a BufferedReader by another name


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself; written last, so a backup that has one is whole."""

    format: int
    version: str
    made_at: str
    vendor: str
    migrations: list[list[str]]
    meetings: int
    files: int
    bytes: int
    sums: str
    sums_sha256: str
    lost: list[str]
    tables: dict[str, list[str]]  # of Postgres: the columns in the order in which they stand


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """Raises BackupUnusable."""
    if path.is_dir():
        yield FolderSource(path)
        return
    try:
        tar = tarfile.open(path, "r:")  # noqa: SIM115 - closed below
    except (OSError, tarfile.TarError) as error:
        raise BackupUnusable(f"{path} cannot be read: {error}") from error
    with tar:
        yield TarSource(tar)


def read_manifest(source: Source) -> Manifest:
    """Raises BackupUnusable."""
    try:
        with source.open(MANIFEST) as file:
            facts: dict[str, Any] = json.loads(file.read())
    except FileNotFoundError as error:
        raise BackupUnusable("It has no manifest: the backup was not finished.") from error
    except ValueError as error:
        raise BackupUnusable(f"Its manifest cannot be read: {error}") from error
    if facts.get("format") != FORMAT:
        raise BackupUnusable("It was made by another version, in a form not known here.")
    return Manifest(**facts)


def list_files(source: Source, manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Name and SHA-256 of everything in the backup but the list itself and the manifest."""
    with source.open(manifest.sums) as file:
        for line in file:
            sha256, _, name = line.decode().rstrip("\n").partition("  ")
            yield name, sha256


def check_whole(source: Source, manifest: Manifest) -> None:
    """Every file is there with the bytes it had. Raises BackupUnusable."""
    check_file(source, manifest.sums, manifest.sums_sha256)
    for name, sha256 in list_files(source, manifest):
        check_file(source, name, sha256)


def check_file(source: Source, name: str, sha256: str) -> None:
    try:
        with source.open(name) as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # buffered
    except FileNotFoundError as error:
        raise BackupUnusable(f"{name} is missing from the backup.") from error
    if found != sha256:
        raise BackupUnusable(f"{name} is not what was backed up: its bytes changed.")
