"""The watchdog process: one pass every SWEEP_SECONDS until it is told to stop."""

import logging
import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections

from meetings.sweeper import sweep
from meetings.webhooks.courier import Courier, deliver_due

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = (
        "Heals what was lost: jobs, leases of dead workers, idle recorders; delivers webhooks. "
        "Runs for ever."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="one pass, then exit")

    def handle(self, *args: Any, **options: Any) -> None:
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        if not options["once"]:
            Courier(stopped).start()
        while not stopped.is_set():
            self.pass_once()
            if options["once"]:
                deliver_due()
                break
            stopped.wait(settings.SWEEP_SECONDS)

    def pass_once(self) -> None:
        close_old_connections()
        try:
            done = sweep()
        except DatabaseError as error:
            logger.warning("the watchdog cannot read the database: %s", error)
            return
        if done.has_news:
            logger.info("watchdog: %s", done)
