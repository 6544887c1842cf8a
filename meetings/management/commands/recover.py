"""Heals now what the watchdog heals over time, and tries failed meetings again."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError
from redis.exceptions import RedisError

from intellibooks.errors import DomainError, NotFound
from meetings import services
from meetings.models import Meeting
from meetings.recovery import Act, plan_recovery

EXIT_DONE, EXIT_NOT_RECOVERED = 0, 1


class Command(BaseCommand):
    help = (
        "Hands over the spool, ends recordings of dead clients, queues lost work again and tells "
        "Redis what runs. A failed meeting that is named is processed again. One line per act. "
        "Exit code: 0 done or nothing to do, 1 an id is unknown or cannot be recovered, or a store "
        "is away."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("ids", nargs="*", metavar="ID", help="default: every meeting")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.recover(options["ids"], is_dry=options["dry_run"])
        except DatabaseError as error:
            self.stderr.write(f"The database does not answer: {error}")
            sys.exit(EXIT_NOT_RECOVERED)

    def recover(self, ids: list[str], *, is_dry: bool) -> None:
        named = [meeting for name in ids if (meeting := self.find(name))]
        failures, acts = len(ids) - len(named), 0
        for act in plan_recovery(named) if named or not ids else ():
            acts += act.run is not None
            failures += not self.perform(act, is_dry=is_dry)
        self.stdout.write(f"{acts} acts {'would be done' if is_dry else 'done'}.")
        sys.exit(EXIT_NOT_RECOVERED if failures else EXIT_DONE)

    def find(self, meeting_id: str) -> Meeting | None:
        try:
            return services.get_meeting(meeting_id)
        except NotFound as error:
            self.stderr.write(f"{meeting_id}: {error}")
            return None

    def perform(self, act: Act, *, is_dry: bool) -> bool:
        """Whether the act was done, or would be."""
        try:
            if act.run and not is_dry:
                act.run()
        except (DomainError, RedisError) as error:
            self.stderr.write(f"{act.meeting_id or '-'}: {error}")
            return False
        (self.stderr if act.is_hopeless else self.stdout).write(
            f"{act.meeting_id or '-'}: {act.what}"
        )
        return not act.is_hopeless
