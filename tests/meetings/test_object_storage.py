"""Recordings in object storage, against a real S3 server on this machine."""

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import boto3
import pytest
from django.core.files.base import File
from django.core.files.storage import storages
from django.test import Client
from moto.server import ThreadedMotoServer
from pytest_django import Settings

from meetings import media, orphans, services
from meetings.models import Meeting
from meetings.object_storage import ObjectStorage
from tests.factories import make_silence, make_tone, send_chunk
from tests.intellibooks.serve_process import find_free_port, run_manage

pytestmark = pytest.mark.django_db(transaction=True)

BUCKET = "recordings"
KEYS = {"access_key": "test", "secret_key": "test", "region": "us-east-1"}
BACKEND = "meetings.object_storage.ObjectStorage"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    running = ThreadedMotoServer(port=0)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def storage(server: str, data_dir: Path, settings: Settings) -> ObjectStorage:
    """The media storage of this test: a bucket of its own content."""
    client = boto3.client(
        "s3",
        endpoint_url=server,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    client.create_bucket(Bucket=BUCKET)
    for one in client.list_objects_v2(Bucket=BUCKET).get("Contents", ()):
        client.delete_object(Bucket=BUCKET, Key=one["Key"])
    point_at(settings, server)
    found = storages["media"]
    assert isinstance(found, ObjectStorage)
    return found


def point_at(settings: Settings, endpoint: str) -> None:
    options = {"bucket": BUCKET, "endpoint": endpoint, "prefix": "studio", **KEYS}
    settings.STORAGES = {
        **settings.STORAGES,
        "media": {"BACKEND": BACKEND, "OPTIONS": options},
    }


@pytest.fixture
def meeting(storage: ObjectStorage, work_off: Callable[[], None]) -> Meeting:
    started = services.start_meeting(title="Far away")
    send_chunk(started, 0, make_silence())
    send_chunk(started, 1, make_tone(2.0))
    services.end_recording(started.pk, actor="test")
    work_off()
    return services.get_meeting(started.pk)


def list_all(storage: ObjectStorage) -> list[str]:
    found = storage.client.list_objects_v2(Bucket=BUCKET).get("Contents", ())
    return [one["Key"] for one in found]


def test_recording_and_its_chunks_lie_in_the_bucket(
    storage: ObjectStorage, meeting: Meeting, data_dir: Path
) -> None:
    assert meeting.status == Meeting.Status.COMPLETED
    names = {meeting.recording_name, *meeting.chunks.values_list("name", flat=True)}
    assert set(list_all(storage)) == {f"studio/{name}" for name in names}
    assert not (data_dir / "media").exists()


def test_verify_finds_nothing(meeting: Meeting, run_command: Callable[..., int]) -> None:
    assert run_command("verify") == 0


def test_part_of_a_recording_is_played(
    storage: ObjectStorage, meeting: Meeting, client: Client
) -> None:
    whole = storage.open(meeting.recording_name).read()
    url = f"/api/meetings/{meeting.pk}/audio"
    answer = client.get(url, headers={"Range": "bytes=1000-1999"})
    assert (answer.status_code, len(whole) > 2000) == (206, True)
    assert b"".join(answer.streaming_content) == whole[1000:2000]  # type: ignore[attr-defined]


def test_purge_takes_the_audio_and_erasing_takes_everything(
    storage: ObjectStorage, meeting: Meeting, run_command: Callable[..., int]
) -> None:
    assert run_command("purge", "--older-than", "0h", "--audio-only", "--yes") == 0
    assert list_all(storage) == []
    assert run_command("purge", "--older-than", "0h", "--yes") == 0
    assert not Meeting.objects.exists()


def test_damaged_object_is_found(
    storage: ObjectStorage, meeting: Meeting, run_command: Callable[..., int]
) -> None:
    chunk = meeting.chunks.earliest("index")
    storage.save(chunk.name, File(BytesIO(b"something else")))
    assert run_command("verify") == 1


def test_backup_comes_back_into_the_bucket(
    storage: ObjectStorage, meeting: Meeting, tmp_path: Path, run_command: Callable[..., int]
) -> None:
    before = sorted(list_all(storage))
    assert run_command("backup", str(tmp_path / "b.tar")) == 0
    assert run_command("purge", "--older-than", "0h", "--yes") == 0
    assert run_command("restore", str(tmp_path / "b.tar")) == 0
    assert sorted(list_all(storage)) == before


def test_orphan_is_put_aside(storage: ObjectStorage) -> None:
    storage.save("a/old", File(BytesIO(b"sound")))
    assert not media.move_file("a/old", "b/new", min_age_seconds=60)
    assert media.move_file("a/old", "b/new")
    assert storage.open("b/new").read() == b"sound"
    assert (list(orphans.list_names("a")), list(orphans.list_names("b"))) == ([], ["b/new"])


def test_object_larger_than_one_part_is_whole(storage: ObjectStorage) -> None:
    content = bytes(range(256)) * (80 * 1024)  # 20 MiB
    storage.save("large", File(BytesIO(content)))
    with storage.open("large") as file:
        file.seek(17 * 1024 * 1024 + 3)
        assert file.read(5) == bytes([3, 4, 5, 6, 7])
        assert file.seek(0) == 0
        assert file.read() == content


def test_empty_object_is_an_empty_file(storage: ObjectStorage) -> None:
    storage.save("empty", File(BytesIO()))
    assert (storage.size("empty"), storage.open("empty").read()) == (0, b"")


def test_object_that_is_replaced_while_it_is_read_is_not_mixed_with_the_other(
    storage: ObjectStorage,
) -> None:
    storage.save("one", File(BytesIO(bytes(1_000_000))))
    with storage.open("one") as file:
        assert file.read(10) == bytes(10)
        storage.save("one", File(BytesIO(b"1" * 1_000_000)))
        file.seek(900_000)
        with pytest.raises(OSError, match="PreconditionFailed"):
            file.read(10)


def test_missing_object_is_a_missing_file(storage: ObjectStorage) -> None:
    assert not storage.exists("nothing")
    for read in (storage.open, storage.size, storage.get_modified_time):
        with pytest.raises(FileNotFoundError):
            read("nothing")
    storage.delete("nothing")


def test_chunk_is_not_accepted_while_the_storage_is_away(
    storage: ObjectStorage, settings: Settings, client: Client
) -> None:
    point_at(settings, f"http://127.0.0.1:{find_free_port()}")
    meeting = services.start_meeting()
    form: dict[str, Any] = {"audio_chunk": BytesIO(make_tone(0.1)), "chunk_index": "0"}
    answer = client.post(f"/api/meetings/{meeting.pk}/chunk", form)
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    assert not meeting.chunks.exists()


def test_bucket_is_named_where_it_is_needed(tmp_path: Path) -> None:
    done = run_manage("check", data_dir=tmp_path, MEDIA_STORAGE="s3")
    assert "MEDIA_S3_BUCKET" in done.stderr
    done = run_manage("check", data_dir=tmp_path, MEDIA_STORAGE="s3", MEDIA_S3_BUCKET="b")
    assert done.returncode == 0, done.stderr
