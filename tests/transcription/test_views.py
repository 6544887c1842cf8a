"""Files are transcribed by a real worker in a process of its own."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import include, path
from drf_spectacular.generators import SchemaGenerator
from redis import Redis
from rq import Worker

from intellibooks.redis_connection import get_queue
from tests.intellibooks.serve_process import wait_until
from tests.intellibooks.test_work import working
from tests.transcription.sounds import load_speech, make_silence
from transcription.audio import encode_wav

urlpatterns = [path("api/", include("transcription.urls"))]
pytestmark = pytest.mark.urls(__name__)

ADDRESS = "/api/transcription/transcribe"
SPEECH, _ = load_speech()


@pytest.fixture(scope="module", autouse=True)
def _worker(redis_server: Redis) -> Iterator[None]:
    redis_server.flushdb()
    with working("live"):
        wait_until(lambda: Worker.count(queue=get_queue("live")))
        yield


def post(client: Client, content: bytes, address: str = ADDRESS, **fields: str) -> Any:
    upload = SimpleUploadedFile("talk.wav", content, content_type="audio/wav")
    return client.post(address, {"file": upload, **fields})


@pytest.mark.parametrize("address", [ADDRESS, f"{ADDRESS}/"])
def test_speech_is_answered_with_its_text(client: Client, address: str) -> None:
    answer = post(client, encode_wav(SPEECH), address)
    body = answer.json()
    assert answer.status_code == 200
    assert "weekly team meeting" in body.pop("text")
    assert body == {"success": True, "error": None, "code": None, "engine": "pocketsphinx"}


def test_silence_is_answered_as_the_contract_says(client: Client) -> None:
    answer = post(client, encode_wav(make_silence(3)))
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "success": False,
            "text": None,
            "error": "No speech detected",
            "code": "no_speech",
            "engine": "",
        },
    )


def test_file_that_is_no_sound_is_explained(client: Client) -> None:
    answer = post(client, b"%PDF-1.7 and so on")
    body = answer.json()
    assert (answer.status_code, body["success"], body["code"]) == (200, False, "bad_audio")
    assert "not a sound file" in body["error"]


def test_length_limit_is_in_the_error(client: Client) -> None:
    body = post(client, encode_wav(make_silence(121))).json()
    assert body["error"] == "The sound is longer than 2 minutes. Send it in shorter pieces."


def test_language_that_no_engine_speaks_is_an_engine_failure(client: Client) -> None:
    answer = post(client, encode_wav(SPEECH), language="sw")
    body = answer.json()
    assert (answer.status_code, body["success"], body["code"]) == (
        *(200, False),
        "engine_unavailable",
    )
    assert "English only" in body["error"]


def test_nothing_stays_behind(client: Client, redis_server: Redis) -> None:
    post(client, encode_wav(make_silence(1)))
    assert list(redis_server.scan_iter("transcribe:*")) == []
    wait_until(lambda: not list(redis_server.scan_iter("rq:job:transcribe-*")))


def test_empty_file_is_refused(client: Client) -> None:
    answer = post(client, b"")
    assert (answer.status_code, answer.json()) == (
        400,
        {"detail": "Empty audio file", "error": "Empty audio file", "code": "empty_chunk"},
    )


def test_request_without_a_file_is_refused(client: Client) -> None:
    answer = client.post(ADDRESS, {"language": "en"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "file"


def test_file_above_the_limit_is_refused(client: Client, settings: Any) -> None:
    settings.MAX_CHUNK_BYTES = 1000
    answer = post(client, bytes(1001))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("language", ["en; rm -rf", "e", "\u00e4\u00f6"])
def test_nonsense_as_language_is_refused(client: Client, language: str) -> None:
    assert post(client, b"x", language=language).status_code == 422


def test_only_post_is_answered(client: Client) -> None:
    assert client.get(ADDRESS).status_code == 405


def test_route_is_documented() -> None:
    build: Any = SchemaGenerator
    schema = build(patterns=urlpatterns).get_schema(request=None, public=True)
    (operation,) = [item["post"] for item in schema["paths"].values()]
    assert "multipart/form-data" in operation["requestBody"]["content"]
    assert "200" in operation["responses"]
