"""The speech engine crashes, hangs, says nothing or talks nonsense; the audio is never at risk."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import psutil
import pytest

from tests.faults.engines import SAID, WAYS_TO_FAIL, HungEngine, PlayedEngine
from tests.faults.proof import check_meeting, check_sound
from tests.faults.recorder import SteadyRecorder
from tests.faults.sounds import cut_speech, encode, make_tones, mix_meeting
from tests.faults.trial import Trial
from tests.faults.world import World

pytestmark = pytest.mark.faults

ENGINE_SECONDS = 15.0
HANG_SECONDS = 90.0  # a minute of the engine's own, then the next engine


@pytest.fixture(scope="module", autouse=True)
def hung_engine() -> Iterator[HungEngine]:
    """An engine that hangs is given up after a minute: begun first, looked at last."""
    with HungEngine() as hung:
        yield hung


@pytest.fixture(scope="module")
def engine() -> Iterator[PlayedEngine]:
    with PlayedEngine("good") as engine:
        yield engine


@pytest.fixture(scope="module")
def world(engine: PlayedEngine) -> Iterator[World]:
    with World(**engine.env, SPEECH_ENGINES="whisper_cli,pocketsphinx") as world:
        yield world


@pytest.fixture
def recorder(world: World) -> SteadyRecorder:
    return SteadyRecorder(world)


@pytest.mark.fault("engine crashes, fails, says nothing, garbage, too much")
def test_next_engine_hears_what_the_first_could_not(
    trial: Trial, recorder: SteadyRecorder, engine: PlayedEngine
) -> None:
    pieces = mix_meeting(speech=len(WAYS_TO_FAIL), tones=5)
    meeting_id = recorder.start()
    runs = engine.count_runs()
    with trial.healing(ENGINE_SECONDS):
        for number, mode in enumerate(WAYS_TO_FAIL):
            engine.play(mode)
            recorder.send_all(meeting_id, encode(pieces)[2 * number : 2 * number + 2], 2 * number)
            recorder.wait_transcribed(meeting_id)
    trial.inject(engine.count_runs() - runs)
    assert trial.injected >= len(WAYS_TO_FAIL)
    recorder.finish(meeting_id)
    check_meeting(trial, recorder, meeting_id, pieces)


@pytest.mark.fault("only engine crashes, then recovers")
def test_chunk_is_heard_at_the_second_try(trial: Trial) -> None:
    pieces = [*cut_speech(1), *make_tones(3)]
    with (
        PlayedEngine("crash") as engine,
        World(**engine.env, SPEECH_ENGINES="whisper_cli") as world,
    ):
        recorder = SteadyRecorder(world)
        meeting_id = recorder.start()
        recorder.send_all(meeting_id, encode(pieces))
        recorder.wait(meeting_id, lambda status: status["chunks_processed"] == 3)
        engine.play("good")
        trial.inject(engine.count_runs())
        with trial.healing(ENGINE_SECONDS):
            recorder.wait_transcribed(meeting_id)
        recorder.finish(meeting_id)
        check_sound(trial, recorder, meeting_id, pieces)
        assert recorder.read(meeting_id, "transcript")["transcript"] == SAID


@pytest.mark.fault("engine hangs")
def test_engine_that_hangs_is_given_up(trial: Trial, hung_engine: HungEngine) -> None:
    recorder, meeting_id = hung_engine.recorder, hung_engine.meeting_id
    trial.inject()
    recorder.wait_completed(meeting_id, HANG_SECONDS)
    trial.note_healed(measure_processing(recorder.read(meeting_id, "")), HANG_SECONDS)
    check_meeting(trial, recorder, meeting_id, hung_engine.pieces)
    assert not [process for process in psutil.process_iter() if is_hung(process)]


def measure_processing(meeting: dict[str, Any]) -> float:
    """Seconds from the stop to the end, by the service's own clock."""
    stopped, completed = (
        datetime.fromisoformat(meeting[name]) for name in ("stopped_at", "completed_at")
    )
    return (completed - stopped).total_seconds()


def is_hung(process: psutil.Process) -> bool:
    try:
        return process.cmdline()[:2] == ["sleep", "987654"]
    except psutil.Error:
        return False
