"""Removes old meetings, or only their sound. Without --yes it shows what would go."""

import argparse
import re
import sys
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from chat.frames import format_utc
from intellibooks.errors import DomainError
from meetings import upkeep
from meetings.models import Meeting
from meetings.retention import select_old

EXIT_DONE, EXIT_NOT_PURGED, EXIT_UNREADABLE = 0, 1, 2
UNITS = {"h": "hours", "d": "days", "w": "weeks"}
STEP = 1024


class Command(BaseCommand):
    help = (
        "Removes completed, failed and cancelled meetings that ended longer ago than the given "
        "time, with rows, messages, events, files and Redis keys. Shows only what would go, "
        "unless --yes. Exit code: 0 done or shown, 1 a meeting that was named is unknown, still "
        "in use or too young, or could not be removed, 2 wrong usage or no database."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("ids", nargs="*", metavar="ID", help="only these")
        parser.add_argument(
            "--older-than", type=read_age, required=True, metavar="30d", help="hours h, days d, w"
        )
        parser.add_argument(
            "--audio-only", action="store_true", help="keep text and results, remove the sound"
        )
        parser.add_argument("--yes", action="store_true", help="really remove")

    def handle(self, *args: Any, **options: Any) -> None:
        ids = set(options["ids"])
        meetings = self.select(ids, options)
        refused = sorted(ids - {meeting.pk for meeting in meetings})
        for meeting_id in refused:
            self.stderr.write(f"{meeting_id}: unknown, in use, too young or purged already")
        sizes = [self.purge(meeting, options) for meeting in meetings]
        done = [size for size in sizes if size is not None]
        word = "removed" if options["yes"] else "would be removed; add --yes to remove"
        self.stdout.write(f"{len(done)} meetings, {format_bytes(sum(done))} {word}.")
        sys.exit(EXIT_NOT_PURGED if refused or len(done) < len(sizes) else EXIT_DONE)

    def select(self, ids: set[str], options: dict[str, Any]) -> list[Meeting]:
        rows = select_old(options["older_than"], is_audio_only=options["audio_only"])
        try:
            return list(rows.filter(pk__in=ids) if ids else rows)
        except DatabaseError as error:
            self.stderr.write(f"The database cannot be read: {error}")
            sys.exit(EXIT_UNREADABLE)

    def purge(self, meeting: Meeting, options: dict[str, Any]) -> int | None:
        """Bytes that went or would go; None, and a line on stderr, if it was not possible."""
        remove = upkeep.delete_meeting_media if options["audio_only"] else upkeep.erase_meeting
        try:
            size = (remove if options["yes"] else upkeep.measure_meeting_media)(meeting)
        except (DomainError, DatabaseError, OSError) as error:
            self.stderr.write(f"{meeting.pk}: {error}")
            return None
        ended = format_utc(meeting.ended_at or meeting.last_activity_at)
        self.stdout.write(f"{meeting.pk}: {meeting.status}, ended {ended}, {format_bytes(size)}")
        return size


def read_age(text: str) -> timedelta:
    match = re.fullmatch(r"(\d{1,5})([hdw])", text, re.ASCII)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text} is not a time such as 12h, 30d or 8w")
    return timedelta(**{UNITS[match[2]]: int(match[1])})


def format_bytes(count: float) -> str:
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < STEP or unit == "GiB":
            break
        count /= STEP
    return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"
