"""How many live meetings the running service carries on this machine."""

import json
import logging
import sys
from typing import Any

import httpx
import numpy as np
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from websockets.exceptions import WebSocketException

from meetings.demo.reference import SAMPLE
from meetings.loadtest.ramp import CHUNK_SECONDS, GOAL_SECONDS, Plan, Step, climb
from meetings.loadtest.recorder import LoadError, Target
from transcription.audio import SAMPLE_RATE, Audio, decode, encode_wav

EXIT_DONE, EXIT_FAILED = 0, 1
CHATTY = ("httpx", "httpcore", "websockets")  # each request is news to them
WIDTHS = {"meetings": 8, "chunks": 6, "upload p95": 10, "lag median": 10, "lag p95": 8}
WIDTHS |= {"lost": 4, "ended": 5}
HEAD = "  ".join(name.rjust(width) for name, width in WIDTHS.items())


class Command(BaseCommand):
    help = (
        "Records more and more meetings at once, in real time, each with a viewer, until the text "
        f"of a chunk comes more than {GOAL_SECONDS:g} s after it (p95). The sound is silence, "
        "which costs no engine: the figure is the service's own. --speech sends real speech to "
        "the engine that is set up. The meetings are erased at the end."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's name; only a client runs here

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--url", default=f"http://127.0.0.1:{settings.PORT}")
        parser.add_argument("--token", default="", help="an API token, where AUTH_MODE=required")
        parser.add_argument("--meetings", type=int, default=64, help="the most to try; default 64")
        parser.add_argument("--only", action="store_true", help="that number at once, no steps")
        parser.add_argument("--seconds", type=int, default=20, help="of a step; default 20")
        parser.add_argument("--speech", action="store_true", help="the sample meeting's speech")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")

    def handle(self, *args: Any, **options: Any) -> None:
        for name in CHATTY:
            logging.getLogger(name).setLevel(logging.WARNING)
        target = Target(options["url"].rstrip("/"), options["token"])
        sounds = cut_speech() if options["speech"] else [make_silence()]
        most, seconds = max(1, options["meetings"]), max(1, options["seconds"])
        counts = (most,) if options["only"] else ()
        plan = Plan(target, sounds, most, seconds, counts=counts)
        steps: list[Step] = []
        try:
            if not options["json"]:
                self.stdout.write(HEAD)
            carried = climb(plan, lambda step: self.tell(step, steps, is_json=options["json"]))
        except (LoadError, httpx.HTTPError, OSError, WebSocketException) as error:
            self.stderr.write(f"The load could not be made: {error or type(error).__name__}")
            sys.exit(EXIT_FAILED)
        self.conclude(carried, steps, is_json=options["json"])

    def tell(self, step: Step, steps: list[Step], *, is_json: bool) -> None:
        steps.append(step)
        if not is_json:
            seconds = (f"{one:.2f} s" for one in (step.answer_p95, step.lag_median, step.lag_p95))
            cells = map(str, (step.meetings, step.chunks, *seconds, step.lost, step.ended))
            aligned = map(str.rjust, cells, WIDTHS.values())
            self.stdout.write("  ".join(aligned))

    def conclude(self, carried: int, steps: list[Step], *, is_json: bool) -> None:
        if is_json:
            rows = [{name: getattr(step, name) for name in Step.__slots__} for step in steps]
            self.stdout.write(json.dumps({"carried": carried, "steps": rows}, indent=2))
            return
        more = "at least " if steps[-1].is_carried else ""
        self.stdout.write(f"This service carries {more}{carried} live meetings at once.")


def make_silence() -> bytes:
    return encode_wav(Audio(np.zeros(round(CHUNK_SECONDS * SAMPLE_RATE), np.int16)))


def cut_speech() -> list[bytes]:
    """The sample meeting as the recorder cuts it."""
    samples, length = decode(SAMPLE.read_bytes()).samples, round(CHUNK_SECONDS * SAMPLE_RATE)
    starts = range(0, len(samples) - length + 1, length)
    return [encode_wav(Audio(samples[start : start + length])) for start in starts]
