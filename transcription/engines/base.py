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
    "pocketsphinx": "transcription.engines.pocketsphinx.PocketSphinx",
}

_loaded: dict[str, "Engine"] = {}
_loading = threading.Lock()


@dataclass(frozen=True, slots=True)
class Options:
    """What the caller wishes: ``language`` as ISO 639-1 or "auto"; ``prompt`` is text that came
    before or words to expect. An engine that cannot follow a wish ignores it, except a language
    it does not speak.
    """

    language: str = "en"
    prompt: str = ""
    want_words: bool = True

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


class Availability(NamedTuple):
    """Whether an engine can work here; if not, ``fix`` is one line that says what to do."""

    is_ready: bool
    fix: str = ""


class Engine(Protocol):
    """Turns sound into segments; one instance per process, which keeps its model loaded."""

    name: str
    model: str

    def check(self) -> Availability: ...

    def transcribe(self, audio: Audio, options: Options) -> list[Segment]:
        """Segments in time order, seconds from the start of ``audio``. Raises EngineError."""
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


def _build(name: str) -> Engine:
    if name not in ENGINES:
        known = ", ".join(sorted(ENGINES))
        raise EngineError(f'There is no speech engine "{name}". Known: {known}.', permanent=True)
    module, _, attribute = ENGINES[name].rpartition(".")
    try:
        engine: Engine = getattr(importlib.import_module(module), attribute)()
    except ImportError as error:
        message = f"{name}: the Python package {error.name} is missing; pip install it."
        raise EngineError(message, permanent=True) from error
    return engine
