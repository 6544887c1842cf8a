"""Encrypts the audio that is stored already, under the key that new audio gets."""

import sys
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from intellibooks.errors import DomainError
from meetings import services
from meetings.encryption.rewriting import Rewritten, rewrite_meeting, rewrite_rest
from meetings.models import Meeting

EXIT_DONE, EXIT_LEFT, EXIT_REFUSED = 0, 1, 2
NO_KEY = "MEDIA_ENCRYPTION_KEYS names no key to encrypt with: set it, or say --decrypt."
STILL_ON = (
    "New audio is still encrypted: put off, in front of the keys in MEDIA_ENCRYPTION_KEYS, "
    "restart the service, and run this again."
)


class Command(BaseCommand):
    help = (
        "Writes every audio file that is not encrypted with the first key of "
        "MEDIA_ENCRYPTION_KEYS anew, encrypted with it: after the setting was made, and after a "
        "new key was put in front. Recording goes on; it can be stopped at any moment and run "
        "again. --decrypt is the way back, once `off` stands in front of the keys. Exit code: "
        "0 all files are as they should be, 1 some could not be read (their key is missing, or "
        "they were damaged) and stay as they are, 2 the setting does not allow it, an id is "
        "unknown, or a store is away."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("ids", nargs="*", metavar="ID", help="default: every meeting")
        parser.add_argument("--decrypt", action="store_true", help="store them as they came")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")

    def handle(self, *args: Any, **options: Any) -> None:
        is_on = bool(settings.MEDIA_ENCRYPTION_KEYS.writing)
        if is_on == options["decrypt"]:
            self.stderr.write(STILL_ON if is_on else NO_KEY)
            sys.exit(EXIT_REFUSED)
        files = size = problems = 0
        try:
            for done in self.rewrite(options["ids"], is_dry=options["dry_run"]):
                self.tell(done)
                files, size = files + done.changed, size + done.bytes
                problems += len(done.problems)
        except (DomainError, DatabaseError, OSError) as error:
            self.stderr.write(f"Stopped: {error}")
            sys.exit(EXIT_REFUSED)
        word = "would be written" if options["dry_run"] else "written"
        self.stdout.write(f"{files} files of {size / 2**20:.1f} MiB {word}, {problems} not.")
        sys.exit(EXIT_LEFT if problems else EXIT_DONE)

    def rewrite(self, ids: list[str], *, is_dry: bool) -> Iterator[Rewritten]:
        named = [services.get_meeting(meeting_id) for meeting_id in ids]
        for meeting in named or Meeting.objects.order_by("created_at").iterator():
            yield rewrite_meeting(meeting, is_dry=is_dry)
        if not named:
            yield rewrite_rest(is_dry=is_dry)

    def tell(self, done: Rewritten) -> None:
        where = done.meeting_id or "files of no meeting and the spool"
        for problem in done.problems:
            self.stderr.write(f"{where}: {problem}")
        size = f"{done.bytes / 2**20:.1f} MiB"
        kept = f"{done.left} were as they should be"
        self.stdout.write(f"{where}: {done.changed} files, {size}; {kept}")
