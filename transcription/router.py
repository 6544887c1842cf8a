"""Which engine does the work: the configured order, another try for what may pass, and the rest."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from intellibooks import tracing
from transcription.audio import Audio
from transcription.engines.base import (
    Engine,
    EngineError,
    Heard,
    Options,
    WishRefused,
    check_known,
    get_engine,
    is_available,
)
from transcription.engines.breaker import get_breaker

logger = logging.getLogger(__name__)

RETRIES, FIRST_PAUSE_SECONDS = 1, 0.5
# Who waited this long in vain lets the next engine try; the caller has retries of its own.
LONGEST_FAILURE_TO_REPEAT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What an engine heard; ``notes`` say why those before it did not do it."""

    engine: Engine
    heard: Heard
    notes: tuple[str, ...] = ()


def list_engines(engines: Sequence[str] | None = None) -> tuple[str, ...]:
    """``engines``, or the configured ones. Raises EngineError (permanent) for an unknown name."""
    names = tuple(settings.SPEECH_ENGINES if engines is None else engines)
    for name in names:
        check_known(name)
    return names


def ask_engines(names: Sequence[str], audio: Audio, options: Options) -> Answer:
    """The answer of the first engine that can.

    Raises EngineError if none could: permanent only if none of them ever will.
    """
    failures: list[EngineError] = []
    for name in names:
        try:
            heard = ask_engine(name, audio, options)
        except EngineError as error:
            failures.append(error)
        else:
            return Answer(get_engine(name), heard, tuple(error.message for error in failures))
    raise summarise(failures)


def ask_engine(name: str, audio: Audio, options: Options) -> Heard:
    """One engine's answer, if need be at the second try. Raises EngineError."""
    availability = is_available(name)
    if not availability.is_ready:  # not configured here, which is no news at every chunk
        raise EngineError(f"{name}: {availability.fix}", permanent=not availability.may_pass)
    breaker = get_breaker(name)
    breaker.admit()
    try:
        heard = _try_repeatedly(get_engine(name), audio, options)
    except WishRefused:
        breaker.release()
        raise
    except EngineError as error:
        breaker.record_failure(error.message)
        raise
    except BaseException:  # a bug or the end of the job: the next caller may try
        breaker.release()
        raise
    breaker.record_success()
    return heard


def summarise(failures: Sequence[EngineError]) -> EngineError:
    """One error for all that were tried."""
    if not failures:
        return EngineError("No speech engine is configured: set SPEECH_ENGINES.", permanent=True)
    message = "; ".join(failure.message for failure in failures)
    return EngineError(message, permanent=all(failure.permanent for failure in failures))


def _try_repeatedly(engine: Engine, audio: Audio, options: Options) -> Heard:
    retries = int(getattr(settings, "SPEECH_RETRIES", RETRIES))
    for attempt in range(retries):
        started = time.monotonic()
        try:
            return _ask_once(engine, audio, options)
        except EngineError as error:
            took = time.monotonic() - started
            if error.permanent or took > LONGEST_FAILURE_TO_REPEAT_SECONDS:
                raise
            logger.warning("speech engine %s failed, once more: %s", engine.name, error.message)
        time.sleep(FIRST_PAUSE_SECONDS * 2**attempt)
    return _ask_once(engine, audio, options)


def _ask_once(engine: Engine, audio: Audio, options: Options) -> Heard:
    with tracing.span(f"engine {engine.name}", audio_seconds=audio.duration):
        return engine.transcribe(audio, options)
