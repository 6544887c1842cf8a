"""Erases one meeting for good and says on paper what went."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError
from redis.exceptions import RedisError

from intellibooks.errors import DomainError
from meetings import services
from meetings.erasing.certificate import erase
from meetings.erasing.traces import Traces, find_traces
from meetings.models import Meeting

EXIT_DONE, EXIT_LEFT, EXIT_REFUSED = 0, 1, 2


class Command(BaseCommand):
    help = (
        "Removes a meeting with its rows, messages, events, search entries, webhook bodies, "
        "files and Redis keys, then looks for what is left. Shows only what would go, unless "
        "--yes. Exit code: 0 nothing is left, 1 something is, 2 nothing was done: unknown, in "
        "use, or a store does not answer."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", metavar="ID")
        parser.add_argument("--certificate", type=Path, metavar="FILE.json", help="what went")
        parser.add_argument("--force", action="store_true", help="even while it records")
        parser.add_argument("--yes", action="store_true", help="really erase")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            meeting = services.get_meeting(options["id"])
            if not options["yes"]:
                self.tell(find_traces(meeting), "would go; add --yes to erase")
                sys.exit(EXIT_DONE)
            is_complete = self.erase(meeting, options)
        except (DomainError, DatabaseError, RedisError, OSError) as error:
            self.stderr.write(f"Not erased: {error}")
            sys.exit(EXIT_REFUSED)
        sys.exit(EXIT_DONE if is_complete else EXIT_LEFT)

    def erase(self, meeting: Meeting, options: dict[str, Any]) -> bool:
        certificate = erase(meeting, actor="manage.py erase", is_forced=options["force"])
        text = json.dumps(certificate.describe(), indent=2)
        if options["certificate"]:
            options["certificate"].write_text(f"{text}\n")
        self.tell(certificate.removed, "erased")
        if not certificate.is_complete:
            self.stderr.write(f"Still there: {json.dumps(certificate.describe()['left'])}")
        return certificate.is_complete

    def tell(self, traces: Traces, what: str) -> None:
        self.stdout.write(
            f"{sum(traces.rows.values())} rows, {len(traces.files)} files of "
            f"{sum(traces.files.values())} bytes, {len(traces.redis)} Redis keys {what}."
        )
