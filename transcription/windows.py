"""Packs the speech of a recording into full windows, and maps what was heard back. Pure.

Whisper's encoder computes 30 s however little of it is speech, so silence is left out and short
stretches of speech share a window.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from transcription.audio import SAMPLE_RATE, Audio
from transcription.types import Segment, Word
from transcription.vad import SpeechSpan

WINDOW_SECONDS = 30.0
# Between two stretches that were not neighbours, so that their words do not grow together.
BREATH_SECONDS = 0.2
# Stretches of one run follow each other without a pause.
SEAMLESS_SECONDS = 0.01
# A segment that reaches over a longer pause of the recording becomes two.
LONGEST_PAUSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Piece:
    """``start`` to ``end`` of the recording lies at ``place`` in the window; all in seconds."""

    place: float
    start: float
    end: float


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """Speech of a recording, at most so long as was asked, with its map back."""

    audio: Audio
    pieces: tuple[Piece, ...]

    @property
    def start(self) -> float:
        return self.pieces[0].start

    @property
    def end(self) -> float:
        return self.pieces[-1].end

    def restore(self, segments: Sequence[Segment]) -> list[Segment]:
        """What was heard in the window, at its times in the recording; cut at long pauses."""
        return [part for segment in segments for part in self._restore_segment(segment)]

    def _restore_segment(self, segment: Segment) -> Iterator[Segment]:
        words = [self._restore_word(word) for word in segment.words]
        if not words:
            yield self._fit_segment(segment)
            return
        for part in _split_at_pauses(words):
            text = segment.text if len(part) == len(words) else " ".join(w.text for w in part)
            start, end = part[0].start, max(word.end for word in part)
            yield replace(segment, start=start, end=end, text=text, words=tuple(part))

    def _restore_word(self, word: Word) -> Word:
        piece = self._find_piece((word.start + word.end) / 2)
        start, end = _shift(piece, word.start), _shift(piece, word.end)
        return replace(word, start=start, end=max(start, end))

    def _fit_segment(self, segment: Segment) -> Segment:
        """Without words there is no cutting: it belongs where most of it lies."""
        piece = max(self.pieces, key=lambda each: _overlap(each, segment))
        return replace(segment, start=_shift(piece, segment.start), end=_shift(piece, segment.end))

    def _find_piece(self, second: float) -> Piece:
        later = (
            each for each in reversed(self.pieces) if each.place - BREATH_SECONDS / 2 <= second
        )
        return next(later, self.pieces[0])


def pack_windows(
    audio: Audio, spans: Sequence[SpeechSpan], longest: float = WINDOW_SECONDS
) -> list[Window]:
    """The spans of ``audio`` in windows of at most ``longest`` seconds, in order.

    A run of speech without a pause is only cut where it alone is longer than a window, and then
    where the spans are (the detector cuts at the quietest place).
    """
    windows: list[list[SpeechSpan]] = []
    for unit in _list_units(spans, longest):
        if windows and _measure([*windows[-1], *unit]) <= longest:
            windows[-1].extend(unit)
        else:
            windows.append(list(unit))
    return [_build_window(audio, window) for window in windows]


def _list_units(spans: Sequence[SpeechSpan], longest: float) -> Iterator[list[SpeechSpan]]:
    """What must not be cut: whole runs, or as much of one as a window holds."""
    for run in _list_runs([piece for span in spans for piece in _cut(span, longest)]):
        unit: list[SpeechSpan] = []
        for span in run:
            if unit and _measure([*unit, span]) > longest:
                yield unit
                unit = []
            unit.append(span)
        yield unit


def _cut(span: SpeechSpan, longest: float) -> Iterator[SpeechSpan]:
    start = span.start
    while span.end - start > longest:
        yield SpeechSpan(start, start + longest)
        start += longest
    yield SpeechSpan(start, span.end)


def _list_runs(spans: Sequence[SpeechSpan]) -> list[list[SpeechSpan]]:
    """Spans without a pause between them stand together."""
    runs: list[list[SpeechSpan]] = []
    for span in spans:
        if runs and _is_seam(runs[-1][-1], span):
            runs[-1].append(span)
        else:
            runs.append([span])
    return runs


def _is_seam(before: SpeechSpan, after: SpeechSpan) -> bool:
    return after.start - before.end < SEAMLESS_SECONDS


def _measure(spans: Sequence[SpeechSpan]) -> float:
    """Seconds that the spans take in a window."""
    breaths = sum(not _is_seam(before, after) for before, after in pairwise(spans))
    return sum(span.duration for span in spans) + breaths * BREATH_SECONDS


def _build_window(audio: Audio, spans: Sequence[SpeechSpan]) -> Window:
    breath = np.zeros(round(BREATH_SECONDS * SAMPLE_RATE), np.int16)
    sounds: list[Audio] = []
    pieces: list[Piece] = []
    length = 0
    for run in _list_runs(spans):
        if sounds:
            sounds.append(Audio(breath))
            length += len(breath)
        start, end = run[0].start, run[-1].end
        pieces.append(Piece(length / SAMPLE_RATE, start, end))
        sounds.append(audio.slice(start, end))
        length += len(sounds[-1].samples)
    samples = np.concatenate([sound.samples for sound in sounds])
    return Window(Audio(samples), tuple(pieces))


def _shift(piece: Piece, second: float) -> float:
    return round(min(piece.end, max(piece.start, piece.start + second - piece.place)), 3)


def _overlap(piece: Piece, segment: Segment) -> float:
    end = piece.place + piece.end - piece.start
    return min(end, segment.end) - max(piece.place, segment.start)


def _split_at_pauses(words: Sequence[Word]) -> list[list[Word]]:
    parts = [[words[0]]]
    for before, word in pairwise(words):
        if word.start - before.end > LONGEST_PAUSE_SECONDS:
            parts.append([])
        parts[-1].append(word)
    return parts
