"""whisper.cpp as a program of its own: ``whisper-cli`` with a ggml model file.

It is a stranger in the house: it may hang, crash, or exit with 0 and no result. So it runs
contained, in a folder of its own, and only the JSON file it leaves there is believed.
"""

import math
import os
import shutil
import tempfile
from functools import cached_property
from pathlib import Path

import numpy as np
from django.conf import settings

from transcription.audio import SAMPLE_RATE, Audio, encode_wav
from transcription.contained import Outcome, run_contained
from transcription.engines.base import Availability, EngineError, Options
from transcription.engines.whisper_json import read_segments
from transcription.leash import CANNOT_START
from transcription.types import Segment

# Upstream's name, and the name in the older packages.
PROGRAM_NAMES = ("whisper-cli", "whisper-cpp")
MODEL_MAGIC = b"lmgg"
MODEL_FAILED = 3

CHECK_SECONDS = 15.0
SHORTEST_TIMEOUT_SECONDS = 60.0
TIMEOUT_PER_SECOND = 10.0
# whisper.cpp hears nothing in less than a second.
SHORTEST_SOUND_SECONDS = 1.2
# A full result has some 1 KiB for each second of talk.
RESULT_BYTES, RESULT_BYTES_PER_SECOND = 1024 * 1024, 4096
# Nothing is read from stdout, but something may be written there.
STDOUT_CAP = 1024 * 1024

# Flags that only some versions know. -sns: no "(music)"; -np: no progress on stdout.
OPTIONAL_FLAGS = ("-sns", "-np")


class WhisperCli:
    """Any language its model knows; ``Word.probability`` is the mean over the word's tokens."""

    name = "whisper_cli"

    def __init__(self, path: str | None = None, model_path: str | None = None) -> None:
        self._path = settings.WHISPER_PATH if path is None else path
        self._model_path = settings.WHISPER_MODEL_PATH if model_path is None else model_path

    @property
    def model(self) -> str:
        return Path(self._model_path).stem

    def check(self) -> Availability:
        """Tried once per process: program and model are there, and the program starts."""
        return self._availability

    def transcribe(self, audio: Audio, options: Options) -> list[Segment]:
        """The program's segments; raises EngineError for every way in which it can fail."""
        if not self._availability.is_ready:
            raise EngineError(f"whisper_cli: {self._availability.fix}", permanent=True)
        if ".en" in self.model and options.base_language not in ("en", "auto"):
            fix = f'the model {self.model} knows English only, not "{options.language}"'
            raise EngineError(f"whisper_cli: {fix}", permanent=True)
        with tempfile.TemporaryDirectory(prefix="whisper-") as folder:
            sound, result = Path(folder, "sound.wav"), Path(folder, "result")
            sound.write_bytes(encode_wav(_lengthen(audio)))
            self._run(self._build_command(sound, result, options), audio.duration)
            text = _read_result(result.with_suffix(".json"), audio.duration)
        return read_segments(text, audio.duration, want_words=options.want_words)

    def _build_command(self, sound: Path, result: Path, options: Options) -> list[str]:
        language = "auto" if options.language == "auto" else options.base_language
        command = [self._program, "-m", str(Path(self._model_path).resolve()), "-f", str(sound)]
        command += ["-l", language, "-t", str(_count_cores()), "-of", str(result)]
        # -mc 0: a mistake in one window is not carried into the next as context.
        command += ["-ojf" if options.want_words else "-oj", "-mc", "0"]
        if options.prompt:
            command += ["--prompt", options.prompt.replace("\0", "")]
        return command + [flag for flag in OPTIONAL_FLAGS if f"{flag}," in self._help]

    def _run(self, command: list[str], seconds: float) -> None:
        timeout = max(SHORTEST_TIMEOUT_SECONDS, TIMEOUT_PER_SECOND * seconds)
        limits = {
            "RLIMIT_FSIZE": _cap_result(seconds),
            "RLIMIT_CPU": math.ceil(timeout) * _count_cores(),
            "RLIMIT_CORE": 0,
        }
        outcome = run_contained(command, timeout=timeout, output_cap=STDOUT_CAP, limits=limits)
        _check_outcome(outcome, timeout)

    @cached_property
    def _program(self) -> str:
        """Absolute path of the program, or empty."""
        wanted = (self._path,) if self._path else PROGRAM_NAMES
        found = (shutil.which(name) for name in wanted)
        return next((str(Path(path).absolute()) for path in found if path), "")

    @cached_property
    def _help(self) -> str:
        outcome = run_contained(
            [self._program, "--help"],
            timeout=CHECK_SECONDS,
            output_cap=STDOUT_CAP,
            limits={"RLIMIT_FSIZE": RESULT_BYTES, "RLIMIT_CORE": 0},
        )
        return outcome.output.decode(errors="replace") + outcome.complaint

    @cached_property
    def _availability(self) -> Availability:
        if not self._model_path:
            return Availability(False, "Set WHISPER_MODEL_PATH to a ggml model of whisper.cpp.")
        if not _is_model(Path(self._model_path)):
            fix = f"WHISPER_MODEL_PATH={self._model_path} is no readable ggml model file."
            return Availability(False, fix)
        if not self._program:
            wanted = self._path or PROGRAM_NAMES[0]
            return Availability(False, f"Set WHISPER_PATH: {wanted} is no program that can run.")
        if "--output-json" not in self._help:
            fix = f"WHISPER_PATH: {self._program} does not start, or is not whisper-cli."
            return Availability(False, fix)
        return Availability(True)


def _is_model(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(MODEL_MAGIC)) == MODEL_MAGIC
    except OSError:
        return False


def _count_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _lengthen(audio: Audio) -> Audio:
    missing = round((SHORTEST_SOUND_SECONDS - audio.duration) * SAMPLE_RATE)
    return Audio(np.pad(audio.samples, (0, missing))) if missing > 0 else audio


def _cap_result(seconds: float) -> int:
    return RESULT_BYTES + round(RESULT_BYTES_PER_SECOND * seconds)


def _check_outcome(outcome: Outcome, timeout: float) -> None:
    if outcome.timed_out:
        message = f"whisper_cli had no result after {timeout:.0f} s and was stopped"
        raise EngineError(message, permanent=False)
    if outcome.overflowed or outcome.returncode:
        said = outcome.complaint.splitlines()[-1][:200] if outcome.complaint else "no message"
        message = f"whisper_cli ended with status {outcome.returncode}: {said}"
        permanent = outcome.returncode in (CANNOT_START, MODEL_FAILED)
        raise EngineError(message, permanent=permanent)


def _read_result(path: Path, seconds: float) -> str:
    cap = _cap_result(seconds)
    try:
        with path.open("rb") as file:
            content = file.read(cap + 1)
    except OSError as error:
        message = "whisper_cli ended without a result file"
        raise EngineError(message, permanent=True) from error
    if len(content) > cap:
        raise EngineError("whisper_cli wrote a result that is too large", permanent=True)
    return content.decode(errors="replace")
