"""How much of the sound around a cut an engine is given."""

from typing import ClassVar

import pytest

from meetings.drafting import cut_tail, hear_sound
from meetings.stitching import TAIL_SECONDS
from tests.transcription.sounds import load_utterance, make_silence
from transcription.audio import Audio, join
from transcription.engines import base
from transcription.engines.base import Availability, Heard, Options
from transcription.types import Segment, Word

SPEECH = load_utterance(0)


class Measuring:
    """Notes how much it is given, and hears one word at its start."""

    name, model, window_seconds = "measuring", "scripted", 30.0
    given: ClassVar[list[float]] = []

    def check(self) -> Availability:
        return Availability(True)

    def transcribe(self, audio: Audio, options: Options) -> Heard:
        self.given.append(audio.duration)
        return Heard((Segment(0.3, 0.6, "so", 0.9, (Word("so", 0.3, 0.6, 0.9),)),), "en")


@pytest.fixture(autouse=True)
def _engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(base.ENGINES, "measuring", f"{__name__}.Measuring")
    base.forget_engines()
    Measuring.given.clear()


def hear(before: Audio, audio: Audio) -> list[Segment]:
    heard = hear_sound(cut_tail(before), audio, Options(), ["measuring"])
    return list(heard.segments)


def test_word_at_the_cut_is_heard_with_the_tail() -> None:
    before, after = SPEECH.slice(0, 2), SPEECH.slice(2, SPEECH.duration)
    (segment,) = hear(before, after)
    assert Measuring.given == [pytest.approx(after.duration + TAIL_SECONDS, abs=0.3)]
    assert segment.start < 0


def test_tail_is_not_heard_again_where_nobody_speaks_at_the_cut() -> None:
    before, after = join([SPEECH, make_silence(0.6)]), join([make_silence(0.6), SPEECH])
    (segment,) = hear(before, after)
    assert Measuring.given == [pytest.approx(SPEECH.duration, abs=0.5)]
    assert 0.3 < segment.start < 1.2


def test_silence_after_speech_asks_no_engine() -> None:
    assert hear(join([SPEECH, make_silence(0.3)]), make_silence(10)) == []
    assert Measuring.given == []
