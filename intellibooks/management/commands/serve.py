"""The whole service with one command: stores, web, workers, watchdog."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from intellibooks import serving
from intellibooks.auth.opening import OpenModeRefused, check_open_mode
from intellibooks.embedded_redis import EmbeddedRedisError
from intellibooks.management.speech_server import (
    SpeechServer,
    SpeechServerMissing,
    find_speech_server,
)
from intellibooks.port_check import Holder, PortError, find_holder, stop_holder
from intellibooks.supervisor import Supervisor

EXIT_UNAVAILABLE = 69  # a store does not answer, or the address cannot be used
EXIT_ALREADY_SERVING = 75
EXIT_PORT_IN_USE = 98  # the number of EADDRINUSE on Linux
EXIT_INTERRUPTED = 130


class Command(BaseCommand):
    help = "Runs everything: database, Redis, web server, workers, watchdog. Ctrl-C stops it all."
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's name; saves 0.1 s of the start

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=settings.HOST, help="address to listen on")
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument("--kill", action="store_true", help="stop what holds the port")
        parser.add_argument("--allow-open", action="store_true", help="open mode on any address")
        parser.add_argument("--no-input", action="store_true", help="never ask a question")

    def handle(self, *args: Any, **options: Any) -> None:
        host = options["host"]
        try:
            if warning := check_open_mode(host, is_allowed=options["allow_open"]):
                self.say(warning)
            port = self.settle_port(host, options["port"], options)
            with serving.owning_data_dir(settings.DATA_DIR):
                self.serve(host, port)
        except serving.AlreadyServing as error:
            self.leave(EXIT_ALREADY_SERVING, str(error))
        except (serving.ServeError, EmbeddedRedisError, PortError, OpenModeRefused) as error:
            self.leave(EXIT_UNAVAILABLE, str(error))
        except KeyboardInterrupt:
            self.leave(EXIT_INTERRUPTED, "Interrupted before the start.")

    def serve(self, host: str, port: int) -> None:
        speech = self.find_speech_server()
        lines = (speech.describe(),) if speech else ()
        announcement = serving.Announcement(host, port, self.say, lines)
        with serving.running_redis() as redis:
            self.prepare()
            children = serving.build_children(host, port, speech.env if speech else {})
            stores = [redis] if redis else []
            stores += [speech.build_child()] if speech else []
            Supervisor([*children, *stores]).run(announcement.try_once)
        self.say("Stopped.")

    def find_speech_server(self) -> SpeechServer | None:
        try:
            return find_speech_server()
        except SpeechServerMissing as error:  # other engines may do the work
            self.stderr.write(f"Warning: {error}")
        return None

    def prepare(self) -> None:
        if steps := serving.migrate_database():
            self.say(f"Database brought up to date ({steps} migrations).")
        if password := serving.ensure_admin():
            self.say(f"Administrator made: user {serving.ADMIN_NAME}, password {password}")

    def settle_port(self, host: str, port: int, options: dict[str, Any]) -> int:
        """A port that is free, after what the options or the person at the terminal say."""
        while holder := find_holder(host, port):
            if options["kill"]:
                self.stop(holder, host, port)
                continue
            self.stderr.write(f"Port {port} is in use by {holder}.")
            if options["no_input"] or not sys.stdin.isatty():
                self.leave(EXIT_PORT_IN_USE, "Start with --kill to stop it, or with --port N.")
            port = self.ask_for_port(holder, host, port)
        return port

    def ask_for_port(self, holder: Holder, host: str, port: int) -> int:
        answer = input("Stop it (s), use another port (type its number), or give up (Enter)? ")
        answer = answer.strip().lower()
        if answer in {"s", "stop"}:
            self.stop(holder, host, port)
        elif answer.isascii() and answer.isdigit() and 0 < int(answer) < 2**16:
            return int(answer)
        else:
            self.leave(EXIT_PORT_IN_USE, "Not started.")
        return port

    def stop(self, holder: Holder, host: str, port: int) -> None:
        self.say(f"Stopping {holder} ...")
        stop_holder(holder, host, port)

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def leave(self, code: int, text: str) -> None:
        self.stderr.write(text)
        sys.exit(code)
