"""What happens around the work: no worker, too much to do, too slow, run twice, left behind."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar

import pytest
from django.core.files.base import ContentFile
from pytest_django import Settings
from redis import Redis

from intellibooks.errors import StorageUnavailable
from intellibooks.redis_connection import get_queue, get_redis
from intellibooks.workers import drain_queue
from tests.intellibooks.serve_process import wait_until
from tests.timing import check_seconds
from tests.transcription.sounds import load_speech, make_silence
from transcription import single_file, uploads
from transcription.answers import Answer, wait_for_answer
from transcription.audio import Audio, encode_wav
from transcription.engines import base
from transcription.engines.base import Availability, EngineError, Heard, Options, forget_engines
from transcription.engines.breaker import forget_breakers
from transcription.jobs import transcribe_upload
from transcription.single_file import hear_within, list_engines, transcribe_file
from transcription.types import Segment

SPEECH = encode_wav(load_speech()[0])
SILENCE = encode_wav(make_silence(1))


class Talker:
    name, model, window_seconds = "talker", "scripted", None
    error: ClassVar[Exception | None] = None
    seconds: ClassVar[float] = 0

    def check(self) -> Availability:
        return Availability(True)

    def transcribe(self, audio: Audio, options: Options) -> Heard:
        time.sleep(self.seconds)
        if self.error:
            raise self.error
        return Heard((Segment(1.0, 2.0, "good morning"),))


class Broken(Talker):
    error = EngineError("broken: out of order", permanent=True)


class Buggy(Talker):
    error = KeyError("secret of the inside")


class Slow(Talker):
    seconds = 30.0


@pytest.fixture(autouse=True)
def folder(
    settings: Settings, tmp_path: Path, redis_server: Redis, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """Where the files wait. Redis is empty, and the talker is the configured engine."""
    redis_server.flushdb()
    forget_engines()
    forget_breakers()
    for engine in (Talker, Broken, Buggy, Slow):
        path = f"{__name__}.{engine.__name__}"
        monkeypatch.setitem(base.ENGINES, engine.__name__.lower(), path)
    media = {**settings.STORAGES["media"], "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "media": media}
    settings.SPEECH_ENGINES, settings.DEEPGRAM_API_KEY = ("talker",), ""
    yield tmp_path / "transcribe"
    forget_engines()
    forget_breakers()


def ask(content: bytes = SPEECH) -> Answer:
    return transcribe_file(ContentFile(content), "en")


def run_job(content: bytes, seconds: float = 20) -> Answer | None:
    """The worker's part alone, and its answer."""
    uploads.keep_upload("some-id", ContentFile(content))
    transcribe_upload("some-id", "en", time.time() + seconds)
    return wait_for_answer("some-id", 0)


def list_files(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.exists() else []


def test_worker_answers_the_one_who_waits(folder: Path) -> None:
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(ask)
        wait_until(lambda: get_queue("live").count)
        drain_queue("live")
        assert asked.result(10)["text"] == "good morning"
    assert list_files(folder) == []


def test_two_who_wait_get_each_their_own() -> None:
    with ThreadPoolExecutor() as pool:
        asked = [pool.submit(ask, content) for content in (SPEECH, SILENCE)]
        wait_until(lambda: get_queue("live").count == 2)
        drain_queue("live")
        assert [one.result(10)["code"] for one in asked] == [None, "no_speech"]


def test_without_a_worker_the_answer_comes_soon(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single_file, "PATIENCE_SECONDS", 0.5)
    started = time.monotonic()
    answer = ask()
    check_seconds(time.monotonic() - started, 3)
    assert (answer["code"], answer["error"]) == ("engine_unavailable", single_file.NO_WORKER)
    assert get_queue("live").count == 0
    assert list_files(folder) == []


def test_answer_comes_before_the_client_gives_up(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert single_file.ANSWER_SECONDS + single_file.PACE_SECONDS < 55
    monkeypatch.setattr(single_file, "ANSWER_SECONDS", 1.5)
    started = time.monotonic()
    assert ask()["error"] == single_file.TOO_BUSY
    check_seconds(time.monotonic() - started, 2)
    assert get_queue("live").count == 0


def test_time_of_a_slow_upload_counts() -> None:
    started = time.monotonic()
    answer = transcribe_file(ContentFile(SPEECH), "en", time.time() - 51.5)
    check_seconds(time.monotonic() - started, 2)
    assert not answer["success"]


def test_long_queue_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(single_file, "MOST_WAITING", 2)
    for number in range(3):
        get_queue("live").enqueue("time.sleep", 0, job_id=f"chunk-{number}")
    started = time.monotonic()
    assert ask()["error"] == single_file.TOO_BUSY
    check_seconds(time.monotonic() - started, 1)
    assert get_queue("live").count == 3


@pytest.fixture
def _no_redis(settings: Settings) -> Iterator[None]:
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    get_redis.cache_clear()
    get_queue.cache_clear()
    yield
    get_redis.cache_clear()
    get_queue.cache_clear()


@pytest.mark.usefixtures("_no_redis")
def test_redis_that_is_away_is_told_at_once(folder: Path) -> None:
    started = time.monotonic()
    assert ask()["error"] == single_file.NO_QUEUE
    check_seconds(time.monotonic() - started, 5)
    assert list_files(folder) == []


def test_file_that_cannot_be_stored_is_told(folder: Path) -> None:
    folder.write_text("in the way")
    with pytest.raises(StorageUnavailable, match="could not be stored"):
        ask()


def test_engine_failure_is_the_answer(settings: Settings) -> None:
    settings.SPEECH_ENGINES = ("broken",)
    answer = run_job(SPEECH)
    assert answer is not None
    assert (answer["success"], answer["code"]) == (False, "engine_unavailable")
    assert "out of order" in (answer["error"] or "")


def test_crash_tells_nothing_of_the_inside(settings: Settings) -> None:
    settings.SPEECH_ENGINES = ("buggy",)
    answer = run_job(SPEECH)
    assert answer is not None
    assert (answer["code"], answer["error"]) == ("internal", single_file.CRASHED)


def test_slow_engine_is_stopped(settings: Settings) -> None:
    settings.SPEECH_ENGINES = ("slow",)
    started = time.monotonic()
    answer = hear_within(SPEECH, "en", 1)
    check_seconds(time.monotonic() - started, 5)
    assert answer["error"] == (
        "There was no result after 52 seconds. Send a shorter recording; 2 min is the most that "
        "is taken."
    )


def test_limit_can_be_set(settings: Settings) -> None:
    settings.TRANSCRIBE_MAX_SECONDS = 3
    answer = run_job(SPEECH)
    assert answer is not None
    assert answer["error"] == "The sound is longer than 3 seconds. Send it in shorter pieces."


def test_nobody_waits_nothing_is_done(settings: Settings, folder: Path) -> None:
    settings.SPEECH_ENGINES = ("slow",)
    started = time.monotonic()
    assert run_job(SPEECH, seconds=-1) is None
    check_seconds(time.monotonic() - started, 1)
    assert list_files(folder) == []


def test_second_run_does_nothing() -> None:
    assert run_job(SPEECH) is not None
    transcribe_upload("some-id", "en", time.time() + 20)
    assert wait_for_answer("some-id", 0) is None


def test_job_removes_its_file(folder: Path) -> None:
    run_job(b"no sound")
    assert list_files(folder) == []


def test_leftovers_of_killed_processes_go(folder: Path) -> None:
    for name, age in (("old", 3700), ("young", 3500)):
        uploads.keep_upload(name, ContentFile(b"x"))
        os.utime(folder / name, (time.time() - age,) * 2)
    run_job(SILENCE)
    assert [path.name for path in list_files(folder)] == ["young"]


def test_deepgram_comes_first_where_it_is_configured(settings: Settings) -> None:
    settings.SPEECH_ENGINES = ("whisper_cli", "deepgram", "pocketsphinx")
    assert list_engines() == ["whisper_cli", "deepgram", "pocketsphinx"]
    settings.DEEPGRAM_API_KEY = "key"
    assert list_engines() == ["deepgram", "whisper_cli", "pocketsphinx"]
