"""Workers alone: for a second machine, or beside a web server of another kind."""

import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from intellibooks.processes import follow_parent, start_process
from intellibooks.supervisor import Child, Supervisor
from intellibooks.workers import QUEUE_NAMES, leave_now, run_worker
from transcription.diarization.base import prepare_diarizer

# The web process stays quick while speech and analysis take every core.
NICENESS = {"live": 5, "pipeline": 10}


class Command(BaseCommand):
    help = "Works on the queues: live (chunks as they come), pipeline (what follows a meeting)."
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's name

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("queues", nargs="*", choices=[*QUEUE_NAMES, []], metavar="queue")
        parser.add_argument("--burst", action="store_true", help="stop when the queues are empty")

    def handle(self, *args: Any, **options: Any) -> None:
        names = list(dict.fromkeys(options["queues"])) or list(QUEUE_NAMES)
        if options["burst"]:
            for name in names:
                run_worker(name, burst=True, prepare=prepare_diarizer)
        elif len(names) == 1:
            niceness = max(os.getpriority(os.PRIO_PROCESS, 0), NICENESS[names[0]])
            os.setpriority(os.PRIO_PROCESS, 0, niceness)
            follow_parent(leave_now)
            # The model that tells speakers apart is loaded once, for all meetings.
            run_worker(names[0], prepare=prepare_diarizer)
        else:
            self.supervise(names)

    def supervise(self, names: list[str]) -> None:
        manage: list[str | Path] = [sys.executable, settings.BASE_DIR / "manage.py", "work"]
        starts = {name: partial(start_process, [*manage, name]) for name in names}
        Supervisor(Child(f"{name} worker", start) for name, start in starts.items()).run()
