"""Another try for what may pass, and rest for an engine that keeps failing."""

from typing import ClassVar

import pytest
from pytest_django import Settings

from tests.transcription.sounds import load_speech
from transcription import router
from transcription.audio import Audio
from transcription.engines import base
from transcription.engines.base import Availability, EngineError, Heard, Options, WishRefused
from transcription.engines.breaker import forget_breakers
from transcription.router import Answer, ask_engines
from transcription.types import Segment

SPEECH, _ = load_speech()
HERE = "tests.transcription.test_router"
BUSY = EngineError("scripted: busy", permanent=False)
WRONG = EngineError("scripted: wrong key", permanent=True)
REFUSED = WishRefused("scripted: no such language")


class Scripted:
    """Fails as the script says, then works."""

    name, model = "scripted", "scripted"
    window_seconds = 30.0
    script: ClassVar[list[Exception]] = []
    calls: ClassVar[int] = 0
    availability: ClassVar[Availability] = Availability(True)

    def check(self) -> Availability:
        return self.availability

    def transcribe(self, audio: Audio, options: Options) -> Heard:
        type(self).calls += 1
        if self.script:
            raise self.script.pop(0)
        return Heard((Segment(0.0, 1.0, "good morning"),))


class Second(Scripted):
    name = "second"
    script: ClassVar[list[Exception]] = []


@pytest.fixture(autouse=True)
def _engines(monkeypatch: pytest.MonkeyPatch) -> None:
    for engine in (Scripted, Second):
        monkeypatch.setitem(base.ENGINES, engine.name, f"{HERE}.{engine.__name__}")
        engine.calls = 0
        engine.script.clear()
    monkeypatch.setattr(router, "FIRST_PAUSE_SECONDS", 0.0)
    forget_breakers()


def play(*script: Exception) -> Answer:
    Scripted.script[:] = script
    return ask_engines(["scripted", "second"], SPEECH, Options())


def test_what_may_pass_is_tried_once_more() -> None:
    answer = play(BUSY)
    assert (answer.engine.name, Scripted.calls, answer.notes) == ("scripted", 2, ())


def test_tries_are_bounded_and_the_reason_is_kept(settings: Settings) -> None:
    settings.SPEECH_RETRIES = 3
    answer = play(*[BUSY] * 9)
    assert (answer.engine.name, Scripted.calls) == ("second", 4)
    assert answer.notes == ("scripted: busy",)


def test_what_can_never_work_is_not_tried_again() -> None:
    answer = play(WRONG)
    assert (answer.engine.name, Scripted.calls) == ("second", 1)


def test_failure_that_took_long_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(router, "LONGEST_FAILURE_TO_REPEAT_SECONDS", -1.0)
    assert play(BUSY).engine.name == "second"
    assert Scripted.calls == 1


def test_engine_that_keeps_failing_is_left_in_peace() -> None:
    for _ in range(3):
        play(WRONG)
    answer = play()
    assert (answer.engine.name, Scripted.calls) == ("second", 3)
    assert answer.notes[0].startswith("scripted rests after 3 failures")
    assert answer.notes[0].endswith("scripted: wrong key")


def test_engine_is_asked_again_after_its_rest(settings: Settings) -> None:
    settings.SPEECH_BREAKER_SECONDS = 0
    for _ in range(3):
        play(WRONG)
    assert play().engine.name == "scripted"


def test_refused_wishes_say_nothing_about_the_engine() -> None:
    for _ in range(5):
        play(REFUSED)
    assert play().engine.name == "scripted"


def test_bug_is_not_taken_for_a_failure_and_blocks_nobody(settings: Settings) -> None:
    settings.SPEECH_BREAKER_SECONDS = 0
    for _ in range(3):
        play(WRONG)
    with pytest.raises(ZeroDivisionError):
        play(ZeroDivisionError())
    assert play().engine.name == "scripted"


@pytest.mark.parametrize("may_pass", [True, False])
def test_engine_that_is_away_for_now_is_worth_another_try(
    monkeypatch: pytest.MonkeyPatch, may_pass: bool
) -> None:
    away = Availability(False, "Start it.", may_pass)
    monkeypatch.setattr(Scripted, "availability", away)
    with pytest.raises(EngineError, match="scripted: Start it") as failure:
        ask_engines(["scripted"], SPEECH, Options())
    assert failure.value.permanent is not may_pass
    assert Scripted.calls == 0


def test_engines_that_rest_are_worth_waiting_for() -> None:
    for _ in range(3):
        play(WRONG)
    with pytest.raises(EngineError) as failure:
        ask_engines(["scripted"], SPEECH, Options())
    assert not failure.value.permanent
