"""A script that plays whisper-cli, and the real program where one is found."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.transcription.sounds import load_speech
from transcription.engines import whisper_cli
from transcription.engines.base import EngineError, Options
from transcription.engines.whisper_cli import WhisperCli

# requirements-dev.txt brings a real one; it lies beside the interpreter.
PLACES = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
PROGRAM = os.environ.get("WHISPER_PATH") or next(
    (path for name in whisper_cli.PROGRAM_NAMES if (path := shutil.which(name, path=PLACES))), ""
)
needs_whisper = pytest.mark.skipif(not PROGRAM, reason="no whisper-cli: set WHISPER_PATH")

SPEECH, _ = load_speech()
HELP = "echo '--output-json -ojf, -sns,'"
# $OUT is the path after -of, as the real program understands it.
FIND_OUT = 'for a in "$@"; do [ "$last" = "-of" ] && OUT="$a"; last="$a"; done'
GOOD = {"transcription": [{"offsets": {"from": 0, "to": 900}, "text": " Hello there."}]}


class Stage:
    """A folder in which a script plays whisper-cli."""

    def __init__(self, folder: Path) -> None:
        self.program = folder / "whisper-cli"
        self.model = folder / "ggml-tiny.en.bin"
        self.model.write_bytes(b"lmgg and weights")

    def play(self, *lines: str) -> WhisperCli:
        start = f'[ "$1" = "--help" ] && {{ {HELP}; exit 0; }}'
        self.program.write_text("\n".join(["#!/bin/sh", start, FIND_OUT, *lines, ""]))
        self.program.chmod(0o755)
        return WhisperCli(str(self.program), str(self.model))

    def play_result(self, text: str) -> WhisperCli:
        result = self.program.with_suffix(".json")
        result.write_text(text)
        return self.play(f'cp "{result}" "$OUT.json"')


def fail(engine: WhisperCli, options: Options | None = None) -> EngineError:
    with pytest.raises(EngineError) as failure:
        engine.transcribe(SPEECH, options or Options())
    assert str(failure.value).startswith("whisper_cli")
    return failure.value
