"""Makes meetings of recordings: any sound file, through the same pipeline as a live meeting."""

import argparse
import os
import re
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from intellibooks.errors import DomainError
from meetings import importing, services
from meetings.demo.wording import clean_text, count, format_time
from meetings.models import Meeting
from meetings.stages import list_stages, measure_progress

EXIT_DONE, EXIT_NOT_ALL, EXIT_NOTHING, EXIT_INTERRUPTED = 0, 1, 2, 130
POLL_SECONDS = 0.5
OVER = (Meeting.Status.COMPLETED, Meeting.Status.FAILED, Meeting.Status.CANCELLED)
# What a folder is searched for; a file that is named is tried whatever it is called.
SOUNDS = frozenset(
    {".wav", ".webm", ".weba", ".ogg", ".oga", ".opus", ".mp3"}
    | {".m4a", ".mp4", ".aac", ".flac", ".mka", ".mkv", ".mov"}
)


class Command(BaseCommand):
    help = (
        "Makes a meeting of each sound file, dated as the file, through the same pipeline as a "
        "live meeting. A file imported before is skipped; one that was interrupted goes on. At "
        "most 3 hours and 512 MiB each, because a file is decoded in memory (3 hours: 345 MB). "
        "Workers must run (`manage.py serve`). Exit code: 0 every file is imported or known, 1 "
        "one could not be, 2 nothing to import or no database, 130 interrupted."
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.failures = 0
        self.meetings: list[str] = []
        self.progress = build_progress()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="file or folder")
        parser.add_argument("--title", default="", help="default: the file's name")
        parser.add_argument("--language", type=read_language, default="en", metavar="en")
        parser.add_argument("--recursive", action="store_true", help="folders in folders too")
        parser.add_argument("--wait", action="store_true", help="until the meetings are processed")

    def handle(self, *args: Any, **options: Any) -> None:
        files = list(self.list_files(options["paths"], is_recursive=options["recursive"]))
        if not files and not self.failures:
            raise CommandError("There is no sound file in this place.", returncode=EXIT_NOTHING)
        try:
            with self.progress:
                for path in files:
                    self.import_one(path, options)
                if options["wait"]:
                    self.wait()
        except DatabaseError as error:
            raise CommandError(
                f"The database does not answer: {error}", returncode=EXIT_NOTHING
            ) from error
        except KeyboardInterrupt:
            self.stderr.write("Interrupted. The same command goes on where it stopped.")
            sys.exit(EXIT_INTERRUPTED)
        sys.exit(EXIT_NOT_ALL if self.failures else EXIT_DONE)

    def list_files(self, paths: Sequence[Path], *, is_recursive: bool) -> Iterator[Path]:
        for path in paths:
            if path.is_dir():
                yield from find_sounds(path, is_recursive=is_recursive)
            elif path.is_file():
                yield path
            else:
                self.failures += 1
                self.stderr.write(clean_text(f"{path}: no such file"))

    def import_one(self, path: Path, options: dict[str, Any]) -> None:
        progress = self.progress
        task = progress.add_task(clean_text(path.name), total=None)
        try:
            imported = importing.import_file(
                path,
                title=options["title"],
                language=options["language"],
                report=lambda done, total: progress.update(task, completed=done, total=total),
            )
        except DomainError as error:
            self.fail(path, error.error)
        except OSError as error:
            self.fail(path, error.strerror or str(error))
        else:
            self.tell(path, imported)
        finally:
            progress.remove_task(task)

    def tell(self, path: Path, imported: importing.Imported) -> None:
        meeting = imported.meeting
        self.meetings.append(meeting.pk)
        what = "known as" if imported.is_known else "imported as"
        chunks = count(meeting.total_chunks, "chunk")
        self.say(f"{path}: {what} {meeting.pk}, {meeting.status}, {chunks}")

    def fail(self, path: Path, reason: str) -> None:
        self.say(f"{path}: {reason}", is_failure=True)

    def say(self, line: str, *, is_failure: bool = False) -> None:
        """One line, with the bars out of its way."""
        self.failures += is_failure
        self.progress.stop()
        (self.stderr if is_failure else self.stdout).write(clean_text(line))
        self.progress.start()

    def wait(self) -> None:
        """Returns when every meeting is processed; one that failed is a failure of ours."""
        progress = self.progress
        for meeting_id in dict.fromkeys(self.meetings):
            task = progress.add_task(f"processing {meeting_id}", total=1.0)
            meeting = services.get_meeting(meeting_id)
            while meeting.status not in OVER:
                time.sleep(POLL_SECONDS)
                meeting = services.get_meeting(meeting_id)
                progress.update(task, completed=measure_progress(list_stages(meeting)))
            progress.remove_task(task)
            self.conclude(meeting)

    def conclude(self, meeting: Meeting) -> None:
        length = format_time(meeting.duration_ms / 1000)
        line = f"{meeting.pk}: {meeting.status}, {length} {meeting.failure_reason}"
        self.say(line, is_failure=meeting.status != Meeting.Status.COMPLETED)


def build_progress() -> Progress:
    """Bars at the bottom of a terminal; nothing where the output is none."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def find_sounds(folder: Path, *, is_recursive: bool) -> Iterator[Path]:
    """The sound files in a folder by name, hidden ones left out; links to folders not followed."""
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if is_recursive and name[0] != ".")
        for name in sorted(names):
            if name[0] != "." and Path(name).suffix.lower() in SOUNDS:
                yield Path(where) / name


def read_language(text: str) -> str:
    if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?", text, re.ASCII) is None:
        raise argparse.ArgumentTypeError(f"{text} is no language such as en or pt-BR")
    return text
