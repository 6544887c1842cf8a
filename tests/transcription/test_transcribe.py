from typing import ClassVar

import pytest
from pytest_django import Settings

from tests.transcription.sounds import load_speech, make_beeps, make_hum, make_noise, make_silence
from transcription import router
from transcription.audio import Audio, join
from transcription.engines import base
from transcription.engines.base import (
    Availability,
    EngineError,
    Heard,
    Options,
    get_engine,
    is_available,
)
from transcription.engines.breaker import forget_breakers
from transcription.transcribe import current_engine, transcribe
from transcription.types import Segment, Word

SPEECH, _ = load_speech()
HERE = "tests.transcription.test_transcribe"


class Talker:
    """An engine that answers as it is told."""

    name = "talker"
    model = "scripted"
    window_seconds: ClassVar[float | None] = 30.0
    answer: ClassVar[list[Segment]] = [Segment(1.0, 2.0, "good morning")]
    error: ClassVar[EngineError | None] = None

    def check(self) -> Availability:
        return Availability(True)

    def transcribe(self, audio: Audio, options: Options) -> Heard:
        if self.error:
            raise self.error
        return Heard(tuple(self.answer))


class Measuring(Talker):
    """Notes how much it is given; hears a word in the middle of it, and one at its end."""

    given: ClassVar[list[float]] = []

    def transcribe(self, audio: Audio, options: Options) -> Heard:
        self.given.append(audio.duration)
        places = (audio.duration / 4, audio.duration - 0.5)
        words = tuple(Word(f"w{at:.1f}", at, at + 0.2, 0.9) for at in places)
        text = " ".join(word.text for word in words)
        return Heard((Segment(words[0].start, words[-1].end, text, 0.9, words),), "en")


class Busy(Talker):
    error = EngineError("busy: come back later", permanent=False)


class Broken(Talker):
    error = EngineError("broken: no model", permanent=True)


class Dreamer(Talker):
    answer: ClassVar = [Segment(1.0, 2.0, "good morning"), Segment(30.0, 33.0, "thank you")]


class Ghost(Talker):
    """Once where somebody speaks, once in a pause that begins near to it."""

    answer: ClassVar = [
        Segment(1.0, 2.0, "Thank you."),
        Segment(SPEECH.duration, SPEECH.duration + 20, "Thank you."),
    ]


class Absent(Talker):
    def check(self) -> Availability:
        return Availability(False, "Install it.")


@pytest.fixture(autouse=True)
def _engines(monkeypatch: pytest.MonkeyPatch) -> None:
    for engine in (Talker, Measuring, Busy, Broken, Dreamer, Ghost, Absent):
        monkeypatch.setitem(base.ENGINES, engine.__name__.lower(), f"{HERE}.{engine.__name__}")
    monkeypatch.setitem(base.ENGINES, "missing", "no_such_package.engine.Engine")
    monkeypatch.setattr(router, "FIRST_PAUSE_SECONDS", 0.0)
    forget_breakers()


def test_speech_becomes_a_transcript() -> None:
    transcript = transcribe(SPEECH, engines=["pocketsphinx"])
    assert "weekly team meeting" in transcript.text
    assert (transcript.engine, transcript.model) == ("pocketsphinx", "en-us")
    assert transcript.duration == SPEECH.duration
    assert transcript.work_seconds > 0


@pytest.mark.parametrize(
    "audio", [make_silence(10), make_hum(10), make_noise(10, 1), make_beeps(10), make_silence(0)]
)
def test_sound_without_speech_asks_no_engine(audio: Audio) -> None:
    transcript = transcribe(audio, engines=["broken"])
    assert (transcript.segments, transcript.engine) == ((), "")
    assert transcript.duration == audio.duration


def test_engine_is_given_the_speech_alone_and_times_are_those_of_the_recording() -> None:
    Measuring.given.clear()
    pause = make_silence(10)
    heard = transcribe(join([pause, SPEECH, pause, SPEECH, pause]), engines=["measuring"])
    assert Measuring.given == [pytest.approx(2 * SPEECH.duration, abs=1.5)]
    first, second = heard.segments  # cut at the pause
    assert 10 < first.start < first.end < 10 + SPEECH.duration
    assert second.start == pytest.approx(20 + 2 * SPEECH.duration, abs=1)
    assert all(segment.words for segment in heard.segments)


def test_words_that_nobody_wants_are_not_given() -> None:
    heard = transcribe(SPEECH, Options(want_words=False), ["measuring"])
    assert {segment.words for segment in heard.segments} == {()}


def test_configured_order_decides(settings: Settings) -> None:
    settings.SPEECH_ENGINES = ("talker", "pocketsphinx")
    assert transcribe(SPEECH).engine == "talker"
    assert current_engine() == "talker"


@pytest.mark.parametrize("first", ["absent", "broken", "busy", "missing"])
def test_next_engine_does_what_the_first_cannot(first: str) -> None:
    transcript = transcribe(SPEECH, engines=[first, "talker"])
    assert (transcript.engine, transcript.text) == ("talker", "good morning")
    assert len(transcript.notes) == 1
    assert transcript.notes[0].startswith(first)


def test_unknown_engine_is_refused_even_where_another_could_work() -> None:
    with pytest.raises(EngineError, match='no speech engine "unheard-of"') as failure:
        transcribe(SPEECH, engines=["unheard-of", "talker"])
    assert failure.value.permanent


def test_failure_that_may_pass_is_worth_another_try() -> None:
    with pytest.raises(EngineError) as failure:
        transcribe(SPEECH, engines=["absent", "busy", "broken"])
    assert not failure.value.permanent
    assert str(failure.value) == "absent: Install it.; busy: come back later; broken: no model"


def test_failure_of_all_for_good_is_permanent() -> None:
    with pytest.raises(EngineError) as failure:
        transcribe(SPEECH, engines=["broken", "absent"])
    assert failure.value.permanent


def test_no_engine_at_all_is_said_plainly() -> None:
    with pytest.raises(EngineError, match="No speech engine is configured"):
        transcribe(SPEECH, engines=[])


def test_sentences_dreamed_up_where_nobody_speaks_are_dropped() -> None:
    assert transcribe(SPEECH, engines=["dreamer"]).text == "good morning"


def test_phrase_known_as_a_ghost_needs_speech_under_it() -> None:
    assert transcribe(SPEECH, engines=["ghost"]).text == "Thank you."


def test_recognised_language_is_told() -> None:
    transcript = transcribe(SPEECH, Options(language="auto"), engines=["pocketsphinx"])
    assert transcript.language == "en"


@pytest.mark.parametrize("name", ["pocketsphinx", "whisper_cli", "whisper_resident", "deepgram"])
@pytest.mark.parametrize("audio", [make_silence(600), make_noise(600, 0)], ids=["silence", "noise"])
def test_ten_minutes_of_nothing_have_no_words(audio: Audio, name: str) -> None:
    transcript = transcribe(audio, engines=[name])
    assert (transcript.text, transcript.engine) == ("", "")


def test_current_engine_is_the_first_that_can_work(settings: Settings) -> None:
    settings.SPEECH_ENGINES = ("absent", "pocketsphinx")
    assert current_engine() == "pocketsphinx"
    settings.SPEECH_ENGINES = ("absent",)
    assert current_engine() == ""


def test_engine_stays_loaded() -> None:
    assert get_engine("pocketsphinx") is get_engine("pocketsphinx")


def test_missing_engine_says_how_to_get_it() -> None:
    assert is_available("absent") == Availability(False, "Install it.")
    assert "Known: " in is_available("unheard-of").fix
    assert "no_such_package" in is_available("missing").fix
