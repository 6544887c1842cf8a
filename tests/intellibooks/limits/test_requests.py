import asyncio
import json
import time
from typing import Any

import pytest

from intellibooks.identity import STRANGER, Identity
from intellibooks.limits.rates import Rate
from intellibooks.limits.requests import LimitRequests, find_kind
from intellibooks.limits.sockets import LimitSockets
from tests.timing import check_seconds

CHUNK = "/api/meetings/x/chunk"


async def call(path: str, *, address: str = "1.1.1.1", user: str | None = "") -> Any:
    """Status and headers of an answer, and what is in it if it is a refusal."""
    sent: list[Any] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    async def identify(scope: Any) -> Identity | None:
        if user is None:
            return None
        return Identity(user, is_verified=True) if user else STRANGER

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"method": "POST", "path": path, "client": (address, 1), "headers": []}
    await LimitRequests(application, identify)(scope, None, send)
    return sent[0]["status"], dict(sent[0]["headers"]), json.loads(sent[1]["body"])


async def test_refusal_has_the_body_of_every_error(settings: Any) -> None:
    settings.LIMITS = {"starts": Rate(1, 60)}
    await call("/api/meetings/start")
    status, headers, body = await call("/api/meetings/start/")
    assert (status, body["code"], body["detail"]) == (429, "rate_limited", "Too many requests")
    assert 1 <= int(headers[b"retry-after"]) <= 60


async def test_people_behind_one_address_have_each_their_own(settings: Any) -> None:
    settings.LIMITS = {"transcribe": Rate(1, 60)}
    path = "/api/transcription/transcribe"
    statuses = [(await call(path, user=name))[0] for name in ("alice", "bob", "alice", "")]
    assert statuses == [200, 200, 429, 200]


async def test_upload_waits_for_its_turn_before_it_is_refused(settings: Any) -> None:
    settings.LIMITS = {"uploads": Rate(1, 0.3)}
    begun = time.monotonic()
    answers = await asyncio.gather(*(call(CHUNK) for _ in range(3)))
    assert [answer[0] for answer in answers] == [200] * 3
    took = time.monotonic() - begun
    assert took > 0.4
    check_seconds(took, 3)


async def test_upload_is_refused_where_its_turn_is_far_away(settings: Any) -> None:
    settings.LIMITS = {"uploads": Rate(1, 600)}
    await call(CHUNK)
    assert (await asyncio.wait_for(call(CHUNK), 1))[0] == 429


async def test_whoever_cannot_be_told_while_the_database_is_away_is_not_refused(
    settings: Any,
) -> None:
    settings.LIMITS, settings.AUTH_MODE = {}, "required"
    assert (await call(CHUNK))[0] == 401
    assert (await call(CHUNK, user=None))[0] == 200


async def test_what_has_no_limit_passes(settings: Any) -> None:
    settings.LIMITS = {"starts": Rate(1, 600)}
    assert [(await call("/api/health"))[0] for _ in range(5)] == [200] * 5


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("POST", "/api/meetings/start", "starts"),
        ("POST", "/api/meetings/import/", "starts"),
        ("POST", CHUNK, "uploads"),
        ("PUT", "/api/meetings/x/chunks/7", "uploads"),
        ("GET", "/api/meetings/x/chunks", ""),
        ("POST", "/api/meetings/x/reprocess", "starts"),
        ("POST", "/api/auth/ws-ticket", "starts"),
        ("POST", "/api/webhooks/x/ping", "starts"),
        ("POST", "/api/conversations/x/messages/", "messages"),
        ("PATCH", "/api/sessions/x/messages/y", "messages"),
        ("DELETE", "/api/sessions/x/messages/y", "messages"),
        ("POST", "/api/transcription/transcribe", "transcribe"),
    ],
)
def test_kind_of_a_request(method: str, path: str, kind: str) -> None:
    assert find_kind(method, path) == kind


async def open_sockets(count: int, address: str = "1.1.1.1") -> list[str]:
    """What each of so many sockets got, all open at once."""
    sent: list[str] = []
    opened = asyncio.Event()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        sent.append("accepted")
        await opened.wait()

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    limited = LimitSockets(application)
    scope = {"type": "websocket", "client": (address, 1), "headers": []}
    tasks = [asyncio.create_task(limited(scope, receive, send)) for _ in range(count)]
    async with asyncio.timeout(10):
        while len(sent) < count:
            await asyncio.sleep(0.01)
    opened.set()
    await asyncio.gather(*tasks)
    assert not limited.held
    return sent


async def test_a_thousand_sockets_of_one_address_are_bounded(settings: Any) -> None:
    settings.LIMITS, settings.LIMIT_SOCKETS = {}, 100
    sent = await open_sockets(1000)
    assert (sent.count("accepted"), sent.count("websocket.close")) == (100, 900)


async def test_connects_in_a_row_are_bounded(settings: Any) -> None:
    settings.LIMITS, settings.LIMIT_SOCKETS = {"connects": Rate(10, 60)}, 0
    assert (await open_sockets(30)).count("accepted") == 10
