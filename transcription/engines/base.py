"""What every speech engine promises, and how one is found by its name."""

import importlib
import threading
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from transcription.audio import Audio
from transcription.types import Segment

# name -> dotted path; a module is imported when its engine is asked for, never before.
ENGINES = {
    "whisper_cli": "transcription.engines.whisper_cli.WhisperCli",
    "whisper_resident": "transcription.engines.whisper_resident.WhisperResident",
    "deepgram": "transcription.engines.deepgram.Deepgram",
    "pocketsphinx": "transcription.engines.pocketsphinx.PocketSphinx",
}

_loaded: dict[str, "Engine"] = {}
_loading = threading.Lock()


@dataclass(frozen=True, slots=True)
class Options:
    """What the caller wishes: ``language`` as ISO 639-1 or "auto"; ``prompt`` is text that came
    before, ``vocabulary`` the names and jargon to expect. ``is_final`` asks for the best result in
    the background, otherwise for a fast one now. An engine that cannot follow a wish ignores it,
    except a language it does not speak.
    """

    language: str = "en"
    prompt: str = ""
    want_words: bool = True
    vocabulary: tuple[str, ...] = ()
    is_final: bool = False

    @property
    def base_language(self) -> str:
        """``en`` for ``en-US``."""
        return self.language.replace("_", "-").split("-")[0].lower()


class EngineError(Exception):
    """An engine could not do its work; ``permanent`` if trying again cannot help."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.message = message
        self.permanent = permanent


class WishRefused(EngineError):
    """The engine is well but cannot do what was asked, such as a language it does not speak."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


@dataclass(frozen=True, slots=True)
class Heard:
    """An engine's answer: segments in time order, seconds from the start of the sound;
    ``language`` is what it recognised, empty where it cannot tell. ``is_doubtful``: it may do
    better when it is asked to take more pains.
    """

    segments: tuple[Segment, ...] = ()
    language: str = ""
    is_doubtful: bool = False


class Availability(NamedTuple):
    """Whether an engine can work here; if not, ``fix`` is one line that says what to do, and
    ``may_pass`` tells a service that is away for now from what is not set up.
    """

    is_ready: bool
    fix: str = ""
    may_pass: bool = False


class Engine(Protocol):
    """Turns sound into segments; one instance per process, which keeps its model loaded.

    A long recording is best given to it in pieces of ``window_seconds``; None: as a whole.
    """

    name: str
    model: str
    window_seconds: float | None

    def check(self) -> Availability: ...

    def transcribe(self, audio: Audio, options: Options) -> Heard:
        """What is said in ``audio``. Raises EngineError."""
        ...


def get_engine(name: str) -> Engine:
    """The engine of that name, the same instance each time. Raises EngineError (permanent)."""
    with _loading:
        if name not in _loaded:
            _loaded[name] = _build(name)
        return _loaded[name]


def is_available(name: str) -> Availability:
    """Whether the engine can work here, and how to make it work if not."""
    try:
        return get_engine(name).check()
    except EngineError as error:
        return Availability(False, error.message)


def forget_engines() -> None:
    """Drops the loaded engines, so that changed settings are read again."""
    with _loading:
        _loaded.clear()


def check_known(name: str) -> None:
    """Raises EngineError (permanent) for a name that no engine has."""
    if name not in ENGINES:
        known = ", ".join(sorted(ENGINES))
        raise EngineError(f'There is no speech engine "{name}". Known: {known}.', permanent=True)


def _build(name: str) -> Engine:
    check_known(name)
    module, _, attribute = ENGINES[name].rpartition(".")
    try:
        engine: Engine = getattr(importlib.import_module(module), attribute)()
    except ImportError as error:
        message = f"{name}: the Python package {error.name} is missing; pip install it."
        raise EngineError(message, permanent=True) from error
    return engine
