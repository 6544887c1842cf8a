"""What every diarizer promises, how one is chosen, and why none is."""

import importlib
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings

from transcription.audio import Audio
from transcription.engines.base import Availability, EngineError
from transcription.types import SpeakerTurn

# name -> dotted path; a module is imported when its diarizer is asked for, never before.
DIARIZERS = {"pyannote": "transcription.diarization.pyannote.Pyannote"}
AUTO, NONE = "auto", "none"
SETTING_VALUES = (AUTO, *DIARIZERS, NONE)  # of DIARIZER

_loaded: dict[str, "Diarizer"] = {}
_loading = threading.Lock()


@dataclass(frozen=True, slots=True)
class SpeakerCount:
    """How many people speak, as far as the caller knows: exactly, at least, at most."""

    exactly: int | None = None
    at_least: int | None = None
    at_most: int | None = None


ANY_COUNT = SpeakerCount()


class Diarizer(Protocol):
    """Hears who speaks when; one instance per process, which keeps its model loaded."""

    name: str

    @property
    def model(self) -> str: ...

    def check(self) -> Availability: ...

    def diarize(self, audio: Audio, count: SpeakerCount = ANY_COUNT) -> list[SpeakerTurn]:
        """Turns in time order that do not overlap, seconds from the start; labels are arbitrary.

        Raises EngineError.
        """
        ...

    def prepare(self) -> None:
        """Gets ready what forks of this process will share, without loading the model yet."""
        ...

    def close(self) -> None:
        """Gives back what the model holds; the next recording loads it again."""
        ...


@dataclass(frozen=True, slots=True)
class Choice:
    """The diarizer to use; without one, ``reason`` says why and what to do."""

    diarizer: Diarizer | None
    reason: str = ""


def choose_diarizer() -> Choice:
    """As DIARIZER says. Raises EngineError if the one it names cannot work here."""
    wanted = getattr(settings, "DIARIZER", AUTO)
    if wanted == NONE:
        return Choice(None, "DIARIZER is none")
    reasons = []
    for name in DIARIZERS if wanted == AUTO else (wanted,):
        availability = is_available(name)
        if availability.is_ready:
            return Choice(get_diarizer(name))
        reasons.append(availability.fix)
    if wanted != AUTO:
        raise EngineError(f"{wanted}: {reasons[0]}", permanent=True)
    return Choice(None, "; ".join(reasons))


def prepare_diarizer() -> None:
    """For a worker that forks for each job: called once before, the jobs share one model."""
    with suppress(EngineError, OSError):  # the job itself will say what is wrong
        diarizer = choose_diarizer().diarizer
        if diarizer is not None:
            diarizer.prepare()


def get_diarizer(name: str) -> Diarizer:
    """The diarizer of that name, the same instance each time. Raises EngineError (permanent)."""
    with _loading:
        if name not in _loaded:
            _loaded[name] = _build(name)
        return _loaded[name]


def is_available(name: str) -> Availability:
    """Whether the diarizer can work here, and how to make it work if not."""
    try:
        return get_diarizer(name).check()
    except EngineError as error:
        return Availability(False, error.message)


def forget_diarizers() -> None:
    """Drops the loaded diarizers, so that changed settings are read again."""
    with _loading:
        for diarizer in _loaded.values():
            diarizer.close()
        _loaded.clear()


def _build(name: str) -> Diarizer:
    if name not in DIARIZERS:
        known = ", ".join(sorted(DIARIZERS))
        raise EngineError(f'There is no diarizer "{name}". Known: {known}.', permanent=True)
    module, _, attribute = DIARIZERS[name].rpartition(".")
    diarizer: Diarizer = getattr(importlib.import_module(module), attribute)()
    return diarizer
