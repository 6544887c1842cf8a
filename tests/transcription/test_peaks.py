import tracemalloc
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transcription.sounds import load_meeting, make_noise, make_silence
from transcription.audio import Audio
from transcription.peaks import measure_peaks


def split(audio: Audio, lengths: list[int]) -> Iterator[Audio]:
    edges = [0, *np.cumsum(lengths), len(audio.samples)]
    return (Audio(audio.samples[first:last]) for first, last in pairwise(edges))


@given(samples=st.lists(st.integers(-32768, 32767), min_size=1, max_size=60))
def test_short_sound_is_exact(samples: list[int]) -> None:
    audio = Audio(np.array(samples, np.int16))
    assert measure_peaks([audio], len(samples)) == [(sample, sample) for sample in samples]


def test_each_bucket_has_the_extremes_of_its_stretch() -> None:
    loud, quiet = make_noise(2, 1, -10), make_noise(2, 1, -40)
    peaks = measure_peaks([quiet, loud, make_silence(2)], 6)
    assert peaks[4:] == [(0, 0)] * 2
    halves = [part for audio in (quiet, loud) for part in (audio.slice(0, 1), audio.slice(1, 2))]
    expected = [(int(half.samples.min()), int(half.samples.max())) for half in halves]
    assert peaks[0] == expected[0]
    assert peaks[2:4] == expected[2:4]


def test_nothing_is_left_out() -> None:
    audio = load_meeting()
    peaks = measure_peaks([audio], 777)
    assert len(peaks) == 777
    assert min(low for low, _ in peaks) == audio.samples.min()
    assert max(high for _, high in peaks) == audio.samples.max()


@given(lengths=st.lists(st.integers(0, 9000), max_size=8))
def test_cut_into_parts_changes_nothing(lengths: list[int]) -> None:
    audio = make_noise(5, 1)
    assert measure_peaks(split(audio, lengths), 100) == measure_peaks([audio], 100)


def test_sound_shorter_than_the_buckets_is_repeated() -> None:
    peaks = measure_peaks([Audio(np.array([-5, 7], np.int16))], 4)
    assert peaks == [(-5, -5), (-5, -5), (7, 7), (7, 7)]


def test_no_sound_is_a_flat_line() -> None:
    assert measure_peaks([], 3) == [(0, 0)] * 3
    assert measure_peaks([make_silence(0)], 3) == [(0, 0)] * 3


def test_no_bucket_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        measure_peaks([], 0)


def test_eight_hours_need_little_memory() -> None:
    part = make_noise(10, 1)  # shorter than a bucket, so that all are alike
    tracemalloc.start()
    peaks = measure_peaks((part for _ in range(8 * 360)), 2000)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 8_000_000
    assert peaks == [(int(part.samples.min()), int(part.samples.max()))] * 2000
