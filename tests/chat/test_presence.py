from redis import Redis

from chat import presence
from chat.presence import Attendance

ALICE = Attendance("c1", "alice", "2026-01-01T10:00:00.000Z")
ALICE_AGAIN = Attendance("c2", "alice", "2026-01-01T11:00:00.000Z")
GUEST = Attendance("c3", "", "2026-01-01T12:00:00.000Z")


def test_people_are_named_once_and_guests_one_by_one() -> None:
    guests = [GUEST, Attendance("c4", "", "2026-01-01T13:00:00.000Z")]
    presence.update("s", [ALICE_AGAIN, ALICE, *guests], [])
    assert presence.describe("s") == {
        "members": [
            {"user_id": "alice", "name": "alice", "since": "2026-01-01T10:00:00.000Z"},
            {"user_id": "", "name": "Guest", "since": "2026-01-01T12:00:00.000Z"},
            {"user_id": "", "name": "Guest", "since": "2026-01-01T13:00:00.000Z"},
        ],
        "count": 3,
    }
    assert presence.count_connections(["s", "other"]) == [4, 0]


def test_only_a_change_is_news() -> None:
    assert presence.update("s", [ALICE], [])
    assert not presence.update("s", [ALICE], [])
    assert presence.update("s", [ALICE, GUEST], [])
    assert presence.update("s", [ALICE], [GUEST])
    assert not presence.update("s", [ALICE], [GUEST])


def test_what_a_dead_process_held_is_forgotten(redis_server: Redis) -> None:
    presence.update("s", [GUEST], [])
    key = presence.presence_key("s")
    assert 0 < redis_server.ttl(key) <= presence.TTL_SECONDS
    redis_server.zadd(key, {GUEST.encode(): 1})  # as 45 s later
    assert presence.count_connections(["s"]) == [0]
    assert presence.describe("s") == {"members": [], "count": 0}
    assert presence.update("s", [], [])


def test_a_room_is_told_once_a_second() -> None:
    assert presence.may_tell("s")
    assert not presence.may_tell("s")
    assert presence.may_tell("other")
