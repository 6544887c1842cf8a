"""Uploads through the real ASGI application: as Django's own handler answers, on fewer threads."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import Settings

from intellibooks import asgi
from intellibooks.metrics.process import HTTP_SECONDS
from meetings import ingest, live, media, services, spool
from meetings.models import AudioChunk, Meeting
from tests.factories import make_silence
from tests.intellibooks.auth.people import make_token, make_user

pytestmark = pytest.mark.django_db(transaction=True)
OURS = "http://localhost:3000"  # of CORS_ORIGINS
DOOR: Any = asgi.http.application.application
UPLOADS = ("/api/meetings/{}/chunk", "/api/meetings/{}/chunk/")


@pytest.fixture
def meeting() -> Meeting:
    return services.start_meeting()


@pytest.fixture(autouse=True)
def own_threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Their connections end with them."""
    with ThreadPoolExecutor(1) as line, ThreadPoolExecutor(4) as others:
        monkeypatch.setattr(DOOR, "line", line)
        monkeypatch.setattr(DOOR, "others", others)
        yield


def ask(method: str, path: str, **content: Any) -> httpx.Response:
    async def fetch() -> httpx.Response:
        service: Any = asgi.application
        transport = httpx.ASGITransport(service, client=("127.0.0.1", 5000))
        base = "http://localhost:8004"
        async with httpx.AsyncClient(transport=transport, base_url=base) as client:
            return await client.request(method, path, **content)

    return asyncio.run(fetch())


def form(index: int = 0, sound: bytes = b"") -> dict[str, Any]:
    files = {"audio_chunk": ("chunk.wav", sound or make_silence(0.1), "audio/wav")}
    return {"files": files, "data": {"chunk_index": str(index)}}


@pytest.mark.parametrize("path", UPLOADS)
def test_form_is_accepted_with_every_header(meeting: Meeting, path: str) -> None:
    headers = {"origin": OURS, "x-request-id": "from-the-client.1"}
    answer = ask("POST", path.format(meeting.pk), headers=headers, **form())
    body = answer.json()
    assert (answer.status_code, body["success"], body["total_chunks"]) == (200, True, 1)
    assert answer.headers["access-control-allow-origin"] == OURS
    assert answer.headers["x-request-id"] == "from-the-client.1"
    assert answer.headers["content-length"] == str(len(answer.content))
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["allow"] == "POST, OPTIONS"


@pytest.mark.parametrize("limit", [10, 9_000, 10**6])
def test_form_of_any_size_and_in_any_pieces_is_kept_whole(
    meeting: Meeting, settings: Settings, limit: int
) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = limit
    sound = make_silence(0.3)[:-1] + b"x"
    request = httpx.Request("POST", "http://localhost", **form(0, sound))
    whole = request.read()

    async def send_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(whole), 1000):
            yield whole[start : start + 1000]

    headers = {"content-type": request.headers["content-type"], "content-length": str(len(whole))}
    path = f"/api/meetings/{meeting.pk}/chunk"
    answer = ask("POST", path, headers=headers, content=send_pieces())
    assert answer.status_code == 200, answer.text
    assert media.read_chunk(AudioChunk.objects.get()) == sound


def test_sound_itself_is_accepted(meeting: Meeting) -> None:
    sound = make_silence(0.1)
    answer = ask("PUT", f"/api/meetings/{meeting.pk}/chunks/3", content=sound)
    assert (answer.status_code, answer.json()["bytes"]) == (200, len(sound))
    assert answer.json()["missing"] == [0, 1, 2]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/api/meetings/nothing/chunk", form()),
        ("/api/meetings/{}/chunk", {"data": {"chunk_index": "0"}}),
        ("/api/meetings/{}/chunk", {"content": b"{}", "headers": {"content-type": "text/x"}}),
        ("/api/meetings/{}/chunk", {"headers": {"host": "evil.example"}, **form()}),
        ("/api/meetings/{}/chunk", {"headers": {"origin": "http://evil.example"}, **form()}),
        ("/api/meetings/{}/chunk?a=%ff", {"headers": {"content-type": "multipart/form-data"}}),
    ],
)
def test_refusal_is_the_one_of_djangos_own_handler(
    meeting: Meeting, path: str, content: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = ask("POST", path.format(meeting.pk), **content)
    monkeypatch.setattr(DOOR, "is_short", lambda method, path: False)
    usual = ask("POST", path.format(meeting.pk), **content)
    assert ours.status_code == usual.status_code >= 400
    assert mask(ours) == mask(usual)


def mask(answer: httpx.Response) -> tuple[dict[str, str], bytes]:
    """Without what no two answers share."""
    headers = dict(answer.headers)
    name = headers.pop("x-request-id")
    return headers, answer.content.replace(name.encode(), b"id")


def test_it_takes_one_thread_for_many_uploads(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = []
    accept = ingest.ingest_chunk

    def note(*arguments: Any, **facts: Any) -> Any:
        threads.append((threading.get_ident(), id(connection.connection)))
        return accept(*arguments, **facts)

    monkeypatch.setattr(ingest, "ingest_chunk", note)
    for index in range(4):
        answer = ask("POST", f"/api/meetings/{meeting.pk}/chunk", **form(index))
        assert answer.status_code == 200
    assert len({thread for thread, _ in threads}) == 1
    if connection.vendor == "sqlite":  # Postgres' go back to their pool
        assert len({held for _, held in threads}) == 1


def test_slow_upload_holds_the_next_ones_up_for_a_moment_only(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    released, accept = threading.Event(), ingest.ingest_chunk
    order: list[int] = []

    def stall(known: Meeting, *, index: int, **facts: Any) -> Any:
        if index == 0:
            assert released.wait(10)
        receipt = accept(known, index=index, **facts)
        order.append(index)
        if len(order) == 3:
            released.set()
        return receipt

    monkeypatch.setattr(ingest, "ingest_chunk", stall)
    with ThreadPoolExecutor(4) as clients:
        path = f"/api/meetings/{meeting.pk}/chunk"
        answers = list(clients.map(lambda index: ask("POST", path, **form(index)), range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert order[-1] == 0


def test_upload_is_measured_under_its_route(meeting: Meeting) -> None:
    def count() -> float:
        return sum(
            sample.value
            for metric in HTTP_SECONDS.collect()
            for sample in metric.samples
            if sample.name.endswith("_count") and "chunk" in sample.labels["route"]
        )

    before = count()
    ask("POST", f"/api/meetings/{meeting.pk}/chunk", **form())
    assert count() == before + 1


def test_upload_is_spooled_while_the_database_is_away(
    meeting: Meeting, settings: Settings, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR = tmp_path
    live.refresh(meeting)

    def fail(meeting_id: str) -> Meeting:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(services, "get_meeting", fail)
    answer = ask("POST", f"/api/meetings/{meeting.pk}/chunk", **form())
    assert (answer.status_code, answer.json()["spooled"]) == (200, True)
    assert len(list(spool.spool_folder().iterdir())) >= 1


def test_session_needs_its_csrf_proof(settings: Settings) -> None:
    settings.AUTH_MODE = "required"
    meeting = services.start_meeting(owner=str(make_user("alice").pk))
    client = Client()
    client.force_login(make_user("alice"))
    cookie = {"cookie": f"sessionid={client.cookies['sessionid'].value}"}
    answer = ask("POST", f"/api/meetings/{meeting.pk}/chunk", headers=cookie, **form())
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    bearer = {"authorization": f"Bearer {make_token('bob', scopes=['write'])}"}
    answer = ask("POST", f"/api/meetings/{meeting.pk}/chunk", headers=bearer, **form())
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert not AudioChunk.objects.exists()
