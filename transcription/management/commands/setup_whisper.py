"""Fetches a model for whisper.cpp and makes the service use it."""

import logging
import os
import sys
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table

from transcription.dotenv import set_variable
from transcription.engines.whisper_cli import WhisperCli
from transcription.model_download import (
    DownloadError,
    Interrupted,
    NoRoom,
    NotServed,
    Unreachable,
    fetch_model,
)
from transcription.model_file import ModelRefused, check_model_file
from transcription.models_catalogue import BASE_URL, MODELS, WhisperModel

EXIT_WRONG, EXIT_BROKEN_OFF = 2, 130
EXITS: dict[type[DownloadError], int] = {Unreachable: 1, Interrupted: 1, NotServed: 3, NoRoom: 4}
EXIT_NOT_WRITTEN = 4
VARIABLE = "WHISPER_MODEL_PATH"
ADVICE = {
    Unreachable: (
        "This machine does not reach {host}. Without internet, fetch {url} on a machine that has "
        "it, copy the file to {target}, and run this command again: it finds the file, checks it "
        "and makes the service use it. A mirror of your own can be named with --url or "
        "WHISPER_MODEL_URL, a proxy with HTTPS_PROXY."
    ),
    Interrupted: "What came is kept: run the command again, and it goes on from there.",
    NotServed: "Nothing of it is kept. Is the address right (--url, WHISPER_MODEL_URL)?",
    NoRoom: "Make room, or name another folder with --dir; what came is kept.",
}


class Command(BaseCommand):
    help = (
        "Fetches a ggml model of whisper.cpp into DATA_DIR/models, checks it and sets "
        "WHISPER_MODEL_PATH in .env. A file that is there already is checked and used; a broken "
        "download is gone on with. Without --model it lists the models. Exit code: 0 done, "
        "1 no connection or it broke off (run it again), 2 wrong usage, 3 the server does not "
        "have the model, or sent something else, 4 it cannot be written, 130 interrupted."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's name

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--model", choices=MODELS, metavar="NAME", help="such as small")
        parser.add_argument("--url", default="", metavar="BASE", help="folder of the files")
        parser.add_argument("--dir", type=Path, metavar="FOLDER", help="where to put the file")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["model"] is None:
            self.list_models()
            return
        base_url = options["url"] or getattr(settings, "WHISPER_MODEL_URL", "") or BASE_URL
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            self.leave(EXIT_WRONG, f"--url {base_url} is no address such as {BASE_URL}")
        folder = (options["dir"] or Path(settings.DATA_DIR) / "models").expanduser().resolve()
        self.use(self.obtain(MODELS[options["model"]], base_url, folder))

    def obtain(self, model: WhisperModel, base_url: str, folder: Path) -> Path:
        """The checked file: the one that is there, or a fetched one."""
        target = folder / model.file_name
        if self.is_there(target, model):
            self.stdout.write(f"{target} is there already.")
            return target
        try:
            return self.fetch(model, base_url, folder)
        except KeyboardInterrupt:
            self.leave(EXIT_BROKEN_OFF, ADVICE[Interrupted])
        except DownloadError as error:
            parts = urlsplit(base_url)
            url = f"{parts.scheme}://{parts.hostname}{parts.path.rstrip('/')}/{model.file_name}"
            advice = ADVICE[type(error)].format(host=parts.hostname, url=url, target=target)
            self.leave(EXITS[type(error)], f"{error} {advice}")

    def is_there(self, target: Path, model: WhisperModel) -> bool:
        if not target.exists():
            return False
        try:
            check_model_file(target, model)
        except ModelRefused as error:
            self.stderr.write(f"{target} is replaced: {error}.")
            return False
        except OSError as error:
            self.leave(EXIT_NOT_WRITTEN, f"{target} cannot be read: {error.strerror}.")
        return True

    def fetch(self, model: WhisperModel, base_url: str, folder: Path) -> Path:
        logging.getLogger("httpx").setLevel(logging.WARNING)  # its lines would break the bar
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(binary_units=True),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        ) as bar:
            task = bar.add_task(model.file_name, total=None)
            path = fetch_model(
                model,
                base_url,
                folder,
                lambda received, total: bar.update(task, completed=received, total=total),
            )
        self.stdout.write(f"{path} was fetched and checked.")
        return path

    def use(self, model_path: Path) -> None:
        dotenv = Path(settings.BASE_DIR) / ".env"
        try:
            was_there = set_variable(dotenv, VARIABLE, str(model_path))
        except (OSError, ValueError) as error:
            self.leave(EXIT_NOT_WRITTEN, f"{dotenv}: {error}. Set {VARIABLE}={model_path} there.")
        self.stdout.write(f"{VARIABLE} is set in {dotenv}. Restart the service to use the model.")
        own = os.environ.get(VARIABLE, "")
        if own not in ("", str(model_path)) and not was_there:
            self.stderr.write(f"The environment has {VARIABLE}={own}, which wins: remove it.")
        available = WhisperCli(model_path=str(model_path)).check()
        if not available.is_ready:
            self.stderr.write(f"Still missing: {available.fix}")

    def list_models(self) -> None:
        table = Table(box=SIMPLE_HEAD)
        for title in ("--model", "MiB", "language", "use"):
            table.add_column(title, justify="right" if title == "MiB" else "left")
        for model in MODELS.values():
            language = "English" if model.is_english_only else "any"
            table.add_row(model.name, str(model.mebibytes), language, model.use)
        console = Console()
        with console.capture() as drawn:
            console.print(table)
        self.stdout.write(drawn.get())

    def leave(self, code: int, reason: str) -> NoReturn:
        self.stderr.write(reason)
        sys.exit(code)
