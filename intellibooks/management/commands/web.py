"""The web process alone, for machines where something else starts the workers."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from intellibooks.auth.opening import OpenModeRefused, check_open_mode
from intellibooks.serving import build_web_command

DRAIN_SECONDS = 8  # less than the ten after which Docker kills


class Command(BaseCommand):
    help = (
        "Serves HTTP and WebSockets, nothing else: no migrations, no workers, no Redis. "
        "SIGTERM drains it: requests are finished, sockets are told to come back."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's name

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=settings.HOST, help="address to listen on")
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument(
            "--drain",
            type=int,
            default=DRAIN_SECONDS,
            metavar="SECONDS",
            help="how long requests may still take after SIGTERM",
        )
        parser.add_argument("--allow-open", action="store_true", help="open mode on any address")

    def handle(self, *args: Any, **options: Any) -> None:
        self.check_openness(options["host"], is_allowed=options["allow_open"])
        web = build_web_command(options["host"], options["port"], options["drain"])
        command = [str(part) for part in web]
        environment = {**os.environ, "HOST": options["host"], "PORT": str(options["port"])}
        os.execve(command[0], command, environment)  # noqa: S606 - our own fixed command

    def check_openness(self, host: str, *, is_allowed: bool) -> None:
        try:
            warning = check_open_mode(host, is_allowed=is_allowed)
        except OpenModeRefused as error:
            raise CommandError(str(error)) from error
        if warning:
            self.stderr.write(warning)
