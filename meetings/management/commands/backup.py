"""Makes a backup of rows and files while the service goes on."""

import sqlite3
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from meetings.backup.making import make_backup

EXIT_DONE, EXIT_LOST, EXIT_FAILED = 0, 1, 2


class Command(BaseCommand):
    help = (
        "Writes every row, as of one moment, and every audio file into a folder, or into one file "
        "if the name ends with .tar. Recording goes on. A second backup into the same folder "
        "copies only new files. Exit code: 0 done, 1 done but a file that a row names is gone or "
        "damaged (see verify), 2 it could not be made."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("target", type=Path, metavar="DIR|FILE.tar")

    def handle(self, *args: Any, **options: Any) -> None:
        target: Path = options["target"]
        try:
            manifest, copied = make_backup(target)
        except (OSError, DatabaseError, sqlite3.Error) as error:
            self.stderr.write(f"No backup was made: {error}")
            sys.exit(EXIT_FAILED)
        for name in manifest.lost:
            self.stderr.write(f"{name} is gone or is not what was accepted")
        self.stdout.write(
            f"{manifest.meetings} meetings in {manifest.files} files, "
            f"{manifest.bytes / 2**20:.1f} MiB; {copied} files copied to {target}."
        )
        sys.exit(EXIT_LOST if manifest.lost else EXIT_DONE)
