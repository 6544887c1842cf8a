"""The whisper-server that `serve` runs beside its workers, where there is one to run."""

import socket
import subprocess
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from django.conf import settings

from intellibooks.processes import start_process
from intellibooks.serving import STORE_PHASE
from intellibooks.supervisor import Child
from transcription.engines import whisper_model
from transcription.engines.whisper_cli import find_program
from transcription.engines.whisper_server import PROGRAM_NAME, build_server_command

HERE = "127.0.0.1"


class SpeechServerMissing(RuntimeError):
    """One was asked for and cannot be started; the text says what to do."""


@dataclass(frozen=True, slots=True)
class SpeechServer:
    """The address at which it will answer, and its command line."""

    url: str
    command: tuple[str, ...]

    @property
    def env(self) -> dict[str, str]:
        """What tells the web process and the workers of it."""
        return {"WHISPER_SERVER_URL": self.url}

    def build_child(self) -> Child:
        """Stopped after the workers, which may still wait for its answers."""
        # Its words are not kept: it prints what people said.
        start = partial(start_process, self.command, output=subprocess.DEVNULL)
        return Child(PROGRAM_NAME, start, STORE_PHASE)

    def describe(self) -> str:
        return f"  Whisper   {self.url}  ({' '.join(self.command)})"


def find_speech_server() -> SpeechServer | None:
    """The server to start; None where none is wished or WHISPER_SERVER_URL names one.

    Raises SpeechServerMissing.
    """
    if settings.WHISPER_RESIDENT != "server" or settings.WHISPER_SERVER_URL:
        return None
    if fault := whisper_model.find_model_fault(settings.WHISPER_MODEL_PATH):
        raise SpeechServerMissing(fault)
    port = find_free_port()
    model = str(Path(settings.WHISPER_MODEL_PATH).resolve())
    command = build_server_command(find_program(settings.WHISPER_PATH), model, port=port)
    if not command:
        raise SpeechServerMissing(
            f"WHISPER_RESIDENT is server, and no {PROGRAM_NAME} stands beside whisper-cli: "
            "put it there and name whisper-cli in WHISPER_PATH, or set WHISPER_SERVER_URL."
        )
    return SpeechServer(f"http://{HERE}:{port}", tuple(command))


def find_free_port() -> int:
    """One that is free now; the server is tried again should another process take it."""
    with socket.create_server((HERE, 0)) as listener:
        return int(listener.getsockname()[1])
