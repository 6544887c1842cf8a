"""Postgres goes away, dies and hangs: what was answered is there when it is back."""

import time
from collections.abc import Iterator

import httpx
import pytest

from tests.faults.postgres import OwnPostgres
from tests.faults.proof import check_meeting
from tests.faults.recorder import Recording, SteadyRecorder
from tests.faults.sounds import encode, mix_meeting
from tests.faults.trial import Trial
from tests.faults.world import World, wait_for

pytestmark = pytest.mark.faults

# A worker that could not write what it heard waits for its own lease to end.
DATABASE_SECONDS = 30.0
AWAY_SECONDS = 20.0


@pytest.fixture(scope="module")
def world(postgres: OwnPostgres) -> Iterator[World]:
    with World(database_url=postgres.create_database()) as world:
        yield world


@pytest.fixture
def recorder(world: World) -> SteadyRecorder:
    wait_for(world.is_healthy, 30)
    return SteadyRecorder(world)


def wait_until_whole(recorder: SteadyRecorder, recording: Recording) -> None:
    recording.join()
    recorder.wait_transcribed(recording.meeting_id)
    recorder.world.wait_until_healthy()


@pytest.mark.fault("Postgres stopped for 20 s")
def test_uploads_are_answered_while_the_database_is_away(
    trial: Trial, recorder: SteadyRecorder, world: World, postgres: OwnPostgres
) -> None:
    pieces = mix_meeting(speech=2, tones=30)
    with Recording(recorder, encode(pieces), pause=0.6) as recording:
        recording.wait_for(5)
        postgres.stop()
        trial.inject()
        gone_at, before = time.monotonic(), recording.count
        try:
            recording.wait_for(before + 5, AWAY_SECONDS)
            answer = httpx.get(
                f"{world.pick_url()}/api/meetings/{recording.meeting_id}", timeout=10
            )
            time.sleep(max(0.0, gone_at + AWAY_SECONDS - time.monotonic()))
        finally:
            postgres.start()
        with trial.healing(DATABASE_SECONDS):
            wait_until_whole(recorder, recording)
    recorder.finish(recording.meeting_id)
    check_meeting(trial, recorder, recording.meeting_id, pieces)
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)


@pytest.mark.fault("Postgres away, meeting stopped as it returns")
def test_stop_before_the_spool_is_handed_over_loses_nothing(
    trial: Trial, recorder: SteadyRecorder, postgres: OwnPostgres
) -> None:
    pieces = mix_meeting(speech=1, tones=5)
    meeting_id = recorder.start()
    chunks = encode(pieces)
    recorder.send_all(meeting_id, chunks[:2])
    recorder.wait_transcribed(meeting_id)
    postgres.stop()
    trial.inject()
    try:
        recorder.send_all(meeting_id, chunks[2:], first=2)
    finally:
        postgres.start()
    recorder.stop(meeting_id)
    with trial.healing(DATABASE_SECONDS):
        recorder.wait_transcribed(meeting_id)
        recorder.wait_completed(meeting_id)
    check_meeting(trial, recorder, meeting_id, pieces)


@pytest.mark.fault("Postgres killed")
def test_killed_database_costs_nothing(
    trial: Trial, recorder: SteadyRecorder, postgres: OwnPostgres
) -> None:
    pieces = mix_meeting(speech=2, tones=14)
    with Recording(recorder, encode(pieces), pause=0.3) as recording:
        recording.wait_for(5)
        postgres.kill()
        trial.inject()
        postgres.start()
        with trial.healing(DATABASE_SECONDS):
            wait_until_whole(recorder, recording)
    recorder.finish(recording.meeting_id)
    check_meeting(trial, recorder, recording.meeting_id, pieces)


@pytest.mark.fault("Postgres frozen for 10 s")
def test_hanging_database_loses_nothing(
    trial: Trial, recorder: SteadyRecorder, postgres: OwnPostgres
) -> None:
    pieces = mix_meeting(speech=2, tones=14)
    with Recording(recorder, encode(pieces), pause=0.3) as recording:
        recording.wait_for(5)
        postgres.freeze()
        trial.inject()
        try:
            time.sleep(10)
        finally:
            postgres.thaw()
        with trial.healing(DATABASE_SECONDS):
            wait_until_whole(recorder, recording)
    recorder.finish(recording.meeting_id)
    check_meeting(trial, recorder, recording.meeting_id, pieces)
