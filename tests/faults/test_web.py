"""The web process dies: in the middle of a body, between two chunks, before and after a commit."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.faults.proof import check_meeting
from tests.faults.recorder import Recording, SteadyRecorder
from tests.faults.sounds import cut_speech, encode, make_tones, mix_meeting
from tests.faults.trial import Trial
from tests.faults.world import World, freeze

pytestmark = pytest.mark.faults

WEB_SECONDS = 5.0


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World() as world:
        yield world


@pytest.fixture
def recorder(world: World) -> SteadyRecorder:
    return SteadyRecorder(world)


def send_half_a_body(world: World, meeting_id: str) -> socket.socket:
    """An upload whose second half never comes."""
    connection = socket.create_connection(("127.0.0.1", world.serve.port))
    head = (
        f"POST /api/meetings/{meeting_id}/chunk HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 100000\r\n\r\n"
    )
    connection.sendall(head.encode() + bytes(50_000))
    return connection


@pytest.mark.fault("web killed after the file, then after the commit")
def test_chunk_caught_by_two_deaths_is_there_once(trial: Trial) -> None:
    pieces = make_tones(3)
    with World(FAILPOINTS="chunk.after_file=kill,chunk.after_commit=kill") as world:
        recorder = SteadyRecorder(world)
        meeting_id = recorder.start()
        trial.inject(2)
        with trial.healing(2 * WEB_SECONDS):
            answer = recorder.send(meeting_id, 0, encode(pieces)[0])
        assert answer["duplicate"], "the second death came after the commit"
        world.wait_for_failpoint("chunk.after_file", 1)
        recorder.send_all(meeting_id, encode(pieces)[1:], first=1)
        recorder.finish(meeting_id)
        check_meeting(trial, recorder, meeting_id, pieces)
        assert not list((world.data_dir / "media").rglob("*.part"))


@pytest.mark.fault("web killed in bodies and between chunks")
def test_meeting_is_whole_after_web_was_killed_again_and_again(
    trial: Trial, recorder: SteadyRecorder, world: World
) -> None:
    pieces = mix_meeting(speech=4, tones=16)
    with Recording(recorder, encode(pieces), pause=0.2) as recording:
        for number in range(3):
            recording.wait_for(2 + 5 * number)
            half = send_half_a_body(world, recording.meeting_id)
            world.kill("web")
            half.close()
            trial.inject()
            with trial.healing(WEB_SECONDS):
                recording.wait_for(recording.count + 1)
    recorder.finish(recording.meeting_id)
    check_meeting(trial, recorder, recording.meeting_id, pieces)


@pytest.mark.fault("web killed under three meetings at once")
def test_three_meetings_at_once_do_not_mix(trial: Trial) -> None:
    sources = [
        [cut_speech(3)[number], *make_tones(10, lowest=200.0 + 100 * number)] for number in range(3)
    ]
    with World() as world, ExitStack() as stack:
        recorder = SteadyRecorder(world)
        recordings = [
            stack.enter_context(Recording(recorder, encode(pieces))) for pieces in sources
        ]
        recordings[0].wait_for(4)
        world.kill("web")
        trial.inject()
        counts = [recording.count for recording in recordings]
        with trial.healing(WEB_SECONDS):
            for recording, count in zip(recordings, counts, strict=True):
                recording.wait_for(count + 1)
        for recording in recordings:
            recording.join()
            recorder.stop(recording.meeting_id)
        for recording, pieces in zip(recordings, sources, strict=True):
            recorder.wait_completed(recording.meeting_id)
            check_meeting(trial, recorder, recording.meeting_id, pieces)


@pytest.mark.fault("web frozen past the watchdog's patience")
def test_meeting_of_a_frozen_web_process_resumes(trial: Trial) -> None:
    pieces = make_tones(12)
    with World(ABRUPT_END_SECONDS="3", SWEEP_SECONDS="1") as world:
        recorder = SteadyRecorder(world)
        with Recording(recorder, encode(pieces)) as recording:
            recording.wait_for(4)
            freeze(world.find("web"), 7, trial.inject)
            count = recording.count
            with trial.healing(WEB_SECONDS):
                recording.wait_for(count + 1)
        recorder.finish(recording.meeting_id)
        check_meeting(trial, recorder, recording.meeting_id, pieces)
        history = world.query(
            "SELECT new FROM meetings_transition WHERE meeting_id = ? ORDER BY id",
            recording.meeting_id,
        )
        assert ("recording",) in history[1:]
