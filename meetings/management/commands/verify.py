"""Checks that rows, files and Redis agree, and mends what can be mended without loss."""

import json
import sys
from dataclasses import dataclass, field
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError
from redis.exceptions import RedisError

from intellibooks.errors import DomainError
from meetings import services
from meetings.findings import Finding, Note
from meetings.models import Meeting
from meetings.verification import verify

EXIT_CLEAN, EXIT_FINDINGS, EXIT_UNCHECKED = 0, 1, 2


@dataclass(slots=True)
class Report:
    """What a run found; ``fixed`` are the findings that were mended."""

    meetings: int = 0
    findings: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, str]] = field(default_factory=list)
    fixed: int = 0

    @property
    def left(self) -> int:
        return len(self.findings) - self.fixed


class Command(BaseCommand):
    help = (
        "Checks every meeting, or those named: files and their sha256, the recording, counters, "
        "the event log, segments, files without a row, Redis. One line per finding. "
        "Exit code: 0 nothing is wrong or all of it was fixed, 1 something is wrong, "
        "2 it could not be checked. A chunk that never came is named and is no finding."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("ids", nargs="*", metavar="ID", help="default: every meeting")
        parser.add_argument("--fix", action="store_true", help="mend what can be without loss")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")

    def handle(self, *args: Any, **options: Any) -> None:
        report = Report()
        try:
            self.run(report, options)
        except (DomainError, DatabaseError, OSError) as error:
            self.stderr.write(f"Could not check: {error}")
            sys.exit(EXIT_UNCHECKED)
        self.conclude(report, options)
        sys.exit(EXIT_FINDINGS if report.left else EXIT_CLEAN)

    def run(self, report: Report, options: dict[str, Any]) -> None:
        named = [services.get_meeting(meeting_id) for meeting_id in options["ids"]]
        report.meetings = len(named) or Meeting.objects.count()
        meetings = named or Meeting.objects.order_by("created_at").iterator()
        for result in verify(meetings, is_everything=not named):
            if isinstance(result, Note):
                report.notes.append({"meeting": result.meeting_id, "what": result.what})
                self.say(options, result.meeting_id, result.what)
            else:
                self.treat(report, result, options)

    def treat(self, report: Report, finding: Finding, options: dict[str, Any]) -> None:
        is_fixed = options["fix"] and mend(finding)
        report.fixed += is_fixed
        report.findings.append(
            {
                "meeting": finding.meeting_id,
                "code": finding.code,
                "what": finding.what,
                "fix": finding.fix,
                "can_fix": finding.repair is not None,
                "fixed": is_fixed,
            }
        )
        word = "fixed" if is_fixed else "to fix"
        self.say(options, finding.meeting_id, f"{finding.what} ({word}: {finding.fix})")

    def say(self, options: dict[str, Any], meeting_id: str, what: str) -> None:
        if not options["json"]:
            self.stdout.write(f"{meeting_id or '-'}: {what}")

    def conclude(self, report: Report, options: dict[str, Any]) -> None:
        if options["json"]:
            body = {
                "meetings": report.meetings,
                "findings": report.findings,
                "notes": report.notes,
                "fixed": report.fixed,
            }
            self.stdout.write(json.dumps(body, indent=2))
            return
        fixed = f", {report.fixed} fixed" if options["fix"] else ""
        self.stdout.write(
            f"Checked {report.meetings} meetings: {len(report.findings)} findings{fixed}."
        )


def mend(finding: Finding) -> bool:
    """Whether the finding was repaired."""
    if finding.repair is None:
        return False
    try:
        finding.repair()
    except (DomainError, RedisError, OSError):
        return False  # the finding stays, and the exit code says so
    return True
