"""Encrypted recordings in object storage, against a real S3 server on this machine."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import File
from django.test import Client

from meetings import import_jobs, media, services
from meetings.encryption.errors import MediaTampered
from meetings.encryption.sealing import HEADER_BYTES, SEALED_BYTES
from meetings.models import Meeting
from meetings.object_storage import ObjectReader, ObjectStorage
from tests.factories import make_tone, send_chunk
from tests.meetings.secret_sound import BEGINNINGS, CHUNKS, SAMPLES, Encrypt
from tests.meetings.test_object_storage import BUCKET, list_all, server, storage

__all__ = ["server", "storage"]  # fixtures
pytestmark = pytest.mark.django_db(transaction=True)

LARGE = bytes(range(256)) * (80 * 1024)  # 20 MiB: more than one part


def fetch(storage: ObjectStorage, key: str) -> bytes:
    body: bytes = storage.client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return body


def find_readable(storage: ObjectStorage) -> list[str]:
    wanted = (*BEGINNINGS, *SAMPLES)
    return [key for key in list_all(storage) if any(one in fetch(storage, key) for one in wanted)]


def test_nothing_in_the_bucket_can_be_read_and_a_range_is_played(
    storage: ObjectStorage, encrypt: Encrypt, client: Client, work_off: Callable[[], None]
) -> None:
    encrypt("main")
    meeting = services.start_meeting()
    for index, data in enumerate(CHUNKS):
        send_chunk(meeting, index, data)
    services.end_recording(meeting.pk, actor="test")
    work_off()
    recorded = services.get_meeting(meeting.pk)
    assert (recorded.status, len(list_all(storage))) == (Meeting.Status.COMPLETED, 3)
    assert find_readable(storage) == []
    whole = storage.open(recorded.recording_name).read()
    url = f"/api/meetings/{recorded.pk}/audio"
    answer: Any = client.get(url, headers={"Range": "bytes=1000-1999"})
    assert (answer.status_code, b"".join(answer.streaming_content)) == (206, whole[1000:2000])


def test_object_of_several_parts_is_whole_and_a_range_takes_its_frames_alone(
    storage: ObjectStorage, encrypt: Encrypt
) -> None:
    encrypt("main")
    storage.save("large", File(BytesIO(LARGE)))
    assert (storage.size("large"), storage.find_key("large")) == (len(LARGE), "main")
    with storage.open("large") as file:
        file.seek(17 * 1024 * 1024 + 3)
        assert file.read(5) == bytes([3, 4, 5, 6, 7])
        (reader,) = [file.file.raw.file]  # type: ignore[union-attr]
        assert isinstance(reader, ObjectReader)
        first = 17 * 16  # frames of 64 KiB
        assert reader.position == HEADER_BYTES + (first + 1) * SEALED_BYTES
        assert file.seek(0) == 0
        assert file.read() == LARGE


def test_object_in_the_place_of_another_is_refused(
    storage: ObjectStorage, encrypt: Encrypt
) -> None:
    encrypt("main")
    storage.save("one", File(BytesIO(b"sound")))
    source = {"Bucket": BUCKET, "Key": storage.key("one")}
    storage.client.copy(source, BUCKET, storage.key("two"))
    assert storage.open("one").read() == b"sound"
    with pytest.raises(MediaTampered):
        storage.open("two").read()


def test_old_objects_are_encrypted_restored_and_imports_renamed(
    storage: ObjectStorage, encrypt: Encrypt, tmp_path: Path, run_command: Callable[..., int]
) -> None:
    chunk = send_chunk(services.start_meeting(), 0, CHUNKS[0]).chunk
    encrypt("main")
    assert run_command("encrypt_media") == 0
    assert find_readable(storage) == []
    assert run_command("backup", str(tmp_path / "b.tar")) == 0
    storage.delete(chunk.name)
    assert run_command("restore", str(tmp_path / "b.tar"), "--yes") == 0
    assert media.read_chunk(chunk) == CHUNKS[0]
    meeting = import_jobs.accept_upload(File(BytesIO(make_tone(0.5)), "call.wav")).meeting
    assert import_jobs.run_import(meeting.pk)
