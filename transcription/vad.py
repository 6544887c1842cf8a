"""Where somebody speaks, so that silence and noise cost no engine call and invent no words.

WebRTC's detector (the one in PocketSphinx) answers for frames of 30 ms but calls steady noise
speech. So a stretch must also sound like a voice: its loudness moves as syllables do, and parts of
it have a pitch with overtones, which noise, hum and beeps lack.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from transcription.audio import SAMPLE_RATE, Audio, Samples

FRAME_SECONDS = 0.03
FRAME_SAMPLES = 480
FFT_SIZE = 1024
# Long sound is judged in blocks: little memory, and the noise of a room may change.
BLOCK_FRAMES = 1000

# Levels are dB of full scale, above the rumble. A quiet room with a fair microphone is below this.
QUIETEST_DB = -60.0
RUMBLE_HERTZ = 80
# Speech stands out of the block's own noise by a quarter of the block's range, at most by 6 dB,
# so that a soft speaker is not measured by a loud one.
RANGE_SHARE, MOST_ABOVE_NOISE_DB = 0.25, 6.0

# Standard deviation of the level in the second around a frame. Measured: speech 6 to 14, in white
# noise 5 dB below it 3 to 5; brown noise 1.5 to 2, pink 0.6 to 1, white 0.4, hum 0.
MODULATION_FRAMES = 33
MODULATION_DB = 2.4

# A voice's spectrum repeats at its pitch: peak of the autocorrelation. Speech has 0.65 as its
# median, white noise 0.15 to 0.25, pink up to 0.46. A hum or a beep repeats too, but nearly all of
# its energy is in one line.
PITCH_HERTZ = (70, 400)
PITCH_STRENGTH = 0.5
TONE_SHARE = 0.85
TONE_BINS = 3
VOICED_SHARE, VOICED_FRAMES = 0.1, 3

MERGE_SECONDS = 0.5
PAD_SECONDS = 0.2
LONGEST_SECONDS = 15.0
EARLIEST_CUT_SECONDS = 5.0
CUT_SMOOTHING_FRAMES = 7

Values = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class SpeechSpan:
    """Speech from ``start`` to ``end``, in seconds."""

    start: float
    end: float

    @property
    def duration(self) -> float:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Run:
    """Frames ``first`` to ``end`` (not included)."""

    first: int
    end: int


def find_speech(audio: Audio) -> list[SpeechSpan]:
    """The stretches in which somebody speaks, in order, without overlap.

    Each has some air around it, bridges short pauses and is at most 15 s long, cut at its quietest
    place. ``audio`` is at 16 kHz. About 8 ms for 10 s.
    """
    frames = _split_frames(audio)
    if not len(frames):
        return []
    levels, voiced, lively = _measure(frames)
    candidates = lively & _detect(frames)
    runs = _merge(_find_runs(candidates))
    spoken = [run for run in runs if _has_voice(run, voiced & candidates, candidates)]
    padded = [_pad(run, len(frames)) for run in spoken]
    return [_span(piece, audio) for run in padded for piece in _cut(run, levels)]


def _split_frames(audio: Audio) -> Samples:
    count = len(audio.samples) // FRAME_SAMPLES
    return audio.samples[: count * FRAME_SAMPLES].reshape(count, FRAME_SAMPLES)


def _detect(frames: Samples) -> Flags:
    """WebRTC's answer for each frame."""
    # heavy: only where sound is judged
    from pocketsphinx import Vad  # noqa: PLC0415

    detector = Vad(mode=Vad.LOOSE)
    return np.fromiter((detector.is_speech(frame.tobytes()) for frame in frames), bool, len(frames))


def _measure(frames: Samples) -> tuple[Values, Flags, Flags]:
    """Per frame: its level, whether it sounds like a voice, whether it stands out and moves."""
    measured = [
        _measure_block(frames[first : first + BLOCK_FRAMES])
        for first in range(0, len(frames), BLOCK_FRAMES)
    ]
    levels = np.concatenate([block[0] for block in measured])
    voiced = np.concatenate([block[1] for block in measured])
    loud = np.concatenate([_is_loud(block[0]) for block in measured])
    return levels, voiced, loud & (_measure_modulation(levels) > MODULATION_DB)


def _measure_block(frames: Samples) -> tuple[Values, Flags]:
    window = np.hanning(FRAME_SAMPLES)
    scaled = frames / 32768.0
    centred = scaled - scaled.mean(axis=1, keepdims=True)
    power = np.abs(np.fft.rfft(centred * window, FFT_SIZE)) ** 2
    lowest = round(RUMBLE_HERTZ * FFT_SIZE / SAMPLE_RATE)
    energy = 2 * power[:, lowest:].sum(axis=1) / (FFT_SIZE * (window**2).sum())
    voiced = (_measure_pitch(power) > PITCH_STRENGTH) & (_measure_tone(power) < TONE_SHARE)
    return 10 * np.log10(energy + 1e-12), voiced


def _measure_pitch(power: Values) -> Values:
    """Peak of the normalised autocorrelation at the lags of a voice, 0 to about 1.

    Divided by the autocorrelation of the window, as in Boersma 1993, "Accurate short-term analysis
    of the fundamental frequency and the harmonics-to-noise ratio of a sampled sound".
    """
    lags = slice(SAMPLE_RATE // PITCH_HERTZ[1], SAMPLE_RATE // PITCH_HERTZ[0] + 1)
    correlation = np.fft.irfft(power)
    spectrum = np.abs(np.fft.rfft(np.hanning(FRAME_SAMPLES), FFT_SIZE)) ** 2
    of_window = np.fft.irfft(spectrum)
    normalised = correlation[:, lags] / (correlation[:, :1] + 1e-12)
    peak: Values = (normalised / (of_window[lags] / of_window[0])).max(axis=1)
    return peak


def _measure_tone(power: Values) -> Values:
    """Share of a frame's energy that lies in its strongest line."""
    padded = np.pad(power, ((0, 0), (TONE_BINS, TONE_BINS)))
    around = power.argmax(axis=1)[:, None] + np.arange(2 * TONE_BINS + 1)
    line = np.take_along_axis(padded, around, axis=1).sum(axis=1)
    share: Values = line / (power.sum(axis=1) + 1e-12)
    return share


def _is_loud(levels: Values) -> Flags:
    noise, peak = np.percentile(levels, (10, 95))
    above = min(MOST_ABOVE_NOISE_DB, RANGE_SHARE * (peak - noise))
    loud: Flags = levels > max(QUIETEST_DB, noise + above)
    return loud


def _measure_modulation(levels: Values) -> Values:
    half = MODULATION_FRAMES // 2
    # Digital silence is as far below speech as we like; let it count as a quiet room.
    padded = np.pad(np.maximum(levels, QUIETEST_DB - 10), half, mode="edge")
    modulation: Values = sliding_window_view(padded, MODULATION_FRAMES).std(axis=1)
    return modulation


def _find_runs(flags: Flags) -> list[Run]:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return [Run(int(first), int(end)) for first, end in edges.reshape(-1, 2)]


def _merge(runs: list[Run]) -> list[Run]:
    merged: list[Run] = []
    for run in runs:
        if merged and (run.first - merged[-1].end) * FRAME_SECONDS < MERGE_SECONDS:
            merged[-1] = Run(merged[-1].first, run.end)
        else:
            merged.append(run)
    return merged


def _has_voice(run: Run, voiced: Flags, candidates: Flags) -> bool:
    count = int(voiced[run.first : run.end].sum())
    total = int(candidates[run.first : run.end].sum())
    return count >= max(VOICED_FRAMES, VOICED_SHARE * total)


def _pad(run: Run, frame_count: int) -> Run:
    pad = round(PAD_SECONDS / FRAME_SECONDS)
    return Run(max(0, run.first - pad), min(frame_count, run.end + pad))


def _cut(run: Run, levels: Values) -> list[Run]:
    longest = round(LONGEST_SECONDS / FRAME_SECONDS)
    pieces = []
    while run.end - run.first > longest:
        first = run.first + round(EARLIEST_CUT_SECONDS / FRAME_SECONDS)
        candidates = levels[first : run.first + longest]
        smooth = np.convolve(candidates, np.ones(CUT_SMOOTHING_FRAMES), mode="valid")
        place = first + int(smooth.argmin()) + CUT_SMOOTHING_FRAMES // 2
        pieces.append(Run(run.first, place))
        run = Run(place, run.end)
    return [*pieces, run]


def _span(run: Run, audio: Audio) -> SpeechSpan:
    # The last frame may be cut off: what is left of the sound belongs to the last span.
    is_last = run.end * FRAME_SAMPLES + FRAME_SAMPLES > len(audio.samples)
    end = audio.duration if is_last else run.end * FRAME_SECONDS
    return SpeechSpan(round(run.first * FRAME_SECONDS, 3), round(end, 3))
