import asyncio
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from intellibooks.body_limit import LimitBody

pytestmark = pytest.mark.django_db(transaction=True)


def test_front_door_leads_to_the_console(client: Client) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/console/")


def test_config_says_what_anybody_may_know(client: Client) -> None:
    body = client.get("/api/config").json()
    assert body["auth_mode"] == "open"
    assert body["engine"] == "pocketsphinx"
    assert body["max_import_bytes"] == settings.MAX_IMPORT_BYTES


@pytest.mark.parametrize("path", ["/api/health", "/api/health/", "/health"])
def test_health_names_the_engine_and_what_is_away(client: Client, path: str) -> None:
    body = client.get(path).json()
    assert (body["engine"], body["parts"]["database"]) == ("pocketsphinx", "ok")
    assert body["degraded"] == ["workers"]


def test_not_ready_without_workers(client: Client) -> None:
    answer = client.get("/api/ready")
    assert answer.status_code == 503
    assert "manage.py work" in answer.json()["parts"]["workers"]


def test_unknown_address_is_answered_in_json(client: Client) -> None:
    answer = client.get("/api/nothing-here")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_page_of_a_stranger_cannot_start_a_meeting(client: Client) -> None:
    answer = client.post("/api/meetings/start", headers={"Origin": "http://evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_frontend_may_start_a_meeting(client: Client) -> None:
    answer = client.post("/api/meetings/start", headers={"Origin": "http://localhost:3001"})
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost:3001"


def test_a_name_that_is_not_ours_is_refused(client: Client) -> None:
    answer = client.get("/api/health", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


async def call_limited(limit: int, length: str, *bodies: bytes) -> tuple[list[Any], int]:
    """What the application behind a limit sent, and how many bytes it was given."""
    incoming = [{"type": "http.request", "body": body, "more_body": True} for body in bodies]
    sent: list[Any] = []
    read = 0

    async def application(scope: Any, receive: Any, send: Any) -> None:
        nonlocal read
        for _ in bodies:
            read += len((await receive())["body"])
        await send({"type": "http.response.start", "status": 200})

    async def receive() -> Any:
        return incoming.pop(0) if incoming else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-length", length.encode())] if length else []
    await LimitBody(application, limit)({"headers": headers}, receive, send)
    return sent, read


@pytest.mark.parametrize("length", ["11", "-1", "x"])
async def test_large_body_is_refused_before_it_is_read(length: str) -> None:
    sent, read = await call_limited(10, length, b"12345678901")
    assert (sent[0]["status"], read) == (413, 0)
    assert b'"code": "too_large"' in sent[1]["body"]


async def test_a_body_that_grows_past_the_limit_is_cut_off() -> None:
    sent, read = await call_limited(10, "", b"123456", b"789012")
    assert (sent[0]["status"], read) == (413, 6)


async def test_a_body_within_the_limit_passes() -> None:
    sent, read = await call_limited(10, "10", b"1234567890")
    assert (sent[0]["status"], read) == (200, 10)


async def test_a_body_that_only_drips_in_is_given_up() -> None:
    sent: list[Any] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        while (await receive())["more_body"]:
            pass

    async def receive() -> Any:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"1", "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    async with asyncio.timeout(5):
        await LimitBody(application, 10**6, patience=0.2)({"headers": []}, receive, send)
    assert sent[0]["status"] == 408
    assert b'"code": "too_slow"' in sent[1]["body"]


async def test_who_has_sent_everything_may_be_kept_waiting() -> None:
    incoming = [{"type": "http.request", "body": b"1", "more_body": False}]
    told: list[Any] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        told.extend([await receive(), await receive()])

    async def receive() -> Any:
        if incoming:
            return incoming.pop()
        await asyncio.sleep(0.3)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        raise AssertionError(message)

    await LimitBody(application, 10, patience=0.1)({"headers": []}, receive, send)
    assert [message["type"] for message in told] == ["http.request", "http.disconnect"]


def test_limit_leaves_room_for_the_largest_chunk() -> None:
    assert settings.MAX_BODY_BYTES > settings.MAX_CHUNK_BYTES
