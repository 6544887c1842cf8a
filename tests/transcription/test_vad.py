import time
from itertools import pairwise

import numpy as np
import pytest

from tests.timing import check_seconds
from tests.transcription.sounds import (
    load_meeting,
    load_speech,
    load_utterance,
    make_beeps,
    make_hum,
    make_noise,
    make_silence,
    mix,
    scale,
    surround,
)
from transcription.audio import Audio, join
from transcription.vad import LONGEST_SECONDS, SpeechSpan, find_speech

NOT_SPEECH = {
    "nothing": make_silence(0),
    "a single sample": Audio(np.ones(1, np.int16)),
    "digital silence": make_silence(10),
    "direct current": Audio(np.full(160_000, 9000, np.int16)),
    "hum": make_hum(10),
    "loud hum": make_hum(10, -6),
    "white noise": make_noise(10, 0),
    "loud white noise": make_noise(10, 0, -10),
    "faint white noise": make_noise(10, 0, -70),
    "pink noise": make_noise(10, 1),
    "brown noise": make_noise(10, 2),
    "hum in pink noise": mix(make_hum(10), make_noise(10, 1, -35)),
    "noise that comes and goes": surround(make_noise(3, 0), 3),
    "beeps": make_beeps(10),
}


def measure(spans: list[SpeechSpan]) -> float:
    return sum(span.duration for span in spans)


@pytest.mark.parametrize("audio", NOT_SPEECH.values(), ids=NOT_SPEECH.keys())
def test_what_is_no_voice_has_no_spans(audio: Audio) -> None:
    assert find_speech(audio) == []


def test_speech_between_silence_is_found_where_it_is() -> None:
    speech = load_utterance(0)
    (span,) = find_speech(surround(speech, 3))
    assert span.start == pytest.approx(3, abs=0.3)
    assert span.end == pytest.approx(3 + speech.duration, abs=0.3)


@pytest.mark.parametrize("level", [-12, -25, -45])
def test_loud_and_soft_speech_are_found_alike(level: float) -> None:
    speech, _ = load_speech(5)
    found = find_speech(scale(speech.samples.astype(float), level))
    assert measure(found) == pytest.approx(measure(find_speech(speech)), rel=0.1)


@pytest.mark.parametrize("slope", [0, 1, 2])
def test_speech_in_noise_is_found(slope: float) -> None:
    speech = scale(load_utterance(1).samples.astype(float), -25)
    end = 3 + speech.duration
    noisy = mix(surround(speech, 3), make_noise(end + 3, slope, -35))
    spans = find_speech(noisy)
    assert spans[0].start == pytest.approx(3, abs=0.5)
    assert spans[-1].end == pytest.approx(end, abs=0.5)


def test_soft_speaker_after_a_loud_one_is_not_lost() -> None:
    voice = load_utterance(0).samples.astype(float)
    both = join([scale(voice, -12), make_silence(1), scale(voice, -34)])
    spans = find_speech(mix(both, make_noise(both.duration + 1, 1, -60)))
    assert spans[-1].end == pytest.approx(both.duration, abs=0.5)


def test_spans_are_in_order_short_enough_and_within_the_sound() -> None:
    audio = load_meeting()
    spans = find_speech(audio)
    assert all(span.duration <= LONGEST_SECONDS + 0.05 for span in spans)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert spans[0].start >= 0
    assert spans[-1].end <= audio.duration


def test_talk_without_a_pause_is_cut_into_pieces_that_meet() -> None:
    voice = load_utterance(1)
    spans = find_speech(join([voice] * 6))
    assert len(spans) >= 3
    assert measure(spans) > 30
    assert all(span.duration <= LONGEST_SECONDS + 0.05 for span in spans)


def test_ten_seconds_are_judged_in_a_moment() -> None:
    audio = load_meeting().slice(0, 10)
    find_speech(audio)
    started = time.process_time()
    for _ in range(5):
        find_speech(audio)
    check_seconds((time.process_time() - started) / 5, 0.05)
