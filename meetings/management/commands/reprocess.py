"""Processes meetings again: what is asked for, and what depends on it."""

import json
import sys
from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from intellibooks.errors import DomainError, InvalidRequest
from meetings import services
from meetings.demo.wording import clean_text, format_time
from meetings.management.commands.export_meetings import read_date
from meetings.management.commands.import_audio import build_progress
from meetings.models import Meeting
from meetings.reprocessing.dependencies import ALL, NAMES
from meetings.reprocessing.selection import STATUSES, Selection, list_chosen, list_unknown
from meetings.reprocessing.service import (
    plan_stages,
    reprocess_meeting,
    require_stages,
    require_wishes,
)
from meetings.reprocessing.watching import NoWorker, follow_meeting

EXIT_DONE, EXIT_FAILED, EXIT_USAGE, EXIT_PARTLY, EXIT_UNKNOWN = 0, 1, 2, 3, 4
EXIT_INTERRUPTED = 130
EXAMPLES = """examples:
  manage.py reprocess --all --since 2026-11-01 --stages summary,actions --wait
  manage.py reprocess MEETING --stages transcribe --engine whisper_cli --dry-run"""


class Command(BaseCommand):
    help = (
        "Processes finished meetings again: those named, or all that the filters leave. Runs the "
        "stages asked for, and those that depend on them if their input changed; earlier results "
        "are kept as revisions. Workers do it (`manage.py serve`). Exit code: 0 done, 1 failed, "
        "2 wrong usage, 3 some failed, 4 no such meeting, 130 interrupted."
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.rows: dict[str, dict[str, Any]] = {}
        self.failed: set[str] = set()
        self.is_json = False
        self.progress = build_progress()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("ids", nargs="*", metavar="ID")
        parser.add_argument("--all", action="store_true", help="every finished meeting")
        parser.add_argument("--status", choices=[str(status) for status in STATUSES], default="")
        parser.add_argument(
            "--since", type=read_date, metavar="2026-11-22", help="begun then (UTC)"
        )
        parser.add_argument("--until", type=read_date, metavar="2026-11-23", help="begun before")
        parser.add_argument("--limit", type=int, metavar="N", help="the newest N at most")
        parser.add_argument(
            "--stages", default=ALL, metavar="a,b", help=f"of {', '.join(NAMES)}; default: {ALL}"
        )
        parser.add_argument("--engine", default="", help="that transcribes")
        parser.add_argument("--language", default="", metavar="en", help="that is spoken")
        parser.add_argument(
            "--keep-edits", action="store_true", default=True, help="the default: edits win"
        )
        parser.add_argument(
            "--drop-edits", action="store_false", dest="keep_edits", help="undo what people wrote"
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would run")
        parser.add_argument("--wait", action="store_true", help="until the meetings are processed")
        parser.add_argument("--json", action="store_true", help="one object instead of lines")

    def handle(self, *args: Any, **options: Any) -> None:
        self.is_json = options["json"]
        try:
            with self.progress:
                unknown = self.reprocess(options)
        except DatabaseError as error:
            raise CommandError(f"The database does not answer: {error}") from error
        except KeyboardInterrupt:
            self.stderr.write("Interrupted. What was begun goes on in the workers.")
            sys.exit(EXIT_INTERRUPTED)
        if self.is_json:
            self.stdout.write(json.dumps({"meetings": list(self.rows.values())}))
        sys.exit(self.choose_exit(unknown))

    def choose_exit(self, unknown: int) -> int:
        if not self.failed:
            return EXIT_DONE
        if len(self.failed) < len(self.rows):
            return EXIT_PARTLY
        return EXIT_UNKNOWN if unknown == len(self.failed) else EXIT_FAILED

    def reprocess(self, options: dict[str, Any]) -> int:
        """How many of the meetings named do not exist."""
        wishes = self.read_wishes(options)
        chosen, unknown = self.choose(options)
        for meeting_id in unknown:
            self.tell(meeting_id, "unknown", error="There is no such meeting.")
        task = self.progress.add_task("queueing", total=len(chosen))
        for meeting_id in chosen:
            self.reprocess_one(meeting_id, wishes, is_dry=options["dry_run"])
            self.progress.advance(task)
        self.progress.remove_task(task)
        if options["wait"] and not options["dry_run"]:
            for meeting_id in chosen:
                if meeting_id not in self.failed:
                    self.wait_for(meeting_id)
        return len(unknown)

    def read_wishes(self, options: dict[str, Any]) -> dict[str, Any]:
        """What every meeting is asked for; refused before anything is begun."""
        names = [name.strip() for name in options["stages"].split(",") if name.strip()]
        wishes = {"engine": options["engine"], "language": options["language"]}
        try:
            require_wishes(require_stages(names), **wishes)
        except InvalidRequest as error:
            raise CommandError(error.error, returncode=EXIT_USAGE) from error
        return {**wishes, "stages": names, "keep_edits": options["keep_edits"]}

    def choose(self, options: dict[str, Any]) -> tuple[list[str], list[str]]:
        """Ids of the meetings to process, and of those that do not exist."""
        if options["limit"] is not None and options["limit"] < 1:
            raise CommandError("--limit must be 1 or more.", returncode=EXIT_USAGE)
        names = ("ids", "status", "since", "until", "limit")
        selection = Selection(is_all=options["all"], **{name: options[name] for name in names})
        if selection.is_empty:
            raise CommandError(
                "Name meetings, or say --all, --status, --since or --until.", returncode=EXIT_USAGE
            )
        chosen, unknown = list_chosen(selection), list_unknown(options["ids"])
        if not chosen and not unknown:
            raise CommandError("No finished meeting matches.", returncode=EXIT_UNKNOWN)
        return chosen, unknown

    def reprocess_one(self, meeting_id: str, wishes: dict[str, Any], *, is_dry: bool) -> None:
        try:
            meeting = services.get_meeting(meeting_id)
            asked = require_stages(wishes["stages"])
            plan = plan_stages(meeting, asked, keep_edits=wishes["keep_edits"])
            if not is_dry:
                meeting = reprocess_meeting(meeting, author="reprocess", **wishes)
        except DomainError as error:
            self.tell(meeting_id, "refused", error=error.error)
            return
        what = "would run" if is_dry else "runs"
        follow = f"; if it changed: {', '.join(plan.followers)}" if plan.followers else ""
        self.tell(
            meeting_id,
            meeting.status,
            f"{what} {', '.join(plan.asked)}{follow}",
            asked=plan.asked,
            followers=plan.followers,
        )

    def wait_for(self, meeting_id: str) -> None:
        """Returns when the meeting is processed; one that failed is a failure of ours."""
        task = self.progress.add_task(meeting_id, total=1.0)
        try:
            for step in follow_meeting(meeting_id):
                meeting = step.meeting
                name = f"{meeting_id} {step.stage}"
                self.progress.update(task, completed=step.share, description=name)
        except (NoWorker, DomainError) as reason:
            self.tell(meeting_id, "waiting", error=str(reason))
            return
        finally:
            self.progress.remove_task(task)
        is_done = meeting.status == Meeting.Status.COMPLETED
        error = "" if is_done else meeting.failure_reason or f"it is {meeting.status} now"
        self.tell(meeting_id, meeting.status, format_time(meeting.duration_ms / 1000), error=error)

    def tell(
        self, meeting_id: str, status: str, line: str = "", *, error: str = "", **facts: Any
    ) -> None:
        """One line, with the bars out of its way; or a row of the object that ends it all."""
        row = self.rows.setdefault(meeting_id, {"session_id": meeting_id})
        row.update(status=status, error=error, **facts)
        if error:
            self.failed.add(meeting_id)
        if self.is_json:
            return
        self.progress.stop()
        text = clean_text(f"{meeting_id}: {status}, {error or line}")
        (self.stderr if error else self.stdout).write(text)
        self.progress.start()
