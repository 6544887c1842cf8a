"""THE entry to speech recognition: sound in, transcript out."""

import logging
import time
from collections.abc import Sequence

from django.conf import settings

from transcription.audio import Audio
from transcription.engines.base import EngineError, Options, get_engine, is_available
from transcription.types import Segment, Transcript
from transcription.vad import SpeechSpan, find_speech

logger = logging.getLogger(__name__)

DEFAULT_OPTIONS = Options()
# An engine's times are rough: a segment this near to speech belongs to it.
NEAR_SECONDS = 0.5


def transcribe(
    audio: Audio, options: Options = DEFAULT_OPTIONS, engines: Sequence[str] | None = None
) -> Transcript:
    """What is said in ``audio``, by the first of ``engines`` (default: as configured) that can.

    Sound without speech costs no engine call and gives a transcript without segments or engine.
    Raises EngineError if no engine could do it: permanent only if none of them ever will.
    """
    started = time.perf_counter()
    spans = find_speech(audio)
    if not spans:
        return Transcript((), audio.duration, options.language)
    failures: list[EngineError] = []
    for name in settings.SPEECH_ENGINES if engines is None else engines:
        availability = is_available(name)
        if not availability.is_ready:  # not configured here, which is no news at every chunk
            failures.append(EngineError(f"{name}: {availability.fix}", permanent=True))
            continue
        try:
            return _ask(name, audio, spans, options, started)
        except EngineError as error:
            logger.warning("speech engine %s failed: %s", name, error.message)
            failures.append(error)
    raise _summarise(failures)


def current_engine() -> str:
    """The configured engine that would be asked first; empty when none can work."""
    return next((name for name in settings.SPEECH_ENGINES if is_available(name).is_ready), "")


def _ask(
    name: str, audio: Audio, spans: Sequence[SpeechSpan], options: Options, started: float
) -> Transcript:
    engine = get_engine(name)
    heard = engine.transcribe(audio, options)
    return Transcript(
        segments=tuple(segment for segment in heard if _is_spoken(segment, spans)),
        duration=audio.duration,
        language=options.language,
        engine=engine.name,
        model=engine.model,
        work_seconds=round(time.perf_counter() - started, 3),
    )


def _is_spoken(segment: Segment, spans: Sequence[SpeechSpan]) -> bool:
    """Engines invent sentences in silence ("Thank you."): where nobody speaks there is no text."""
    return any(
        segment.start < span.end + NEAR_SECONDS and segment.end > span.start - NEAR_SECONDS
        for span in spans
    )


def _summarise(failures: list[EngineError]) -> EngineError:
    if not failures:
        return EngineError("No speech engine is configured: set SPEECH_ENGINES.", permanent=True)
    message = "; ".join(failure.message for failure in failures)
    return EngineError(message, permanent=all(failure.permanent for failure in failures))
