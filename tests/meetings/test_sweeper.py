from collections.abc import Callable

import pytest
from pytest_django import Settings
from redis import Redis

from meetings import live, services, sweeper
from meetings.leases import seconds_from_now
from meetings.models import AudioChunk, Meeting
from tests.factories import make_silence, send_chunk

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def meeting() -> Meeting:
    return services.start_meeting()


def make_older(seconds: float) -> None:
    """As if the last thing had happened so long ago."""
    before = seconds_from_now(-seconds)
    Meeting.objects.update(last_activity_at=before)
    Meeting.objects.exclude(ended_at=None).update(ended_at=before)
    AudioChunk.objects.update(received_at=before)


def test_silent_recorder_ends_abruptly_once(meeting: Meeting) -> None:
    make_older(61)
    assert sweeper.sweep().ended == 1
    assert sweeper.sweep().ended == 0
    meeting.refresh_from_db()
    assert (meeting.status, meeting.ended_abruptly) == ("processing", True)


def test_active_recorder_is_left_alone(meeting: Meeting) -> None:
    make_older(50)
    assert sweeper.sweep().ended == 0


def test_jobs_lost_with_redis_are_rung_again(
    meeting: Meeting, redis_server: Redis, work_off: Callable[[], None]
) -> None:
    send_chunk(meeting, 0, make_silence())
    services.end_recording(meeting.pk, actor="client")
    redis_server.flushdb()
    make_older(10)
    done = sweeper.sweep()
    assert (done.rung_chunks, done.rung_meetings, done.restored) == (1, 1, 1)
    work_off()
    assert services.get_meeting(meeting.pk).status == "completed"


def test_queued_chunks_are_not_rung_twice(meeting: Meeting) -> None:
    send_chunk(meeting, 0, make_silence())
    make_older(10)
    assert sweeper.sweep().rung_chunks == 0


def test_work_of_a_dead_worker_is_rung_again(
    meeting: Meeting, redis_server: Redis, settings: Settings
) -> None:
    chunk = send_chunk(meeting, 0, make_silence()).chunk
    redis_server.flushdb()
    make_older(10)
    AudioChunk.objects.filter(pk=chunk.pk).claim()
    assert sweeper.sweep().rung_chunks == 0
    AudioChunk.objects.update(lease_until=seconds_from_now(-1))
    assert sweeper.sweep().rung_chunks == 1


def test_live_index_forgets_what_is_over(meeting: Meeting) -> None:
    assert list(live.list_live()) == [meeting.pk]
    Meeting.objects.update(status="completed")
    sweeper.sweep()
    assert live.list_live() == {}


def test_redis_away_ends_recordings_all_the_same(
    meeting: Meeting, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    unreachable = Redis(host="127.0.0.1", port=1)
    monkeypatch.setattr(live, "get_redis", lambda: unreachable)
    make_older(61)
    done = sweeper.sweep()
    assert (done.ended, done.is_redis_away) == (1, True)
