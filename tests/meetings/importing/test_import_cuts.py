import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.import_cuts import LONGEST_SAMPLES, count_chunks, cut_chunks
from tests.factories import read_sample
from transcription.audio import SAMPLE_RATE, Audio


def measure(audio: Audio, longest: int = LONGEST_SAMPLES) -> list[int]:
    return [len(part.samples) for part in cut_chunks(audio, longest)]


def make_noise(seconds: float) -> Audio:
    generator = np.random.default_rng(7)
    return Audio(generator.integers(-9000, 9000, round(seconds * SAMPLE_RATE), np.int16))


def test_chunks_joined_are_the_sound() -> None:
    parts = [part.samples for part in cut_chunks(read_sample())]
    assert np.array_equal(np.concatenate(parts), read_sample().samples)
    assert len(parts) == count_chunks(read_sample()) > 4


def test_cut_lies_in_the_pause() -> None:
    audio = make_noise(50)
    audio.samples[25 * SAMPLE_RATE : 26 * SAMPLE_RATE] = 0
    first, rest = measure(audio)
    assert 25 * SAMPLE_RATE < first < 26 * SAMPLE_RATE
    assert first + rest == 50 * SAMPLE_RATE


def test_short_sound_is_one_chunk() -> None:
    assert measure(make_noise(0.01)) == [160]
    assert measure(make_noise(30)) == [LONGEST_SAMPLES]


def test_loudest_possible_sample_is_not_taken_for_quiet() -> None:
    audio = Audio(np.full(40 * SAMPLE_RATE, -32_768, np.int16))
    audio.samples[28 * SAMPLE_RATE : 29 * SAMPLE_RATE] = 3
    assert 28 * SAMPLE_RATE < measure(audio)[0] < 29 * SAMPLE_RATE


@settings(deadline=None)
@given(st.floats(0.1, 90), st.integers(2 * SAMPLE_RATE, LONGEST_SAMPLES))
def test_every_chunk_but_the_last_has_its_length(seconds: float, longest: int) -> None:
    *lengths, last = measure(make_noise(seconds), longest)
    assert all(longest * 2 // 3 <= length <= longest for length in lengths)
    assert 0 < last <= longest
