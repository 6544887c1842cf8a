"""Whisper with its model kept in memory: in a process of our own, or in a running whisper-server.

Measured, this saves the start of a program and the load of the model for each chunk (0.1 s from a
warm cache), not the work of the encoder.
"""

import importlib.util
import json
import logging
import threading
import time
from pathlib import Path

from django.conf import settings

from transcription.audio import Audio
from transcription.engines import whisper_model
from transcription.engines.base import Availability, EngineError, Heard, Options
from transcription.engines.whisper_child import (
    ChildDied,
    ChildHung,
    ModelNotLoaded,
    WhisperChild,
)
from transcription.engines.whisper_json import read_heard
from transcription.engines.whisper_process import WhisperOrder
from transcription.engines.whisper_server import ServerWish, ask_server, check_server

logger = logging.getLogger(__name__)

PACKAGE, SERVER = "pywhispercpp", "server"
# A server that is away is asked again no more often than this.
RECHECK_SECONDS = 10.0


class WhisperResident:
    """Any language its model knows; WHISPER_RESIDENT says where the model lives."""

    name = "whisper_resident"
    window_seconds = whisper_model.WINDOW_SECONDS

    def __init__(
        self, backend: str | None = None, model_path: str | None = None, url: str | None = None
    ) -> None:
        self._backend = getattr(settings, "WHISPER_RESIDENT", "") if backend is None else backend
        self._model_path = settings.WHISPER_MODEL_PATH if model_path is None else model_path
        configured = getattr(settings, "WHISPER_SERVER_URL", "") if url is None else url
        self._url = configured.rstrip("/")
        self._children: dict[bool, WhisperChild] = {}
        self._lock = threading.Lock()
        self._server: Availability | None = None
        self._checked_at = 0.0

    @property
    def model(self) -> str:
        """The file's name; a server does not tell which model it has."""
        return Path(self._model_path).stem or SERVER

    def check(self) -> Availability:
        if self._backend == SERVER:
            return self._check_server()
        if self._backend != PACKAGE:
            return Availability(False, f"Set WHISPER_RESIDENT to {PACKAGE} or {SERVER}.")
        if importlib.util.find_spec(PACKAGE) is None:
            return Availability(False, f"Run: pip install {PACKAGE}")
        fault = whisper_model.find_model_fault(self._model_path)
        return Availability(not fault, fault)

    def transcribe(self, audio: Audio, options: Options) -> Heard:
        """What the model heard. A crash of it costs one more try, a hang the time-out."""
        availability = self.check()
        if not availability.is_ready:
            raise EngineError(
                f"{self.name}: {availability.fix}", permanent=not availability.may_pass
            )
        language = whisper_model.choose_language(self.name, self.model, options)

        def hear(positions: int) -> Heard:
            if self._backend == SERVER:
                wish = ServerWish(options, language, positions)
                return ask_server(self._url, audio, wish, self.name)
            return self._ask_child(audio, options, language, positions)

        return whisper_model.hear_twice(hear, audio, options, language)

    def close(self) -> None:
        """Ends the processes that hold the model."""
        for child in self._children.values():
            child.close()
        self._children.clear()

    def _ask_child(self, audio: Audio, options: Options, language: str, positions: int) -> Heard:
        sound = whisper_model.lengthen(audio)
        order = _build_order(sound, options, language, positions)
        with self._lock:
            text = self._try_twice(order, sound, is_final=options.is_final)
        return read_heard(
            text, audio.duration, want_words=options.want_words, engine="whisper_resident"
        )

    def _try_twice(self, order: WhisperOrder, audio: Audio, *, is_final: bool) -> str:
        try:
            return self._try(order, audio, is_final=is_final)
        except ChildDied as error:
            logger.warning("%s: the process with the model %s; once more", self.name, error)
        try:
            return self._try(order, audio, is_final=is_final)
        except ChildDied as error:
            message = f"{self.name}: the process with the model {error}, twice"
            raise EngineError(message, permanent=False) from error

    def _try(self, order: WhisperOrder, audio: Audio, *, is_final: bool) -> str:
        sound = audio.samples.astype("<i2").tobytes()
        try:
            child = self._find_child(is_final=is_final)
            answer = child.ask(order, sound, whisper_model.choose_timeout(audio))
        except ModelNotLoaded as error:
            fix = whisper_model.describe_broken_model(self._model_path)
            logger.warning("%s: %s", self.name, error)
            raise EngineError(f"{self.name}: {fix}", permanent=True) from error
        except ChildHung as error:
            raise EngineError(f"{self.name}: {error}", permanent=False) from error
        if "error" in answer:
            raise EngineError(f"{self.name}: {answer['error']}", permanent=True)
        return json.dumps(answer)

    def _find_child(self, *, is_final: bool) -> WhisperChild:
        """Background work has a process of its own, which gives way to the live one."""
        child = self._children.get(is_final)
        if child is None or not child.is_usable():
            niceness = whisper_model.BACKGROUND_NICENESS if is_final else 0
            child = WhisperChild(str(Path(self._model_path).resolve()), niceness)
            self._children[is_final] = child
        return child

    def _check_server(self) -> Availability:
        is_stale = time.monotonic() - self._checked_at > RECHECK_SECONDS
        if self._server is None or (not self._server.is_ready and is_stale):
            self._server = check_server(self._url)
            self._checked_at = time.monotonic()
        return self._server


def _build_order(audio: Audio, options: Options, language: str, positions: int) -> WhisperOrder:
    return {
        "bytes": 2 * len(audio.samples),
        "language": language,
        "prompt": whisper_model.build_prompt(options),
        "threads": whisper_model.count_threads(),
        "beam": whisper_model.choose_beam(options),
        "temperature_inc": whisper_model.choose_temperature_step(options),
        "audio_ctx": positions,
        "no_speech_thold": whisper_model.NO_SPEECH,
        "logprob_thold": whisper_model.LOG_PROBABILITY,
    }
