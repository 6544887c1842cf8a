"""`serve` itself is killed and started again on the same data, as after a power cut."""

import pytest

from tests.faults.proof import check_meeting
from tests.faults.recorder import Recording, SteadyRecorder
from tests.faults.sounds import encode, mix_meeting
from tests.faults.trial import Trial
from tests.faults.world import World

pytestmark = pytest.mark.faults

RESTART_SECONDS = 30.0


@pytest.mark.fault("supervisor killed, then started again")
def test_service_started_again_goes_on_where_it_was(trial: Trial) -> None:
    pieces = mix_meeting(speech=3, tones=12)
    with World() as world:
        recorder = SteadyRecorder(world)
        stopped = recorder.start()
        recorder.send_all(stopped, encode(pieces))
        with Recording(recorder, encode(pieces)) as recording:
            recording.wait_for(5)
            recorder.stop(stopped)
            trial.inject()
            with trial.healing(RESTART_SECONDS):
                world.kill_supervisor()
                recording.join()
                recorder.wait_transcribed(recording.meeting_id)
                recorder.wait_completed(stopped)
        recorder.finish(recording.meeting_id)
        for meeting_id in (stopped, recording.meeting_id):
            check_meeting(trial, recorder, meeting_id, pieces)
