"""whisper.cpp as a program of its own: ``whisper-cli`` with a ggml model file.

It is a stranger in the house: it may hang, crash, or exit with 0 and no result. So it runs
contained, in a folder of its own, and only the JSON file it leaves there is believed.
"""

import math
import re
import shutil
import sys
import tempfile
from functools import cached_property
from pathlib import Path

from django.conf import settings

from transcription.audio import Audio, encode_wav
from transcription.contained import Outcome, run_contained
from transcription.engines import whisper_model
from transcription.engines.base import Availability, EngineError, Heard, Options
from transcription.engines.whisper_json import read_heard
from transcription.leash import CANNOT_START

# Upstream's name, and the name in the older packages.
PROGRAM_NAMES = ("whisper-cli", "whisper-cpp")
# Searched after PATH: what a build, a package manager and pip leave behind.
USUAL_PLACES = (
    Path(sys.executable).parent,
    Path("/usr/local/bin"),
    Path("/opt/homebrew/bin"),
    Path("/opt/whisper.cpp/build/bin"),
    Path("/usr/local/src/whisper.cpp/build/bin"),
    Path("~/whisper.cpp/build/bin"),
    Path("~/.local/bin"),
)
MODEL_FAILED = 3

CHECK_SECONDS = 15.0
# A full result has some 1 KiB for each second of talk.
RESULT_BYTES, RESULT_BYTES_PER_SECOND = 1024 * 1024, 4096
# Nothing is read from stdout, but something may be written there.
STDOUT_CAP = 1024 * 1024


class WhisperCli:
    """Any language its model knows; ``Word.probability`` is the mean over the word's tokens."""

    name = "whisper_cli"
    window_seconds = whisper_model.WINDOW_SECONDS

    def __init__(self, path: str | None = None, model_path: str | None = None) -> None:
        self._path = settings.WHISPER_PATH if path is None else path
        self._model_path = settings.WHISPER_MODEL_PATH if model_path is None else model_path

    @property
    def model(self) -> str:
        return Path(self._model_path).stem

    def check(self) -> Availability:
        """Tried once per process: program and model are there, and the program starts."""
        return self._availability

    def transcribe(self, audio: Audio, options: Options) -> Heard:
        """What the program heard; raises EngineError for every way in which it can fail."""
        if not self._availability.is_ready:
            raise EngineError(f"whisper_cli: {self._availability.fix}", permanent=True)
        language = whisper_model.choose_language(self.name, self.model, options)

        def hear(positions: int) -> Heard:
            return self._hear(audio, options, language, positions)

        return whisper_model.hear_twice(hear, audio, options, language)

    def _hear(self, audio: Audio, options: Options, language: str, positions: int) -> Heard:
        with tempfile.TemporaryDirectory(prefix="whisper-") as folder:
            sound, result = Path(folder, "sound.wav"), Path(folder, "result")
            sound.write_bytes(encode_wav(whisper_model.lengthen(audio)))
            command = self._build_command(sound, result, language)
            command += self._list_wishes(options, positions)
            self._run([*_give_way(), *command] if options.is_final else command, audio)
            text = _read_result(result.with_suffix(".json"), audio.duration)
        return read_heard(text, audio.duration, want_words=options.want_words, engine="whisper_cli")

    def _build_command(self, sound: Path, result: Path, language: str) -> list[str]:
        model = str(Path(self._model_path).resolve())
        threads = str(whisper_model.count_threads())
        # -ojf: the tokens' probabilities are needed even where nobody wants the words.
        command = [self._program, "-m", model, "-f", str(sound), "-l", language, "-t", threads]
        # -sns: no "(music)"; -np: no progress on stdout.
        thresholds = [
            *self._flag("-lpt", f"{whisper_model.LOG_PROBABILITY}"),
            *self._flag("-nth", f"{whisper_model.NO_SPEECH}"),
        ]
        return [
            *command,
            *("-of", str(result), "-ojf"),
            *thresholds,
            *self._flag("-sns"),
            *self._flag("-np"),
        ]

    def _list_wishes(self, options: Options, positions: int) -> list[str]:
        beam = str(whisper_model.choose_beam(options))
        wishes = [*self._flag("-bs", beam), *self._flag("-bo", beam)]
        step = whisper_model.choose_temperature_step(options)
        wishes += self._flag("-tpi", f"{step}") if step else self._flag("-nf")
        if positions:
            wishes += self._flag("-ac", str(positions))
        if prompt := whisper_model.build_prompt(options):
            return [*wishes, "--prompt", prompt]
        # -mc 0: a mistake in one window is not carried into the next. It also switches the prompt
        # off (measured), without a word.
        return [*wishes, "-mc", "0"]

    def _flag(self, flag: str, *values: str) -> list[str]:
        """The flag if this version knows it; an unknown one would end the program."""
        is_known = re.search(rf"(?<!\S){flag}[ ,]", self._help)
        return [flag, *values] if is_known else []

    def _run(self, command: list[str], audio: Audio) -> None:
        timeout = whisper_model.choose_timeout(audio)
        limits = {
            "RLIMIT_FSIZE": _cap_result(audio.duration),
            "RLIMIT_CPU": math.ceil(timeout) * whisper_model.count_cores(),
            "RLIMIT_CORE": 0,
        }
        outcome = run_contained(command, timeout=timeout, output_cap=STDOUT_CAP, limits=limits)
        _check_outcome(outcome, timeout, self._model_path)

    @cached_property
    def _program(self) -> str:
        """Absolute path of the program, or empty."""
        return find_program(self._path)

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
        if fault := whisper_model.find_model_fault(self._model_path):
            return Availability(False, fault)
        if not self._program:
            wanted = self._path or PROGRAM_NAMES[0]
            return Availability(False, f"Set WHISPER_PATH: {wanted} is no program that can run.")
        if "--output-json" not in self._help:
            fix = f"WHISPER_PATH: {self._program} does not start, or is not whisper-cli."
            return Availability(False, fix)
        return Availability(True)


def find_program(path: str = "", names: tuple[str, ...] = PROGRAM_NAMES) -> str:
    """Absolute path of whisper.cpp's program, or empty.

    ``path`` is the program or a folder of whisper.cpp; without it PATH and the usual places are
    searched.
    """
    if path and not Path(path).expanduser().is_dir():
        found = shutil.which(str(Path(path).expanduser()))
        return str(Path(found).absolute()) if found else ""
    root = Path(path).expanduser()
    places = [root, root / "build" / "bin"] if path else [None, *USUAL_PLACES]
    folders = [place if place is None else str(place.expanduser()) for place in places]
    found_paths = (shutil.which(name, path=folder) for folder in folders for name in names)
    return next((str(Path(found).absolute()) for found in found_paths if found), "")


def _give_way() -> list[str]:
    """Before a command that works in the background."""
    nice = shutil.which("nice")
    return [nice, "-n", str(whisper_model.BACKGROUND_NICENESS)] if nice else []


def _cap_result(seconds: float) -> int:
    return RESULT_BYTES + round(RESULT_BYTES_PER_SECOND * seconds)


def _check_outcome(outcome: Outcome, timeout: float, model_path: str) -> None:
    if outcome.timed_out:
        message = f"whisper_cli had no result after {timeout:.0f} s and was stopped"
        raise EngineError(message, permanent=False)
    if outcome.returncode == MODEL_FAILED:
        fix = whisper_model.describe_broken_model(model_path)
        raise EngineError(f"whisper_cli: {fix}", permanent=True)
    if outcome.overflowed or outcome.returncode:
        said = outcome.complaint.splitlines()[-1][:200] if outcome.complaint else "no message"
        message = f"whisper_cli ended with status {outcome.returncode}: {said}"
        raise EngineError(message, permanent=outcome.returncode == CANNOT_START)


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
