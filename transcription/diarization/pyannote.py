"""Who speaks when, heard by pyannote.audio in a process of its own."""

import importlib.util
import json
import logging
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from transcription.audio import Audio
from transcription.diarization import diarize_process as process
from transcription.diarization.base import ANY_COUNT, SpeakerCount
from transcription.diarization.resident import ProcessDied, ProcessTooSlow, ResidentProcess
from transcription.engines.base import Availability, EngineError
from transcription.types import SpeakerTurn

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[2]
MODULE = process.__name__
HUB_PIPELINE = "pyannote/speaker-diarization-community-1"
TERMS = (f"https://hf.co/{HUB_PIPELINE}", "https://hf.co/pyannote/segmentation-3.0")
CONFIG = "config.yaml"

# Importing takes some 10 s, loading some more, the first download minutes. The work itself, on
# two slow cores with all voices active at once, took three times as long as the recording.
START_SECONDS = 300.0
TIME_FACTOR = 10

# Passed on so that downloads find their cache, their proxy and their certificates.
HUB_ENVIRONMENT = (
    *("HF_HOME", "HF_HUB_CACHE", "XDG_CACHE_HOME", "HF_ENDPOINT"),
    *("https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"),
    *("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"),
)

NOT_INSTALLED = "pyannote.audio is not installed: pip install -r requirements-diarization.txt"
NO_SOURCE = (
    f"no HF_TOKEN and no DIARIZATION_PIPELINE directory: accept the terms at {TERMS[0]} and set "
    "HF_TOKEN, or set DIARIZATION_PIPELINE to a pipeline's directory"
)
ADVICE = {
    process.REFUSED: (
        f"the model hub refused it: accept the terms at {TERMS[0]} and {TERMS[1]} with the "
        "account of HF_TOKEN, and check that the token may read gated repositories"
    ),
    process.UNREACHABLE: (
        "the model hub cannot be reached: set DIARIZATION_PIPELINE to a pipeline's directory, "
        "or try again"
    ),
    process.MEMORY: "there was not enough memory: free some, or use DIARIZER_DEVICE=cpu",
    process.MISSING: "a package is missing: pip install -r requirements-diarization.txt",
    process.FAILED: "pyannote.audio failed",
}
PERMANENT = (process.REFUSED, process.MISSING)


class Pyannote:
    """A pipeline from DIARIZATION_PIPELINE, or from the model hub with HF_TOKEN.

    A pipeline's files are unpickled, which can run code: use only a directory that you trust.
    """

    name = "pyannote"

    def __init__(self) -> None:
        self._folder: str = getattr(settings, "DIARIZATION_PIPELINE", "")
        self._token: str = getattr(settings, "HF_TOKEN", "")
        self._device: str = getattr(settings, "DIARIZER_DEVICE", "auto")
        self._process: ResidentProcess | None = None

    @property
    def model(self) -> str:
        return Path(self._folder).name if self._folder else HUB_PIPELINE

    @property
    def process_id(self) -> int | None:
        """Of the process that holds the model, once it was started."""
        return self._process.pid if self._process else None

    def check(self) -> Availability:
        if not _is_installed():
            return Availability(False, NOT_INSTALLED)
        if self._folder and not (Path(self._folder) / CONFIG).is_file():
            fix = f"DIARIZATION_PIPELINE={self._folder} is no directory with a {CONFIG}"
            return Availability(False, fix)
        return Availability(True) if self._folder or self._token else Availability(False, NO_SOURCE)

    def prepare(self) -> None:
        """Starts the process, so that forks of this one share the model it will load."""
        self._get_process().start()

    def close(self) -> None:
        """Ends the process; the next recording starts it again."""
        if self._process is not None:
            self._process.stop()

    def diarize(self, audio: Audio, count: SpeakerCount = ANY_COUNT) -> list[SpeakerTurn]:
        """Turns without overlap in time order. Raises EngineError."""
        with tempfile.TemporaryDirectory(prefix="speakers-", dir=_make_scratch()) as folder:
            sound, result = Path(folder) / "sound.pcm", Path(folder) / "turns.json"
            audio.samples.tofile(sound)
            question = {"audio": str(sound), "result": str(result), "count": _encode_count(count)}
            self._ask(question, START_SECONDS + TIME_FACTOR * audio.duration)
            return _read_turns(result)

    def _ask(self, question: Mapping[str, Any], seconds: float) -> None:
        try:
            answer = self._get_process().ask(question, seconds)
        except ProcessDied as error:
            raise EngineError(f"pyannote's process ended: {error}", permanent=False) from error
        except ProcessTooSlow as error:
            message = f"pyannote had no result after {seconds:.0f} s and was stopped"
            raise EngineError(message, permanent=False) from error
        if problem := answer.get("problem"):
            message = f"{ADVICE[problem]} ({answer['error']})"
            raise EngineError(message, permanent=problem in PERMANENT)
        logger.info("pyannote took %.1f s on %s", answer["seconds"], answer["device"])

    def _get_process(self) -> ResidentProcess:
        if self._process is None:
            source = str(Path(self._folder).resolve()) if self._folder else HUB_PIPELINE
            program = [sys.executable, "-E", "-s", "-m", MODULE, source, self._device]
            self._process = ResidentProcess(program, ROOT, self._build_environment())
        return self._process

    def _build_environment(self) -> dict[str, str]:
        quiet = {"PYANNOTE_METRICS_ENABLED": "0", "HF_HUB_DISABLE_TELEMETRY": "1"}
        if self._folder:
            return {**quiet, "HF_HUB_OFFLINE": "1"}
        passed = {key: os.environ[key] for key in HUB_ENVIRONMENT if key in os.environ}
        return {**quiet, **passed, "HF_TOKEN": self._token}


def _is_installed() -> bool:
    try:
        return importlib.util.find_spec("pyannote.audio") is not None
    except ModuleNotFoundError:  # not even the namespace that it lives in
        return False


def _make_scratch() -> Path:
    """Where work in progress lies; upkeep empties it of what a killed worker left."""
    folder = Path(settings.DATA_DIR) / "scratch"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _encode_count(count: SpeakerCount) -> dict[str, int]:
    wishes = {
        "num_speakers": count.exactly,
        "min_speakers": count.at_least,
        "max_speakers": count.at_most,
    }
    return {name: value for name, value in wishes.items() if value is not None}


def _read_turns(path: Path) -> list[SpeakerTurn]:
    rows = json.loads(path.read_text())
    turns = [SpeakerTurn(start / 1000, end / 1000, label) for start, end, label in rows]
    return sorted(turns, key=lambda turn: (turn.start, turn.end))
