from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from redis import Redis

from meetings import dispatch, live, services, spool
from meetings.leases import seconds_from_now
from meetings.models import AudioChunk, Meeting
from tests.factories import make_silence, send_chunk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("data_dir")]

Run = Callable[..., int]
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def meeting() -> Meeting:
    return services.start_meeting()


def fall_silent() -> None:
    Meeting.objects.update(last_activity_at=seconds_from_now(-61))


def fail(meeting: Meeting) -> None:
    services.end_recording(meeting.pk, actor="client")
    token = Meeting.objects.filter(pk=meeting.pk).claim()
    services.fail_meeting(meeting, token, code="stage_failed", reason="the disk was full")


def test_recording_of_a_dead_client_ends(
    meeting: Meeting, run_command: Run, capsys: Capture
) -> None:
    fall_silent()
    assert run_command("recover") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"{meeting.pk}: its client is gone: the recording ends", "1 acts done."]
    assert services.get_meeting(meeting.pk).ended_abruptly


def test_dry_run_says_so_and_changes_nothing(
    meeting: Meeting, run_command: Run, capsys: Capture
) -> None:
    fall_silent()
    assert run_command("recover", "--dry-run") == 0
    assert capsys.readouterr().out.endswith("1 acts would be done.\n")
    assert services.get_meeting(meeting.pk).is_recording


def test_work_lost_with_redis_is_done_after_all(
    meeting: Meeting, run_command: Run, redis_server: Redis, work_off: Callable[[], None]
) -> None:
    send_chunk(meeting, 0, make_silence())
    services.end_recording(meeting.pk, actor="client")
    redis_server.flushdb()
    Meeting.objects.update(ended_at=seconds_from_now(-1))
    AudioChunk.objects.update(received_at=seconds_from_now(-1))
    assert run_command("recover") == 0
    assert len(dispatch.list_waiting_jobs("live")) == 1
    assert list(live.list_live()) == [meeting.pk]
    work_off()
    assert services.get_meeting(meeting.pk).status == "completed"


def test_spool_is_handed_over(meeting: Meeting, run_command: Run) -> None:
    spool.spool_chunk(meeting.pk, 0, SimpleUploadedFile("chunk.wav", make_silence()))
    assert run_command("recover") == 0
    assert services.get_meeting(meeting.pk).total_chunks == 1


def test_failed_meeting_is_tried_again_only_when_named(
    meeting: Meeting, run_command: Run, work_off: Callable[[], None]
) -> None:
    send_chunk(meeting, 0, make_silence())
    fail(meeting)
    run_command("recover")
    assert services.get_meeting(meeting.pk).status == "failed"
    assert run_command("recover", meeting.pk) == 0
    work_off()
    assert services.get_meeting(meeting.pk).status == "completed"


def test_pause_before_the_next_try_ends(meeting: Meeting, run_command: Run) -> None:
    services.end_recording(meeting.pk, actor="client")
    Meeting.objects.update(retry_at=seconds_from_now(100))
    assert run_command("recover", meeting.pk) == 0
    assert Meeting.objects.get().retry_at is None


def test_only_the_named_meeting_is_touched(meeting: Meeting, run_command: Run) -> None:
    other = services.start_meeting()
    fall_silent()
    run_command("recover", other.pk)
    assert services.get_meeting(meeting.pk).is_recording
    assert not services.get_meeting(other.pk).is_recording


def test_unknown_and_cancelled_meetings_exit_with_1(meeting: Meeting, run_command: Run) -> None:
    assert run_command("recover", "no-such-meeting") == 1
    services.cancel_meeting(meeting, actor="client")
    assert run_command("recover", meeting.pk) == 1


def test_healthy_service_needs_nothing(meeting: Meeting, run_command: Run, capsys: Capture) -> None:
    assert run_command("recover") == 0
    assert capsys.readouterr().out == "0 acts done.\n"
