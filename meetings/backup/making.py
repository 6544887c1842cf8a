"""A backup is made: rows as of one moment first, then every file that those rows name.

In this order, because a file is written before its row and never changed after it: whatever the
service does meanwhile, each row of the copy has its file, unless somebody erased it just then.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from chat.frames import format_utc
from meetings import import_jobs, media, spool
from meetings.backup.snapshots import Snapshot, taking_snapshot
from meetings.backup.sources import DATABASE, FORMAT, MANIFEST, SUMS, Manifest, name_copy
from meetings.backup.targets import Target, open_target
from meetings.encryption.errors import MediaKeyMissing, MediaTampered


@dataclass(slots=True)
class Backup:
    """A backup that is being written: what is in it so far."""

    target: Target
    sums: dict[str, str] = field(default_factory=dict)
    bytes: int = 0
    copied: int = 0
    lost: list[str] = field(default_factory=list)

    def add(self, name: str, file: BinaryIO, size: int) -> str:
        """Its SHA-256, of the bytes that were really written."""
        measured = Measured(file)
        self.target.write(name, measured, size)  # type: ignore[arg-type]  # all that is read from
        self.note(name, measured.digest.hexdigest(), size)
        self.copied += 1
        return self.sums[name]

    def note(self, name: str, sha256: str, size: int) -> None:
        self.sums[name] = sha256
        self.bytes += size


class Measured:
    """A file that is hashed while it is read."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self.file.read(size)
        self.digest.update(piece)
        return piece


def make_backup(path: Path) -> tuple[Manifest, int]:
    """What the backup holds, and how many files had to be copied for it.

    Recording goes on meanwhile. Raises OSError, DatabaseError, sqlite3.Error.
    """
    spool.hand_over()  # what was accepted while the database was away becomes rows first
    with open_target(path) as target, taking_snapshot() as snapshot:
        backup = Backup(target)
        # Nothing of an earlier backup in the same folder is written over before this one is whole.
        moment = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}"
        for file in sorted(snapshot.folder.iterdir()):
            with file.open("rb") as content:
                backup.add(f"{DATABASE}{moment}/{file.name}", content, file.stat().st_size)
        for name, sha256 in list_media(snapshot):
            add_media(backup, name, sha256)
        manifest = conclude(backup, snapshot, f"{SUMS}-{moment}")
        backup.copied -= 1  # the list itself
        target.keep_only({*backup.sums, MANIFEST})
    return manifest, backup.copied


def list_media(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """Every file that a row names, and the imports that are still waiting, without their hash."""
    yield from snapshot.names
    waiting = import_jobs.list_sources()
    yield from ((f"{import_jobs.FOLDER}/{key}", "") for key in snapshot.imports if key in waiting)


def add_media(backup: Backup, name: str, sha256: str) -> None:
    """A file whose bytes are not those of its row is kept as it is and told of.

    An encrypted one goes as it is stored: a backup is as secret as what it was made of.
    """
    try:
        with media.opening_stored(name) as raw:
            copy = name_copy(name, raw)
            known = backup.target.find_held(copy, raw.size, "" if raw.is_sealed else sha256)
            if sha256 and known:
                backup.note(copy, known, raw.size)
                return
            found = backup.add(copy, raw.file, raw.size)
        if sha256 and raw.is_sealed:
            found = media.measure_stored(name).sha256
    except MediaKeyMissing:
        return  # what nobody here can read is copied all the same; verify names it
    except (FileNotFoundError, MediaTampered):
        backup.lost.append(name)
        return
    if sha256 and found != sha256:
        backup.lost.append(name)


def conclude(backup: Backup, snapshot: Snapshot, sums: str) -> Manifest:
    """The list of hashes, then the manifest: with it the backup is whole."""
    files = len(backup.sums)
    body = "".join(f"{sha256}  {name}\n" for name, sha256 in backup.sums.items()).encode()
    manifest = Manifest(
        format=FORMAT,
        version=settings.VERSION,
        made_at=format_utc(datetime.now(UTC)),
        vendor=connection.vendor,
        migrations=sorted(map(list, MigrationRecorder(connection).applied_migrations())),
        meetings=snapshot.meetings,
        files=files,
        bytes=backup.bytes,
        sums=sums,
        sums_sha256=backup.add(sums, BytesIO(body), len(body)),
        lost=backup.lost,
        tables=snapshot.tables,
    )
    text = json.dumps(asdict(manifest), indent=2).encode()
    backup.target.write(MANIFEST, BytesIO(text), len(text))
    return manifest
