import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.test import Client
from redis import Redis

from chat import events
from chat.models import Conversation, Membership
from intellibooks.auth import revocation, tickets
from intellibooks.auth.tokens import revoke_token
from intellibooks.models import ApiToken
from tests.intellibooks.auth.people import bearing, make_token, make_user
from tests.intellibooks.auth.sockets import ROOM, Knock, in_database, knock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("required")]
TICKET = "/api/auth/ws-ticket"


@pytest.fixture(autouse=True)
async def _close_connections() -> AsyncIterator[None]:
    yield
    await sync_to_async(connections.close_all)()


def get_ticket(secret: str, **wishes: Any) -> str:
    answer = bearing(secret).post(TICKET, wishes, content_type="application/json")
    assert answer.json()["expires_in"] == 30
    return str(answer.json()["ticket"])


def make_room(owner: str = "alice", **facts: Any) -> Conversation:
    room = Conversation.objects.create(pk="room-1", **facts)
    room.memberships.create(user_id=owner, role=Membership.Role.OWNER)
    return room


def session_cookie(name: str) -> str:
    client = Client()
    client.force_login(make_user(name))
    return f"sessionid={client.cookies['sessionid'].value}"


async def test_stranger_is_refused_and_opens_no_room() -> None:
    assert not await knock()
    assert not await knock(f"{ROOM}?user_id=alice")
    assert not await in_database(Conversation.objects.exists)


async def test_token_in_the_subprotocol_opens_a_room_of_ones_own() -> None:
    socket = Knock(bearer=await in_database(make_token, "alice"))
    assert await socket.connect(timeout=5) == (True, "bearer")
    await socket.disconnect()
    owner = await in_database(lambda: Membership.objects.values_list("user_id", "role").get())
    assert owner == ("alice", "owner")


async def test_room_of_another_is_refused() -> None:
    await in_database(make_room)
    assert not await knock(bearer=await in_database(make_token, "charlie"))
    assert await knock(bearer=await in_database(make_token, "alice"))


async def test_ticket_opens_one_socket_once() -> None:
    ticket = await in_database(get_ticket, await in_database(make_token, "alice"))
    assert await knock(f"{ROOM}?ticket={ticket}")
    assert not await knock(f"{ROOM}?ticket={ticket}")


async def test_ticket_for_one_room_opens_no_other() -> None:
    secret = await in_database(make_token, "alice")
    ticket = await in_database(get_ticket, secret, session_id="room-2")
    assert not await knock(f"{ROOM}?ticket={ticket}")


async def test_expired_ticket_is_refused(
    monkeypatch: pytest.MonkeyPatch, redis_server: Redis
) -> None:
    ticket = await in_database(get_ticket, await in_database(make_token, "alice"))
    assert 0 < redis_server.ttl(tickets.name_key(ticket)) <= 30
    redis_server.pexpire(tickets.name_key(ticket), 0)
    assert not await knock(f"{ROOM}?ticket={ticket}")


@pytest.mark.parametrize("ticket", ["x", "a" * 500, "%00", "ibt_x"])
async def test_ticket_that_is_none_is_refused(ticket: str) -> None:
    assert not await knock(f"{ROOM}?ticket={ticket}")


def test_stranger_gets_no_ticket() -> None:
    assert Client().post(TICKET).status_code == 401


async def test_token_in_the_url_opens_nothing() -> None:
    secret = await in_database(make_token, "alice")
    for name in ("token", "access_token", "ticket", "user_id"):
        assert not await knock(f"{ROOM}?{name}={secret}")


async def test_session_of_our_page_opens_a_socket_and_of_a_foreign_page_none() -> None:
    cookie = await in_database(session_cookie, "alice")
    assert await knock(cookie=cookie, origin="http://127.0.0.1:8004")
    assert not await knock(cookie=cookie, origin="http://evil.example")


async def test_public_link_lets_a_stranger_read_and_not_write() -> None:
    await in_database(make_room, share_token="link-of-the-room")
    assert not await knock(f"{ROOM}?share=another")
    socket = Knock(f"{ROOM}?share=link-of-the-room")
    assert await socket.is_let_in()
    await socket.send_to('{"content": "hello"}')
    assert (await socket.read_type("error"))["code"] == "FORBIDDEN"
    await socket.disconnect()


@pytest.mark.parametrize("asks", ["at the door", "inside"])
async def test_public_link_replays_nothing_of_before_it_came(asks: str) -> None:
    def happen() -> None:
        make_room(share_token="link-of-the-room")
        with events.record("room-1") as log:
            log.append("chunk", state="received")

    await in_database(happen)
    late = "&last_seq=0" if asks == "at the door" else ""
    socket = Knock(f"{ROOM}?share=link-of-the-room{late}")
    assert await socket.is_let_in()
    if asks == "inside":
        await socket.send_to(json.dumps({"type": "resume", "last_seq": 0}))
    assert (await socket.read_type("resumed"))["gap"] is True
    await socket.disconnect()


async def test_token_that_may_only_read_does_not_write() -> None:
    await in_database(make_room)
    socket = Knock(bearer=await in_database(make_token, "alice", scopes=["read"]))
    assert await socket.is_let_in()
    await socket.send_to('{"content": "hello"}')
    assert (await socket.read_type("error"))["code"] == "FORBIDDEN"
    await socket.disconnect()


@pytest.mark.parametrize("path", ["/ws/chat/" + "a" * 500, "/ws/chat/..%2f..%2fetc", "/ws/chat/"])
async def test_id_that_is_none_is_refused(path: str) -> None:
    assert not await knock(path, bearer=await in_database(make_token, "alice"))


async def watched(**shown: Any) -> Knock:
    """An open socket at which the watch has begun to look."""
    socket = Knock(**shown)
    assert await socket.is_let_in()
    await socket.read_type("system")
    return socket


def revoke_all() -> None:
    for token in ApiToken.objects.all():
        revoke_token(token)


async def test_revoked_token_closes_its_socket() -> None:
    socket = await watched(bearer=await in_database(make_token, "alice"))
    await in_database(revoke_all)
    assert await socket.read_close() == 4401


async def test_revocation_of_another_token_closes_nothing() -> None:
    socket = await watched(bearer=await in_database(make_token, "alice"))
    revocation.send({"credential": "token:0"})
    await socket.send_to('{"type": "ping"}')
    assert await socket.read_type("pong")
    await socket.disconnect()


async def test_logout_closes_the_sockets_of_the_session() -> None:
    def log_out(cookie: str) -> int:
        client = Client()
        client.cookies["sessionid"] = cookie.partition("=")[2]
        return client.post("/api/auth/logout").status_code

    cookie = await in_database(session_cookie, "alice")
    socket = await watched(cookie=cookie)
    assert await in_database(log_out, cookie) == 200
    assert await socket.read_close() == 4401


async def test_removed_member_is_closed_out_though_nobody_said_so(settings: Any) -> None:
    settings.REVOCATION_CHECK_SECONDS = 0.2
    await in_database(make_room)
    await in_database(
        Membership.objects.create, conversation_id="room-1", user_id="bob", role="viewer"
    )
    alice = await watched(bearer=await in_database(make_token, "alice"))
    bob = await watched(bearer=await in_database(make_token, "bob"))
    await in_database(Membership.objects.filter(user_id="bob").delete)
    assert await bob.read_close() == 4403
    await alice.send_to('{"type": "ping"}')
    assert await alice.read_type("pong")
    await alice.disconnect()


async def test_withdrawn_link_closes_its_sockets() -> None:
    def withdraw() -> None:
        Conversation.objects.update(share_token=None)
        revocation.publish(session_id="room-1")

    await in_database(make_room, share_token="link-of-the-room")
    socket = await watched(path=f"{ROOM}?share=link-of-the-room")
    await in_database(withdraw)
    assert await socket.read_close() == 4403


async def test_token_of_staff_that_is_staff_no_more_closes_its_socket(settings: Any) -> None:
    def demote() -> None:
        root = make_user("root", is_staff=True)
        root.is_staff = root.is_superuser = False
        root.save()

    settings.REVOCATION_CHECK_SECONDS = 0.2
    secret = await in_database(make_token, "root", scopes=["admin"], is_staff=True)
    socket = await watched(bearer=secret)
    await in_database(demote)
    assert await socket.read_close() == 4401


async def test_disabled_user_is_closed_out(settings: Any) -> None:
    def disable() -> None:
        alice = make_user("alice")
        alice.is_active = False
        alice.save()

    settings.REVOCATION_CHECK_SECONDS = 0.2
    socket = await watched(bearer=await in_database(make_token, "alice"))
    await in_database(disable)
    assert await socket.read_close() == 4401
