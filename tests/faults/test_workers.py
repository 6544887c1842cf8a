"""Workers die with their children, in every stage, are paused past their lease, or are away.

The kills run with the settings that everybody has, and must heal within half a minute.
"""

import os
import signal
import time

import psutil
import pytest

from meetings.stages import STAGE_NAMES
from tests.faults.proof import check_meeting
from tests.faults.recorder import Recording, SteadyRecorder
from tests.faults.sounds import cut_speech, encode, make_tones, mix_meeting
from tests.faults.trial import Trial
from tests.faults.world import World
from tests.intellibooks.serve_process import wait_until
from tests.timing import check_seconds

pytestmark = pytest.mark.faults

WORKER_SECONDS = 30.0


@pytest.mark.fault("live worker killed with a chunk in its hands")
def test_chunk_of_a_dead_live_worker_is_heard_by_the_next(trial: Trial) -> None:
    pieces = mix_meeting(speech=2, tones=4)
    with World(FAILPOINTS="draft.before_record=hang") as world:
        recorder = SteadyRecorder(world)
        with Recording(recorder, encode(pieces)) as recording:
            world.wait_for_failpoint("draft.before_record")
            world.kill("live worker", with_children=True)
            trial.inject()
            with trial.healing(WORKER_SECONDS):
                recording.join()
                recorder.wait_transcribed(recording.meeting_id)
        recorder.finish(recording.meeting_id)
        check_meeting(trial, recorder, recording.meeting_id, pieces)


@pytest.mark.fault("both workers and their children killed together")
def test_power_cut_of_all_workers_heals_by_itself(trial: Trial) -> None:
    pieces = mix_meeting(speech=2, tones=4)
    with World(
        FAILPOINTS="stage.segments.before_checkpoint=hang,draft.before_record=hang"
    ) as world:
        (world.data_dir / "failpoints").mkdir()
        held = world.data_dir / "failpoints" / "draft.before_record"
        held.write_text("not yet")
        recorder = SteadyRecorder(world)
        stopped = recorder.start()
        recorder.send_all(stopped, encode(pieces))
        recorder.stop(stopped)
        world.wait_for_failpoint("stage.segments.before_checkpoint")
        held.unlink()
        running = recorder.start()
        recorder.send_all(running, encode(pieces))
        world.wait_for_failpoint("draft.before_record")
        world.kill("pipeline worker", with_children=True)
        world.kill("live worker", with_children=True)
        trial.inject()
        with trial.healing(WORKER_SECONDS):
            recorder.wait_transcribed(running)
            recorder.wait_completed(stopped)
        recorder.finish(running)
        for meeting_id in (stopped, running):
            check_meeting(trial, recorder, meeting_id, pieces)


@pytest.mark.fault("pipeline killed once in each of its stages")
def test_processing_goes_on_with_the_stage_it_died_in(trial: Trial) -> None:
    armed = ",".join(f"stage.{name}.before_checkpoint=kill" for name in STAGE_NAMES)
    pieces = [*cut_speech(1), *make_tones(1)]
    with World(FAILPOINTS=armed, FINAL_TRANSCRIPTION="always") as world:
        recorder = SteadyRecorder(world)
        meetings = [recorder.start() for _ in STAGE_NAMES]
        for meeting_id in meetings:
            recorder.send_all(meeting_id, encode(pieces))
            recorder.wait_transcribed(meeting_id)
        for meeting_id in meetings:
            recorder.stop(meeting_id)
        world.wait_for_failpoint(f"stage.{STAGE_NAMES[-1]}.before_checkpoint", 60)
        with trial.healing(WORKER_SECONDS):
            for meeting_id in meetings:
                recorder.wait_completed(meeting_id)
        trial.inject(len(list((world.data_dir / "failpoints").iterdir())))
        assert trial.injected == len(STAGE_NAMES)
        for meeting_id in meetings:
            check_meeting(trial, recorder, meeting_id, pieces)
        # What was done before a death is not done again.
        assert count_attempts(world) == dict.fromkeys(STAGE_NAMES, len(meetings) + 1)


def count_attempts(world: World) -> dict[str, int]:
    """Stage -> how often it was begun, in all meetings."""
    return dict(world.query("SELECT name, sum(attempts) FROM meetings_stageresult GROUP BY name"))


@pytest.mark.fault("workers paused past their lease, then woken")
def test_worker_that_wakes_up_after_its_successor_changes_nothing(trial: Trial) -> None:
    pieces = [*cut_speech(2), *make_tones(2)]
    armed = "draft.before_record=stop,stage.segments.before_checkpoint=stop"
    with World(FAILPOINTS=armed, LEASE_SECONDS="3", machines=2) as world:
        recorder = SteadyRecorder(world)
        meeting_id = recorder.start()
        recorder.send_all(meeting_id, encode(pieces))
        first = world.wait_for_failpoint("draft.before_record")
        with trial.healing(WORKER_SECONDS):
            recorder.wait_transcribed(meeting_id)
        recorder.stop(meeting_id)
        second = world.wait_for_failpoint("stage.segments.before_checkpoint")
        with trial.healing(WORKER_SECONDS):
            recorder.wait_completed(meeting_id)
        for pid in (first, second):
            trial.inject()
            os.kill(pid, signal.SIGCONT)
        wait_until(lambda: not psutil.pid_exists(second))
        time.sleep(1)  # whatever the woken live worker writes, it has written
        check_meeting(trial, recorder, meeting_id, pieces)
        assert recorder.read(meeting_id)["chunks_processed"] == len(pieces)
        assert count_outcomes(world, meeting_id) == len(pieces)


def count_outcomes(world: World, meeting_id: str) -> int:
    """How often viewers were told what became of a chunk."""
    frames = world.query(
        "SELECT frame FROM chat_event WHERE conversation_id = ? AND type = 'chunk'", meeting_id
    )
    return sum('"state":"received"' not in frame for (frame,) in frames)


@pytest.mark.fault("workers told to leave with work in their hands")
def test_deploy_in_the_middle_of_a_chunk_fails_nothing(trial: Trial) -> None:
    pieces = [*cut_speech(1), *make_tones(3)]
    with World(FAILPOINTS="draft.before_record=hang", LEASE_SECONDS="3") as world:
        recorder = SteadyRecorder(world)
        meeting_id = recorder.start()
        recorder.send_all(meeting_id, encode(pieces))
        world.wait_for_failpoint("draft.before_record")
        workers = world.find_all("live worker")
        for worker in workers:
            worker.terminate()
        trial.inject()
        with trial.healing(WORKER_SECONDS):
            for worker in workers:
                worker.wait(5)
            recorder.wait_transcribed(meeting_id)
        recorder.finish(meeting_id)
        check_meeting(trial, recorder, meeting_id, pieces)
        assert "Traceback" not in world.output


@pytest.mark.fault("no worker at all while a meeting is recorded and stopped")
def test_meeting_stopped_without_workers_completes_when_they_return(trial: Trial) -> None:
    pieces = mix_meeting(speech=1, tones=6)
    with World() as world:
        recorder = SteadyRecorder(world)
        workers = [*world.find_all("live worker"), *world.find_all("pipeline worker")]
        for worker in workers:
            worker.suspend()
            trial.inject()
        meeting_id = recorder.start()
        recorder.send_all(meeting_id, encode(pieces))
        recorder.stop(meeting_id)
        time.sleep(5)
        assert recorder.read(meeting_id)["status"] == "processing"
        for worker in workers:
            worker.resume()
        with trial.healing(WORKER_SECONDS):
            recorder.wait_completed(meeting_id)
        check_meeting(trial, recorder, meeting_id, pieces)
        check_seconds(recorder.slowest, 1)
