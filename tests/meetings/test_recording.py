"""How much silence a meeting can have where chunks are missing."""

import pytest

from meetings import recording, services
from meetings.models import Meeting
from tests.factories import make_tone, send_chunk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("data_dir")]


def send_far_ahead() -> Meeting:
    meeting = services.start_meeting()
    for index in (0, 9999):
        send_chunk(meeting, index, make_tone())
    meeting.chunks.update(samples=160_000)
    return services.get_meeting(meeting.pk)


def test_index_far_ahead_makes_no_more_silence_than_time_has_passed() -> None:
    end = recording.place_meeting(send_far_ahead())[-1].end_seconds
    assert end <= 20 + recording.MISSING_MARGIN_SECONDS + 60


def test_imported_file_may_miss_any_length() -> None:
    meeting = send_far_ahead()
    meeting.source_sha256 = "a" * 64
    assert recording.place_meeting(meeting)[-1].end_seconds == 10 * 10_000
