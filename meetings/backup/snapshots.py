"""The rows at one moment, while the service goes on writing: for SQLite and for Postgres."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection, transaction

from meetings import media

SQLITE_NAME = "rows.sqlite3"
# The record of the migrations that ran belongs to the tables, not to what is in them.
RECORD = "django_migrations"
# Every file that a row names, and its SHA-256.
NAMED = """
    SELECT name, sha256 FROM meetings_audiochunk WHERE name <> ''
    UNION ALL SELECT name, sha256 FROM meetings_conflictingchunk WHERE name <> ''
    UNION ALL SELECT recording_name, recording_sha256 FROM meetings_meeting
        WHERE recording_name <> ''
"""
SOURCES = "SELECT media_key FROM meetings_meeting WHERE source_sha256 <> ''"
COUNT = "SELECT count(*) FROM meetings_meeting"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Files in ``folder`` that hold the rows, and what those rows say.

    ``names`` are the media files with their SHA-256, ``imports`` the meetings made of an upload
    whose file may still be there, ``tables`` Postgres' tables with their columns as copied.
    """

    folder: Path
    names: list[tuple[str, str]]
    imports: list[str]
    meetings: int
    tables: dict[str, list[str]]


@contextmanager
def taking_snapshot() -> Iterator[Snapshot]:
    """Raises DatabaseError, sqlite3.Error, OSError."""
    take = copy_sqlite if connection.vendor == "sqlite" else copy_postgres
    with tempfile.TemporaryDirectory(prefix="backup-", dir=media.scratch_folder()) as folder:
        yield take(Path(folder))


def copy_sqlite(folder: Path) -> Snapshot:
    """By SQLite's own online backup: a writer waits for nothing, and no half of one is seen."""
    path = folder / SQLITE_NAME
    source = sqlite3.connect(connection.settings_dict["NAME"], timeout=20)
    with closing(source), closing(sqlite3.connect(path)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, no log beside it
        names = list(copy.execute(NAMED))
        imports = [str(key) for (key,) in copy.execute(SOURCES)]
        meetings = int(copy.execute(COUNT).fetchone()[0])
    return Snapshot(folder, names, imports, meetings, {})


def copy_postgres(folder: Path) -> Snapshot:
    """By COPY in one transaction that sees the rows of one moment; nobody waits for it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = 0")
        tables = {name: list_columns(name) for name in list_tables()}
        for name, columns in tables.items():
            with (
                (folder / name).open("wb") as file,
                cursor.copy(f"COPY {quote(name, columns)} TO STDOUT") as rows,
            ):
                for piece in rows:
                    file.write(piece)
        cursor.execute(NAMED)
        names = list(cursor.fetchall())
        cursor.execute(SOURCES)
        imports = [str(key) for (key,) in cursor.fetchall()]
        cursor.execute(COUNT)
        meetings = int(cursor.fetchone()[0])
    return Snapshot(folder, names, imports, meetings, tables)


def list_tables() -> list[str]:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return sorted(set(names) - {RECORD})


def list_columns(table: str) -> list[str]:
    """Those that are written; what Postgres computes by itself it computes again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s "
            "AND table_schema = current_schema() AND is_generated = 'NEVER' "
            "ORDER BY ordinal_position",
            [table],
        )
        return [str(name) for (name,) in cursor.fetchall()]


def quote(table: str, columns: list[str]) -> str:
    """``"table" ("column", ...)``."""
    name = connection.ops.quote_name
    return f"{name(table)} ({', '.join(map(name, columns))})"
