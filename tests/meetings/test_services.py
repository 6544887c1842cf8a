import pytest

from meetings import services
from meetings.errors import MeetingNotRecording, SessionNotFound
from meetings.models import Meeting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def meeting() -> Meeting:
    return services.start_meeting(title="Planning")


def test_stop_moves_to_processing_and_says_who(meeting: Meeting) -> None:
    stopped = services.end_recording(meeting.pk, actor="client")
    assert stopped.status == "processing"
    assert stopped.stopped_at is not None
    moves = list(meeting.transitions.values_list("old", "new", "actor"))
    assert moves == [("", "recording", "client"), ("recording", "processing", "client")]


def test_second_stop_is_refused(meeting: Meeting) -> None:
    services.end_recording(meeting.pk, actor="client")
    with pytest.raises(MeetingNotRecording):
        services.end_recording(meeting.pk, actor="client")


def test_a_recorder_that_is_heard_of_does_not_end_abruptly(meeting: Meeting) -> None:
    with pytest.raises(MeetingNotRecording):
        services.end_recording(meeting.pk, actor="watchdog", after_idle_seconds=60)
    assert services.get_meeting(meeting.pk).is_recording


def test_unknown_meeting_is_not_found() -> None:
    with pytest.raises(SessionNotFound):
        services.get_meeting("no-such-meeting")


def test_a_status_never_takes_a_way_that_the_table_does_not_list(meeting: Meeting) -> None:
    with pytest.raises(ValueError, match="does not go from cancelled"):
        Meeting.objects.filter(pk=meeting.pk).move("cancelled", "recording")


def test_a_run_that_lost_its_lease_completes_nothing(meeting: Meeting) -> None:
    stopped = services.end_recording(meeting.pk, actor="client")
    assert Meeting.objects.filter(pk=meeting.pk).claim()
    assert not services.complete_meeting(stopped, "another token", read_text=lambda _: "")
    assert services.get_meeting(meeting.pk).status == "processing"
