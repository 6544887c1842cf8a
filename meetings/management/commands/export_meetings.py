"""Writes meetings as files, into a folder or one ZIP archive."""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from intellibooks.errors import DomainError
from meetings import exporting, services
from meetings.demo.wording import clean_text, format_time
from meetings.models import Meeting
from meetings.storage import make_folder, write_whole
from meetings.zip_stream import Member, stream_zip

EXIT_DONE, EXIT_NOT_ALL, EXIT_NOTHING = 0, 1, 2


class Command(BaseCommand):
    help = (
        "Writes meetings as files: those named, or all that --since and --status leave. The same "
        "meeting is written over its earlier file. One line per meeting. Exit code: 0 everything "
        "was written, 1 a meeting is unknown or a file could not be made, 2 wrong usage, nothing "
        "chosen, or no database."
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.failures = 0
        self.written = 0

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("ids", nargs="*", metavar="ID")
        parser.add_argument("--all", action="store_true", help="every meeting")
        parser.add_argument(
            "--since", type=read_date, metavar="2026-11-22", help="begun then or later (UTC)"
        )
        parser.add_argument("--status", choices=Meeting.Status.values)
        parser.add_argument(
            "--format",
            type=read_formats,
            default=["md"],
            metavar="md,vtt",
            help=f"one or more of {', '.join(exporting.NAMES)}; default: md",
        )
        parser.add_argument(
            "--out", type=Path, required=True, metavar="DIR|FILE.zip", help="where to write"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            chosen = self.choose(options)
        except DatabaseError as error:
            raise CommandError(f"The database cannot be read: {error}", returncode=2) from error
        if not chosen and not self.failures:
            raise CommandError("No meeting matches.", returncode=EXIT_NOTHING)
        members = exporting.list_members(load(chosen), options["format"], self.report)
        try:
            write_members(options["out"], members)
        except (OSError, DatabaseError) as error:
            self.failures += 1
            self.stderr.write(clean_text(f"{options['out']}: {error}"))
        self.stdout.write(f"{self.written} files of {len(chosen)} meetings in {options['out']}.")
        sys.exit(EXIT_NOT_ALL if self.failures else EXIT_DONE)

    def choose(self, options: dict[str, Any]) -> list[str]:
        """Ids, the oldest first."""
        ids, rows = options["ids"], Meeting.objects.order_by("created_at", "pk")
        if not (ids or options["all"] or options["since"] or options["status"]):
            raise CommandError("Name meetings, or say --all, --since or --status.", returncode=2)
        if ids:
            rows = rows.filter(pk__in=ids)
            self.tell_unknown(ids)
        if options["since"]:
            rows = rows.filter(created_at__gte=options["since"])
        if options["status"]:
            rows = rows.filter(status=options["status"])
        return list(rows.values_list("pk", flat=True))

    def tell_unknown(self, ids: Sequence[str]) -> None:
        known = set(Meeting.objects.filter(pk__in=ids).values_list("pk", flat=True))
        for meeting_id in ids:
            if meeting_id not in known:
                self.failures += 1
                self.stderr.write(clean_text(f"{meeting_id}: unknown"))

    def report(self, meeting: Meeting, entries: list[exporting.Entry]) -> None:
        errors = [f"{entry['format']}: {entry['error']}" for entry in entries if "error" in entry]
        self.failures += len(errors)
        self.written += len(entries) - len(errors)
        title = clean_text(meeting.conversation.title) or "meeting"
        length = format_time(meeting.duration_ms / 1000)
        made = ", ".join(entry["format"] for entry in entries if "file" in entry) or "nothing"
        self.stdout.write(f"{meeting.pk}: {title}, {meeting.status}, {length}: {made}")
        for error in errors:
            self.stderr.write(clean_text(f"{meeting.pk}: {error}"))


def load(ids: Iterable[str]) -> Iterator[Meeting]:
    """One after another: the rows of many meetings hold much text."""
    for meeting_id in ids:
        yield services.get_meeting(meeting_id)


def write_members(out: Path, members: Iterator[Member]) -> None:
    """Each file whole or not there. Raises OSError."""
    if out.suffix.lower() == ".zip":
        write_whole(out.absolute(), stream_zip(members))
        return
    make_folder(out.absolute())
    for member in members:
        write_whole(out.absolute() / member.name, member.pieces)


def read_date(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no date such as 2026-11-22") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_formats(text: str) -> list[str]:
    names = [name for name in text.lower().split(",") if name]
    try:
        exporting.check_formats(names)
    except DomainError as error:
        raise argparse.ArgumentTypeError(error.error) from error
    return list(dict.fromkeys(names))
