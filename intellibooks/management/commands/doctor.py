"""What works on this machine, what does not, and the line that mends it."""

import json
import logging
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from intellibooks.checkup.base import Level, Report, run_checks
from intellibooks.checkup.report import choose_marks, write_lines, write_verdict
from intellibooks.health import CHECKS, describe_reports

EXIT_NOT_READY = 6


class Command(BaseCommand):
    help = (
        "Looks at every part of the service and names one command that mends what is wrong. "
        "Exit code: 0 everything that is needed works, 6 something does not. "
        "Examples: manage.py doctor; manage.py doctor --quick --json"
    )
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's name; it must run on a broken machine

    def add_arguments(self, parser: CommandParser) -> None:
        depth = parser.add_mutually_exclusive_group()
        depth.add_argument("--quick", action="store_true", help="no test sentence, no network")
        depth.add_argument("--online", action="store_true", help="also ask services about keys")
        parser.add_argument("--json", action="store_true", help="one object, as /api/status has it")

    def handle(self, *args: Any, **options: Any) -> None:
        quieten(options["verbosity"])
        reports = run_checks(CHECKS, choose_level(options))
        if options["json"]:
            self.stdout.write(json.dumps(describe_reports(reports), indent=2, ensure_ascii=False))
        else:
            self.show(reports)
        if any(report.is_problem for report in reports):
            sys.exit(EXIT_NOT_READY)

    def show(self, reports: list[Report]) -> None:
        marks = choose_marks(getattr(self.stdout, "encoding", None))
        for style, line in write_lines(reports, marks):
            self.stdout.write(getattr(self.style, style)(line))
        self.stdout.write(write_verdict(reports))


def quieten(verbosity: int) -> None:
    """A broken check is in the list; its traceback is for who asks, addresses are for nobody."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    if verbosity <= 1:
        logging.getLogger("intellibooks.checkup").setLevel(logging.CRITICAL)


def choose_level(options: dict[str, Any]) -> Level:
    if options["quick"]:
        return Level.CHEAP
    return Level.ONLINE if options["online"] else Level.THOROUGH
