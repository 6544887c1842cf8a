"""Redis is killed, emptied, frozen, full: uploads go on, and the queue comes back from rows."""

import time
from collections.abc import Iterator

import pytest

from tests.faults.proof import check_meeting
from tests.faults.recorder import Recording, SteadyRecorder
from tests.faults.sounds import encode, mix_meeting
from tests.faults.trial import Trial
from tests.faults.world import World, freeze
from tests.timing import check_seconds

pytestmark = pytest.mark.faults

REDIS_SECONDS = 15.0
SLOWEST_UPLOAD_SECONDS = 3.0


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World() as world:
        yield world


@pytest.fixture
def recorder(world: World) -> SteadyRecorder:
    world.wait_until_healthy()
    return SteadyRecorder(world)


def wait_until_whole(recorder: SteadyRecorder, recording: Recording) -> None:
    recording.join()
    recorder.wait_transcribed(recording.meeting_id)
    recorder.world.wait_until_healthy()


@pytest.mark.fault("Redis killed (AOF)")
def test_killed_redis_costs_nothing(trial: Trial, recorder: SteadyRecorder, world: World) -> None:
    pieces = mix_meeting(speech=3, tones=12)
    with Recording(recorder, encode(pieces)) as recording:
        recording.wait_for(5)
        world.kill("redis")
        trial.inject()
        with trial.healing(REDIS_SECONDS):
            wait_until_whole(recorder, recording)
    recorder.finish(recording.meeting_id)
    check_meeting(trial, recorder, recording.meeting_id, pieces)
    check_seconds(recorder.slowest, SLOWEST_UPLOAD_SECONDS)


@pytest.mark.fault("Redis emptied with the queue full and a meeting in processing")
def test_emptied_redis_is_filled_from_rows(
    trial: Trial, recorder: SteadyRecorder, world: World
) -> None:
    pieces = mix_meeting(speech=2, tones=8)
    workers = [*world.find_all("live worker"), *world.find_all("pipeline worker")]
    for worker in workers:
        worker.suspend()
    stopped = recorder.start()
    recorder.send_all(stopped, encode(pieces))
    recorder.stop(stopped)
    with Recording(recorder, encode(pieces)) as recording:
        recording.wait_for(5)
        world.redis().flushall()
        trial.inject()
        for worker in workers:
            worker.resume()
        with trial.healing(REDIS_SECONDS):
            wait_until_whole(recorder, recording)
            recorder.wait_completed(stopped)
    recorder.finish(recording.meeting_id)
    for meeting_id in (stopped, recording.meeting_id):
        check_meeting(trial, recorder, meeting_id, pieces)


@pytest.mark.fault("Redis frozen for 20 s")
def test_uploads_go_on_while_redis_hangs(
    trial: Trial, recorder: SteadyRecorder, world: World
) -> None:
    pieces = mix_meeting(speech=2, tones=30)
    with Recording(recorder, encode(pieces), pause=0.5) as recording:
        recording.wait_for(3)
        trial.inject()
        freeze(world.find("redis"), 20, lambda: recording.wait_for(30))
        with trial.healing(REDIS_SECONDS):
            wait_until_whole(recorder, recording)
    check_seconds(recorder.slowest, SLOWEST_UPLOAD_SECONDS)
    recorder.finish(recording.meeting_id)
    check_meeting(trial, recorder, recording.meeting_id, pieces)
    assert "Traceback" not in world.output


@pytest.mark.fault("Redis full: every write is refused")
def test_uploads_go_on_while_redis_takes_no_writes(
    trial: Trial, recorder: SteadyRecorder, world: World
) -> None:
    pieces = mix_meeting(speech=2, tones=8)
    with Recording(recorder, encode(pieces)) as recording:
        recording.wait_for(3)
        with world.redis() as redis:
            redis.config_set("maxmemory", 1)
            trial.inject()
            recording.join()
            time.sleep(1)
            redis.config_set("maxmemory", 0)
        with trial.healing(REDIS_SECONDS):
            wait_until_whole(recorder, recording)
    check_seconds(recorder.slowest, SLOWEST_UPLOAD_SECONDS)
    recorder.finish(recording.meeting_id)
    check_meeting(trial, recorder, recording.meeting_id, pieces)
