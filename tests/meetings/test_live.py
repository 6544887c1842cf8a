import pytest
from redis import Redis

from meetings import live, services

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_long_meeting_takes_a_bounded_place_in_redis(redis_server: Redis) -> None:
    meeting = services.start_meeting()
    for index in range(3000):
        live.remember_draft(meeting.pk, index, f"{index} " + "some twenty five words or so " * 5)
    used = redis_server.memory_usage(live.draft_key(meeting.pk)) or 0
    used += redis_server.memory_usage(live.state_key(meeting.pk)) or 0
    assert used < 50_000
    assert sorted(live.read_draft(meeting.pk)) == list(range(3000 - live.DRAFT_CHUNKS, 3000))


def test_every_key_of_a_meeting_ends_by_itself(redis_server: Redis) -> None:
    meeting = services.start_meeting()
    live.remember_draft(meeting.pk, 0, "hello")
    keys = [live.state_key(meeting.pk), live.draft_key(meeting.pk)]
    assert all(0 < redis_server.ttl(key) <= live.TTL_SECONDS for key in keys)


def test_forgotten_meeting_leaves_nothing(redis_server: Redis) -> None:
    meeting = services.start_meeting()
    live.remember_draft(meeting.pk, 0, "hello")
    live.forget(meeting.pk)
    assert redis_server.keys("meeting*") == []
