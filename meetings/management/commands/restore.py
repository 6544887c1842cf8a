"""Puts a backup back and checks what came of it."""

import sqlite3
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from intellibooks.errors import DomainError
from intellibooks.serving import AlreadyServing, owning_data_dir
from meetings.backup.restoring import restore_backup

EXIT_REFUSED = 2


class Command(BaseCommand):
    help = (
        "Replaces every row by those of a backup and puts its files back, after everything in it "
        "was checked; then verify runs. Stop the service first. Exit code: that of verify, or 2 "
        "if nothing was restored."
    )
    # The tables may not be there yet.
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's name

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", type=Path, metavar="DIR|FILE.tar")
        parser.add_argument("--yes", action="store_true", help="replace the meetings that are here")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with owning_data_dir(settings.DATA_DIR):
                manifest = restore_backup(options["source"], is_forced=options["yes"])
        except (DomainError, AlreadyServing, OSError, DatabaseError, sqlite3.Error) as error:
            self.stderr.write(f"Not restored: {error}")
            sys.exit(EXIT_REFUSED)
        self.stdout.write(f"Restored {manifest.meetings} meetings as of {manifest.made_at} (UTC).")
        call_command("verify", stdout=self.stdout, stderr=self.stderr)
