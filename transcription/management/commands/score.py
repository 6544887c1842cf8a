"""How good and how fast each speech engine is here, on a recording whose text is known."""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from transcription.audio import Audio, AudioError, decode
from transcription.engines.base import ENGINES, EngineError, Options, is_available
from transcription.scorecard import (
    BadReference,
    Reference,
    Score,
    read_reference,
    score_engine,
)

EXIT_ENGINE, EXIT_WRONG = 1, 2
LONGEST_SECONDS = 4 * 3600.0
COLUMNS = ("engine", "model", "WER %", "wrong", "missing", "extra", "CER %", "DER %", "RTF", "s")


class Command(BaseCommand):
    help = (
        "Runs the speech engines over a recording and compares them with what was said: word, "
        "character and speaker error rate, and the real-time factor (loading included). They "
        "hear it as at a meeting's end. Default: every engine that can work here, on the sample "
        "meeting. Exit code: 0 done, 1 an engine that was named cannot work or failed, or there "
        "is none, 2 wrong usage or unusable files."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's name

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("audio", nargs="?", type=Path, metavar="AUDIO")
        parser.add_argument(
            "reference",
            nargs="?",
            type=Path,
            metavar="REFERENCE",
            help="the text (.txt), or JSON with utterances: text and, for DER, speaker, start, end",
        )
        parser.add_argument(
            "--engine", action="append", choices=sorted(ENGINES), metavar="NAME", dest="engines"
        )
        parser.add_argument("--language", default="", help="default: the reference's, else en")
        parser.add_argument(
            "--live", action="store_true", help="heard in one call and fast, as a chunk is"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object, not a table")

    def handle(self, *args: Any, **options: Any) -> None:
        audio, reference = self.read(options)
        language = options["language"] or reference.language
        wishes = Options(language=language, want_words=False, is_final=not options["live"])
        names = options["engines"] or [name for name in ENGINES if is_available(name).is_ready]
        missing = {} if options["engines"] else list_missing()
        scores, failures = [], dict[str, str]()
        for name in dict.fromkeys(names):
            self.stderr.write(f"{name} listens to {audio.duration:.0f} s ...")
            try:
                scores.append(score_engine(name, audio, reference, wishes))
            except EngineError as error:
                failures[name] = error.message
        self.show(scores, failures, missing, audio.duration, options)
        if failures or not scores:
            sys.exit(EXIT_ENGINE)

    def read(self, options: dict[str, Any]) -> tuple[Audio, Reference]:
        given: Sequence[Path] = [path for path in (options["audio"], options["reference"]) if path]
        if len(given) == 1:
            self.leave("Give the recording and its text, or neither for the sample meeting.")
        sample = Path(settings.BASE_DIR) / "meetings" / "sample"
        sound, text = given or (sample / "meeting.opus", sample / "reference.json")
        try:
            return decode(sound.read_bytes(), LONGEST_SECONDS), read_reference(text)
        except OSError as error:
            self.leave(f"{sound} cannot be read: {error.strerror}.")
        except AudioError as error:
            self.leave(f"{sound}: {error}")
        except BadReference as error:
            self.leave(str(error))

    def show(
        self,
        scores: list[Score],
        failures: dict[str, str],
        missing: dict[str, str],
        seconds: float,
        options: dict[str, Any],
    ) -> None:
        if options["json"]:
            body = {
                "audio_seconds": round(seconds, 3),
                "scores": [asdict(score) for score in scores],
                "failed": failures,
                "not_available": missing,
            }
            self.stdout.write(json.dumps(body, indent=2))
            return
        if scores:
            self.stdout.write(draw(scores))
        for name, reason in failures.items():
            self.stderr.write(f"{name} failed: {reason}")
        for name, fix in missing.items():
            self.stdout.write(f"{name} is not available here: {fix}")

    def leave(self, reason: str) -> NoReturn:
        self.stderr.write(reason)
        sys.exit(EXIT_WRONG)


def list_missing() -> dict[str, str]:
    """Engine -> how to get it."""
    checked = {name: is_available(name) for name in ENGINES}
    return {name: found.fix for name, found in checked.items() if not found.is_ready}


def draw(scores: list[Score]) -> str:
    table = Table(box=SIMPLE_HEAD)
    for column in COLUMNS:
        table.add_column(column, justify="left" if column in COLUMNS[:2] else "right")
    for score in scores:
        table.add_row(*list_cells(score))
    console = Console(width=110)
    with console.capture() as drawn:
        console.print(table)
    return drawn.get().rstrip()


def list_cells(score: Score) -> Iterator[str]:
    words = score.words
    yield from (score.engine, score.model, f"{words.rate:.1%}".rstrip("%"))
    yield from (str(count) for count in (words.substitutions, words.deletions, words.insertions))
    yield f"{score.characters.rate:.1%}".rstrip("%")
    yield f"{score.speakers.rate:.1%}".rstrip("%") if score.speakers else "-"
    yield from (f"{score.rtf:.3f}", f"{score.work_seconds:.1f}")
