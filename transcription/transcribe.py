"""THE entry to speech recognition: sound in, transcript out."""

import time
from collections.abc import Sequence

from django.conf import settings

from transcription.audio import Audio
from transcription.engines.base import Options, is_available
from transcription.ghosts import Evidence, is_ghost
from transcription.router import ask_engines, list_engines
from transcription.types import Segment, Transcript
from transcription.vad import SpeechSpan, find_speech

DEFAULT_OPTIONS = Options()
# An engine's times are rough: a segment this near to speech belongs to it.
NEAR_SECONDS = 0.5


def transcribe(
    audio: Audio, options: Options = DEFAULT_OPTIONS, engines: Sequence[str] | None = None
) -> Transcript:
    """What is said in ``audio``, by the first of ``engines`` (default: as configured) that can.

    Sound without speech costs no engine call and gives a transcript without segments or engine.
    Raises EngineError if no engine could do it (permanent only if none of them ever will), or if
    there is no engine of that name.
    """
    started = time.perf_counter()
    names = list_engines(engines)
    spans = find_speech(audio)
    if not spans:
        return Transcript((), audio.duration, options.language)
    answer = ask_engines(names, audio, options)
    return Transcript(
        segments=tuple(drop_unspoken(answer.heard.segments, spans)),
        duration=audio.duration,
        language=answer.heard.language or options.language,
        engine=answer.engine.name,
        model=answer.engine.model,
        work_seconds=round(time.perf_counter() - started, 3),
        notes=answer.notes,
    )


def current_engine() -> str:
    """The configured engine that would be asked first; empty when none can work."""
    return next((name for name in settings.SPEECH_ENGINES if is_available(name).is_ready), "")


def drop_unspoken(segments: Sequence[Segment], spans: Sequence[SpeechSpan]) -> list[Segment]:
    """Without the sentences that engines invent in silence ("Thank you."): where nobody speaks
    there is no text, and where hardly anybody does no phrase known for it.
    """
    return [
        segment
        for segment in segments
        if _is_near_speech(segment, spans)
        and not is_ghost(segment.text, Evidence(spoken_share=_measure_spoken(segment, spans)))
    ]


def _is_near_speech(segment: Segment, spans: Sequence[SpeechSpan]) -> bool:
    return any(
        segment.start < span.end + NEAR_SECONDS and segment.end > span.start - NEAR_SECONDS
        for span in spans
    )


def _measure_spoken(segment: Segment, spans: Sequence[SpeechSpan]) -> float:
    """Share of the segment's time, 0..1, in which somebody speaks."""
    length = segment.end - segment.start
    if length <= 0:
        return 1.0
    spoken = sum(
        max(0.0, min(segment.end, span.end) - max(segment.start, span.start)) for span in spans
    )
    return min(1.0, spoken / length)
