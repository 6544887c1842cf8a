import asyncio

import pytest
from asgiref.sync import sync_to_async

from chat import presence, services
from chat.models import Event, ReadMark
from chat.stream import people_frames, presence_watch
from intellibooks.identity import Identity
from tests.chat.sockets import Socket
from tests.chat.stream.test_message_frames import enter, without_times

pytestmark = pytest.mark.django_db(transaction=True)


async def test_the_room_is_told_who_is_there() -> None:
    async with enter("alice", "bob") as (alice, bob):
        for socket in (alice, bob):
            frame = without_times(await socket.read_presence(2))
            assert [it.pop("since").endswith("Z") for it in frame["members"]] == [True, True]
            assert frame == {
                "type": "presence",
                "session_id": "session-1",
                "members": [
                    {"user_id": "alice", "name": "alice"},
                    {"user_id": "bob", "name": "bob"},
                ],
                "count": 2,
            }
        await bob.disconnect()
        gone = await alice.read_presence(1)
        assert [it["user_id"] for it in gone["members"]] == ["alice"]
    assert not await Event.objects.filter(type="presence").aexists()


async def test_many_who_come_at_once_are_told_of_together() -> None:
    async with enter(*(f"user-{number}" for number in range(8))) as sockets:
        await sockets[0].read_presence(8)
        assert len(sockets[0].presence) <= 3


async def test_a_quiet_client_stays_present(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence_watch, "SECONDS_BETWEEN_REFRESHES", 0.1)
    monkeypatch.setattr(presence, "TTL_SECONDS", 1)
    async with enter("alice"):
        await asyncio.sleep(1.5)
        assert await sync_to_async(presence.count_connections)(["session-1"]) == [1]


async def test_nothing_is_left_of_a_room_that_everyone_has_left() -> None:
    async with enter("alice", "bob"):
        pass
    async with asyncio.timeout(5):
        while await sync_to_async(presence.count_connections)(["session-1"]) != [0]:
            await asyncio.sleep(0.02)


async def test_typing_is_shown_to_the_others_and_not_kept() -> None:
    async with enter("alice", "bob") as (alice, bob):
        for is_typing in (True, True, True, False, False):
            await alice.say(type="typing", is_typing=is_typing)
        shown = [without_times(await bob.read()) for _ in range(2)]
        typing = {"type": "typing", "session_id": "session-1", "user_id": "alice"}
        assert shown == [
            {**typing, "name": "alice", "is_typing": True},
            {**typing, "name": "alice", "is_typing": False},
        ]
        assert await bob.receive_nothing(timeout=0.1)
        assert await alice.receive_nothing(timeout=0.1)
    assert not await Event.objects.aexists()


async def test_who_still_types_is_shown_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people_frames, "SECONDS_BETWEEN_TYPING", 0)
    async with enter("alice", "bob") as (alice, bob):
        for _ in range(2):
            await alice.say(type="typing")
            assert (await bob.read())["is_typing"] is True


async def test_how_far_one_has_read_is_kept_and_shown_to_the_others() -> None:
    async with enter("alice", "bob") as (alice, bob):
        await alice.say(content="hello")
        await bob.read_type("message")
        for seq in (99, 1, 0):  # the newest event is 1, and it is read once
            await bob.say(type="read", seq=seq)
        assert without_times(await alice.read()) == {
            "type": "read",
            "session_id": "session-1",
            "user_id": "bob",
            "read_seq": 1,
        }
        assert await alice.receive_nothing(timeout=0.1)
    mark = await ReadMark.objects.aget()
    assert (mark.user_id, mark.seq) == ("bob", 1)


async def test_a_viewer_reads_and_does_not_write() -> None:
    @sync_to_async
    def prepare() -> None:
        room = services.open_conversation("session-1", owner="alice")
        room.memberships.create(user_id="carol", role="viewer")

    await prepare()
    async with enter("carol") as (carol,):
        for frame in ({"content": "x"}, {"type": "typing"}, {"type": "delete"}):
            await carol.say(**frame)
            assert (await carol.read())["code"] == "FORBIDDEN"
        await carol.say(type="history")
        assert (await carol.read())["messages"] == []


async def test_those_in_a_deleted_session_are_told_and_sent_away() -> None:
    async with enter("alice") as (alice,):
        await sync_to_async(services.delete_session)(Identity(user_id="alice"), "session-1")
        assert (await alice.read())["state"] == "deleted"
        await alice.say(content="still here?")
        closing = await alice.receive_output(timeout=5)
        assert (closing["type"], closing["code"]) == ("websocket.close", 4403)


async def test_a_stranger_does_not_enter_somebodys_room() -> None:
    await sync_to_async(services.open_conversation)("session-1", owner="alice")
    accepted, _ = await Socket("/ws/chat/session-1?user_id=bob").connect(timeout=5)
    assert not accepted
