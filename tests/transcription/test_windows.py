from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transcription.sounds import load_meeting
from transcription.audio import SAMPLE_RATE, Audio
from transcription.types import Segment, Word
from transcription.vad import SpeechSpan, find_speech
from transcription.windows import Window, pack_windows

RATE = SAMPLE_RATE
# A sound in which each sample tells its own second.
RULER = Audio((np.arange(600 * RATE) // RATE).astype(np.int16))


def pack(*spans: tuple[float, float], longest: float = 30.0) -> list[Window]:
    return pack_windows(RULER, [SpeechSpan(*span) for span in spans], longest)


def list_places(windows: list[Window]) -> list[list[tuple[float, float, float]]]:
    return [[(p.place, p.start, p.end) for p in window.pieces] for window in windows]


def test_short_stretches_share_a_window() -> None:
    assert list_places(pack((0, 5), (60, 70), (200, 210))) == [
        [(0.0, 0, 5), (5.2, 60, 70), (15.4, 200, 210)]
    ]


def test_full_window_is_followed_by_another() -> None:
    assert list_places(pack((0, 14), (20, 34), (40, 50))) == [
        [(0.0, 0, 14), (14.2, 20, 34)],
        [(0.0, 40, 50)],
    ]


def test_speech_without_a_pause_is_not_cut() -> None:
    windows = pack((0, 10), (20, 34), (34, 48))
    assert list_places(windows) == [[(0.0, 0, 10)], [(0.0, 20, 48)]]


def test_speech_longer_than_a_window_is_cut_where_the_detector_cut_it() -> None:
    windows = pack((0, 14), (14, 28), (28, 40))
    assert list_places(windows) == [[(0.0, 0, 28)], [(0.0, 28, 40)]]


def test_sound_of_a_window_is_the_speech_in_it() -> None:
    (window,) = pack((3, 4), (100, 102))
    heard = [int(window.audio.samples[round(at * RATE)]) for at in (0.5, 1.1, 1.5, 2.5)]
    assert heard == [3, 0, 100, 101]


def test_nothing_spoken_needs_no_window() -> None:
    assert pack() == []


def test_words_return_to_their_place_in_the_recording() -> None:
    (window,) = pack((10, 12), (12.5, 14))
    words = (Word("good", 0.5, 1.9), Word("morning", 2.4, 3.0))
    (segment,) = window.restore([Segment(0.5, 3.0, "Good morning!", 0.9, words)])
    assert (segment.start, segment.end, segment.text) == (10.5, 13.3, "Good morning!")
    assert [(word.start, word.end) for word in segment.words] == [(10.5, 11.9), (12.7, 13.3)]


def test_segment_over_a_long_pause_becomes_two() -> None:
    (window,) = pack((10, 12), (100, 102))
    words = (Word("good", 0.5, 1.0), Word("bye", 1.0, 1.8), Word("hello", 2.4, 3.0))
    parts = window.restore([Segment(0.5, 3.0, "Good bye. Hello.", 0.9, words)])
    assert [(part.text, part.start, part.end) for part in parts] == [
        ("good bye", 10.5, 11.8),
        ("hello", 100.2, 100.8),
    ]


def test_segment_without_words_lies_where_most_of_it_was() -> None:
    (window,) = pack((10, 12), (100, 104))
    (segment,) = window.restore([Segment(1.5, 6.0, "hello")])
    assert (segment.start, segment.end) == (100.0, 103.8)


def test_sample_meeting_needs_a_third_of_the_windows() -> None:
    meeting = load_meeting()
    windows = pack_windows(meeting, find_speech(meeting))
    chunks = meeting.duration / 10.24
    assert len(windows) <= chunks / 2.5
    assert all(window.audio.duration <= 30 for window in windows)


@given(
    st.lists(
        st.tuples(st.floats(0, 20), st.floats(0.1, 15)).map(lambda t: (round(t[0], 2), t[1])),
        max_size=12,
    ),
    st.floats(15, 40),
)
@settings(deadline=None, max_examples=60)
def test_all_speech_is_in_a_window_once(steps: list[tuple[float, float]], longest: float) -> None:
    spans, at = [], 0.0
    for pause, length in steps:
        spans.append((at + pause, at + pause + length))
        at = spans[-1][1]
    windows = pack(*spans, longest=longest)
    pieces = [piece for window in windows for piece in window.pieces]
    total = sum(end - start for start, end in spans)
    assert sum(piece.end - piece.start for piece in pieces) == pytest.approx(total, abs=1e-6)
    assert all(a.end <= b.start + 1e-9 for a, b in pairwise(pieces))
    assert all(window.audio.duration <= longest + 0.01 for window in windows)
