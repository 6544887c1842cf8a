"""The embedded engine: CMU PocketSphinx with the English model from its own wheel.

It works on a fresh machine without a download and makes mistakes in about every fourth word of
free speech. It holds the GIL while it works: run it in a worker process, never in the web process.
"""

import importlib.util
import threading
from functools import cached_property
from typing import Any

from transcription.audio import Audio
from transcription.engines.base import Availability, EngineError, Heard, Options, WishRefused
from transcription.types import Segment, Word
from transcription.vad import SpeechSpan, find_speech

# Measured on 11 s of real speech: four times as fast as the defaults at the same error rate.
# ds=2 scores every second frame; lw is the weight of the language model, maxhmmpf the beam's cap,
# pl_window the phone look-ahead; cmn=batch normalises over the whole utterance.
SETTINGS = {"cmn": "batch", "ds": 2, "lw": 9.0, "maxhmmpf": 5000, "pl_window": 8}
FRAME_SECONDS = 0.01
# Below this the decoder has no frame to work on.
SHORTEST_SECONDS = 0.2


class PocketSphinx:
    """English only; ``Word.probability`` is the decoder's posterior, linear 0..1."""

    name = "pocketsphinx"
    model = "en-us"
    window_seconds = 30.0

    def __init__(self) -> None:
        # One decoder is one utterance at a time.
        self._lock = threading.Lock()

    def check(self) -> Availability:
        if importlib.util.find_spec("pocketsphinx") is None:
            return Availability(False, "Run: pip install pocketsphinx")
        return Availability(True)

    def transcribe(self, audio: Audio, options: Options) -> Heard:
        """One segment per stretch of speech; a stretch in which nothing is understood has none."""
        if options.base_language not in ("en", "auto"):
            fix = f'it knows English only, not "{options.language}"; configure whisper_cli'
            raise WishRefused(f"pocketsphinx: {fix}")
        with self._lock:
            heard = [self._hear(audio, span, options) for span in find_speech(audio)]
        return Heard(tuple(segment for segment in heard if segment is not None), "en")

    def _hear(self, audio: Audio, span: SpeechSpan, options: Options) -> Segment | None:
        part = audio.slice(span.start, span.end)
        if part.duration < SHORTEST_SECONDS:
            return None
        words = _decode_utterance(self._decoder, part, span.start)
        if not words:
            return None
        return Segment(
            start=words[0].start,
            end=words[-1].end,
            text=" ".join(word.text for word in words),
            confidence=_average_probability(words),
            words=words if options.want_words else (),
        )

    @cached_property
    def _decoder(self) -> Any:
        # heavy: 0.4 s and 110 MB, only in the process that transcribes
        from pocketsphinx import Config, Decoder  # noqa: PLC0415

        try:
            return Decoder(Config(loglevel="FATAL", **SETTINGS))
        except (RuntimeError, ValueError, OSError) as error:
            raise EngineError(f"pocketsphinx cannot load its model: {error}", permanent=True) from (
                error
            )


def _decode_utterance(decoder: Any, part: Audio, offset: float) -> tuple[Word, ...]:
    """Start, sound and end stand together: sound outside of an utterance crashes the library."""
    decoder.start_utt()
    try:
        decoder.process_raw(part.samples.tobytes(), full_utt=True)
    finally:
        decoder.end_utt()
    if decoder.hyp() is None:
        return ()
    return tuple(_read_word(heard, offset) for heard in decoder.seg() if _is_word(heard.word))


def _is_word(token: str) -> bool:
    return bool(token) and token[0] not in "<[+"  # <s> </s> <sil> [SPEECH] ++NOISE++


def _read_word(heard: Any, offset: float) -> Word:
    return Word(
        text=heard.word.partition("(")[0],  # the(2): another pronunciation of the same word
        start=round(offset + heard.start_frame * FRAME_SECONDS, 3),
        end=round(offset + (heard.end_frame + 1) * FRAME_SECONDS, 3),
        probability=round(min(1.0, max(0.0, heard.prob)), 3),
    )


def _average_probability(words: tuple[Word, ...]) -> float:
    return round(sum(word.probability or 0.0 for word in words) / len(words), 3)
