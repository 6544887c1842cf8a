"""Shows the running service at work: plays a recording to it and prints what comes back."""

import argparse
import logging
import math
import sys
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from meetings.demo.performance import Programme, perform
from meetings.demo.reference import SAMPLE
from meetings.demo.screen import Screen
from meetings.demo.service import DemoError
from meetings.demo.wording import clean_text

EXIT_FAILED = 1
EXIT_INTERRUPTED = 130
EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what HOST may say
CHATTY = ("httpx", "httpcore", "websockets")  # each request is news to them


class Command(BaseCommand):
    help = "Plays a recording to the running service as the frontend does, and prints the results."
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's name; only a client runs here

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", nargs="?", type=Path, default=SAMPLE, help="any audio file; default: our sample"
        )
        parser.add_argument("--url", default=address_of_settings(), help="default: %(default)s")
        parser.add_argument(
            "--speed",
            type=read_speed,
            default=8.0,
            metavar="N",
            help="1 real time, 0 as fast as possible; default: 8",
        )
        parser.add_argument(
            "--reference",
            type=Path,
            metavar="FILE",
            help="what was really said, .txt or .json, to measure the word error rate",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for name in CHATTY:
            logging.getLogger(name).setLevel(logging.WARNING)
        programme = Programme(
            options["file"], options["reference"], options["url"], options["speed"]
        )
        self.stdout.ending = ""  # rich ends its lines itself
        try:
            faults = perform(programme, Screen(self.stdout, no_color=options["no_color"]))
        except DemoError as error:
            self.leave(EXIT_FAILED, str(error))
        except KeyboardInterrupt as interrupt:
            self.leave(EXIT_INTERRUPTED, str(interrupt) or "Interrupted.")
        if faults:
            self.leave(EXIT_FAILED, "\n".join(faults))

    def leave(self, code: int, reason: str) -> NoReturn:
        for line in reason.splitlines():
            self.stderr.write(clean_text(line))
        sys.exit(code)


def address_of_settings() -> str:
    host = EVERY_ADDRESS.get(settings.HOST, settings.HOST)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.PORT}"


def read_speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = math.nan
    if not math.isfinite(speed) or speed < 0:
        raise argparse.ArgumentTypeError("must be a number, 0 or more")
    return speed
