"""The rows of a backup back into the database, all or none."""

import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Model

from intellibooks.serving import migrate_database
from meetings.backup.snapshots import SQLITE_NAME, quote
from meetings.backup.sources import BackupUnusable, Manifest, Source

PIECE_BYTES = 1024 * 1024
LOCK_SECONDS = 10


def check_fits(manifest: Manifest) -> None:
    """Raises BackupUnusable."""
    if manifest.vendor != connection.vendor:
        raise BackupUnusable(
            f"It holds rows of {manifest.vendor}, and DATABASE_URL names {connection.vendor}."
        )
    loader = MigrationExecutor(connection).loader
    steps = {(app, name) for app, name in manifest.migrations}
    if unknown := steps - set(loader.disk_migrations):
        raise BackupUnusable(
            f"It was made by the newer version {manifest.version}: "
            f"the step {'.'.join(min(unknown))} is not known here."
        )
    applied = set(loader.applied_migrations)
    if connection.vendor == "postgresql" and applied and applied != steps:
        raise BackupUnusable(
            "The tables here are not those of the backup. Restore into an empty database: "
            "they are made as they were, filled, and brought up to date."
        )


def load_rows(source: Source, manifest: Manifest, files: Iterable[str], scratch: Path) -> None:
    """Replaces every row; then the tables are brought up to date.

    Raises DatabaseError, sqlite3.Error.
    """
    by_name = {name.rpartition("/")[2]: name for name in files}
    if connection.vendor == "sqlite":
        load_sqlite(source, by_name[SQLITE_NAME], scratch / SQLITE_NAME)
    else:
        make_tables(manifest)
        load_postgres(source, manifest, by_name)
    migrate_database()


def load_sqlite(source: Source, name: str, path: Path) -> None:
    """Page by page into the file that is there: who has it open sees the new rows or the old."""
    with source.open(name) as file, path.open("wb") as copy:
        shutil.copyfileobj(file, copy, PIECE_BYTES)
    connection.close()
    target = sqlite3.connect(connection.settings_dict["NAME"], timeout=LOCK_SECONDS)
    with closing(sqlite3.connect(path)) as rows, closing(target):
        rows.backup(target)


def make_tables(manifest: Manifest) -> None:
    """In an empty database: the tables as they were when the backup was made."""
    executor = MigrationExecutor(connection)
    if not executor.loader.applied_migrations:
        steps = {(app, name) for app, name in manifest.migrations}
        nodes = executor.loader.graph.node_map
        # The last step of each app; an earlier one as a goal would mean: go back to it.
        last = [
            step
            for step in sorted(steps)
            if not any(
                child.key in steps and child.key[0] == step[0] for child in nodes[step].children
            )
        ]
        executor.migrate(last)


def load_postgres(source: Source, manifest: Manifest, files: dict[str, str]) -> None:
    name = connection.ops.quote_name
    tables = list(map(name, manifest.tables))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
        cursor.execute("SET LOCAL statement_timeout = 0")
        # What triggers wrote is among the rows already.
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(f"TRUNCATE {', '.join(tables)}")
        for table, columns in manifest.tables.items():
            with (
                source.open(files[table]) as file,
                cursor.copy(f"COPY {quote(table, columns)} FROM STDIN") as copy,
            ):
                while piece := file.read(PIECE_BYTES):
                    copy.write(piece)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a foreign key that leads nowhere: refused
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        for statement in connection.ops.sequence_reset_sql(no_style(), list_models(manifest)):
            cursor.execute(statement)


def list_models(manifest: Manifest) -> list[type[Model]]:
    """Those that have a table in the backup."""
    models = apps.get_models(include_auto_created=True)
    return [model for model in models if model._meta.db_table in manifest.tables]  # noqa: SLF001
