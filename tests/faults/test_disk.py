"""The disk is full: nothing is answered that is not kept, and space alone heals it."""

import time

import httpx
import pytest

from tests.faults.disk import files_limited, filled, own_data_dir, small_disk
from tests.faults.postgres import OwnPostgres
from tests.faults.proof import check_meeting
from tests.faults.recorder import Recording, SteadyRecorder
from tests.faults.sounds import encode, make_tones, mix_meeting
from tests.faults.trial import Trial
from tests.faults.world import World

pytestmark = pytest.mark.faults

DISK_SECONDS = 15.0
LEASE_AND_SWEEP_SECONDS = 30.0  # a worker without a database cannot give its chunk back


@pytest.mark.fault("disk of the media full, while recording and while joining")
def test_full_media_disk_refuses_and_forgets_nothing(trial: Trial) -> None:
    pieces = mix_meeting(speech=2, tones=10)
    with (
        own_data_dir() as data_dir,
        small_disk(data_dir / "media", 4),
        World(data_dir=data_dir) as world,
    ):
        recorder = SteadyRecorder(world)
        with Recording(recorder, encode(pieces)) as recording:
            recording.wait_for(3)
            with filled(data_dir / "media"):
                trial.inject()
                time.sleep(2)
                count = recording.count
                time.sleep(1)
                assert recording.count == count < len(pieces)
            with trial.healing(DISK_SECONDS):
                recording.wait_for(count + 1)
        with filled(data_dir / "media"):
            trial.inject()
            recorder.stop(recording.meeting_id)
            time.sleep(3)
            assert recorder.read(recording.meeting_id)["status"] == "processing"
        with trial.healing(DISK_SECONDS):
            recorder.wait_completed(recording.meeting_id)
        check_meeting(trial, recorder, recording.meeting_id, pieces)
        assert not list((data_dir / "media").rglob("*.part"))


@pytest.mark.fault("disk of everything full: database, Redis and media")
def test_full_disk_under_every_store_heals_with_space(trial: Trial) -> None:
    pieces = mix_meeting(speech=2, tones=10)
    with own_data_dir() as data_dir, small_disk(data_dir, 32), World(data_dir=data_dir) as world:
        recorder = SteadyRecorder(world)
        with Recording(recorder, encode(pieces), pause=0.2) as recording:
            recording.wait_for(3)
            with filled(data_dir):
                trial.inject()
                time.sleep(5)
            with trial.healing(LEASE_AND_SWEEP_SECONDS):
                recording.join()
                recorder.wait_transcribed(recording.meeting_id)
                world.wait_until_healthy()
        recorder.finish(recording.meeting_id)
        check_meeting(trial, recorder, recording.meeting_id, pieces)


@pytest.mark.fault("quota of the web process used up")
def test_used_up_quota_is_told_to_the_client(trial: Trial, postgres: OwnPostgres) -> None:
    pieces = make_tones(4)
    with World(database_url=postgres.create_database()) as world:
        recorder = SteadyRecorder(world)
        meeting_id = recorder.start()
        recorder.send_all(meeting_id, encode(pieces)[:2])
        with files_limited(world.find_all("web"), 1000):
            trial.inject()
            answer = httpx.post(
                f"{world.pick_url()}/api/meetings/{meeting_id}/chunk",
                files={"audio_chunk": encode(pieces)[2]},
                data={"chunk_index": "2"},
            )
        assert answer.status_code in {httpx.codes.SERVICE_UNAVAILABLE, 507}, answer.text
        assert answer.json()["code"] == "storage_unavailable"
        with trial.healing(DISK_SECONDS):
            recorder.send_all(meeting_id, encode(pieces)[2:], first=2)
        recorder.finish(meeting_id)
        check_meeting(trial, recorder, meeting_id, pieces)
