"""THE entry to speech recognition: sound in, transcript out."""

import time
from collections.abc import Sequence
from dataclasses import replace
from math import inf

from django.conf import settings

from transcription.audio import Audio
from transcription.engines.base import Options, is_available
from transcription.ghosts import Evidence, is_ghost
from transcription.router import ask_engines, list_engines
from transcription.types import Segment, Transcript
from transcription.vad import SpeechSpan, find_speech
from transcription.windows import Window, pack_windows

DEFAULT_OPTIONS = Options()
# An engine's times are rough: a segment this near to speech belongs to it.
NEAR_SECONDS = 0.5


def transcribe(
    audio: Audio, options: Options = DEFAULT_OPTIONS, engines: Sequence[str] | None = None
) -> Transcript:
    """What is said in ``audio``, by the first of ``engines`` (default: as configured) that can.

    Engines are given the speech alone, without the pauses, as in the final pass: their work grows
    with the sound. Sound without speech costs no engine call and gives a transcript without
    segments or engine.
    Raises EngineError if no engine could do it (permanent only if none of them ever will), or if
    there is no engine of that name.
    """
    started = time.perf_counter()
    names = list_engines(engines)
    spans = find_speech(audio)
    if not spans:
        return Transcript((), audio.duration, options.language)
    (window,) = pack_windows(audio, spans, longest=inf)
    # Times are mapped back word by word.
    answer = ask_engines(names, window.audio, replace(options, want_words=True))
    segments = restore_spoken(window, answer.heard.segments)
    if not options.want_words:
        segments = [replace(segment, words=()) for segment in segments]
    return Transcript(
        segments=tuple(segments),
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


def restore_spoken(window: Window, segments: Sequence[Segment]) -> list[Segment]:
    """What an engine heard in the window, without inventions, at its times in the recording."""
    spans = [SpeechSpan(p.place, p.place + p.end - p.start) for p in window.pieces]
    return window.restore(drop_unspoken(segments, spans))


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
