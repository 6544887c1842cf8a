"""Too many frames: first a word, then the end; and nobody else in the room notices."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from chat.models import Message
from intellibooks.limits.rates import Rate
from tests.intellibooks.auth.sockets import Knock

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def alice(settings: Any) -> AsyncIterator[Knock]:
    settings.LIMITS = {"messages": Rate(3, 600)}
    socket = Knock()
    assert await socket.is_let_in()
    yield socket
    await socket.disconnect()
    await sync_to_async(connections.close_all)()


async def test_message_too_many_is_refused_with_a_word_and_not_stored(alice: Knock) -> None:
    for number in range(4):
        await alice.send_to(json.dumps({"content": f"message {number}"}))
    frame = await alice.read_type("error")
    assert frame["code"] == "RATE_LIMITED"
    assert await Message.objects.acount() == 3


@pytest.mark.parametrize("text", ['{"type": "unknown"}', "not json", "[]"])
async def test_flood_is_closed_after_warnings(alice: Knock, text: str) -> None:
    for _ in range(40):
        await alice.send_to(text)
    assert await alice.read_close() == 4429


async def test_people_elsewhere_are_not_limited_by_it(alice: Knock) -> None:
    for _ in range(10):
        await alice.send_to("{}")
    bob = Knock(address="192.0.2.7")
    assert await bob.is_let_in()
    await bob.send_to('{"type": "ping"}')
    assert await bob.read_type("pong")
    await bob.disconnect()
