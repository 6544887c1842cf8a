"""Encrypted sound on its way in, while the database is away, and in backups."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection

from meetings import import_jobs, media, services, spool
from meetings.models import AudioChunk, Meeting
from tests.factories import make_tone, send_chunk
from tests.meetings.secret_sound import CHUNKS, Encrypt, damage, find_readable

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("data_dir")]

Run = Callable[..., int]
Capture = pytest.CaptureFixture[str]


def refuse_query(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
    raise OperationalError("the server closed the connection")


def spool_chunk(meeting: Meeting) -> None:
    upload = SimpleUploadedFile("chunk.wav", CHUNKS[0])
    with connection.execute_wrapper(refuse_query):
        spool.spool_chunk(meeting.pk, 0, upload)


def test_chunk_that_waits_for_the_database_is_encrypted(encrypt: Encrypt, data_dir: Path) -> None:
    encrypt("main")
    meeting = services.start_meeting()
    spool_chunk(meeting)
    assert find_readable(data_dir) == []
    assert spool.hand_over() == 1
    assert media.read_chunk(AudioChunk.objects.get()) == CHUNKS[0]


def test_spooled_chunk_waits_for_its_key(encrypt: Encrypt) -> None:
    encrypt("main")
    meeting = services.start_meeting()
    spool_chunk(meeting)
    encrypt()
    assert (spool.hand_over(), len(spool.list_entries()), spool.list_rejected()) == (0, 1, [])
    encrypt("main")
    assert spool.hand_over() == 1


def test_damaged_spooled_chunk_is_kept_for_a_person(encrypt: Encrypt) -> None:
    encrypt("main")
    spool_chunk(services.start_meeting())
    damage(spool.list_entries()[0] / "audio")
    assert (spool.hand_over(), len(spool.list_rejected())) == (0, 1)


def import_tone() -> Meeting:
    upload = SimpleUploadedFile("call.wav", make_tone(1.0))
    return import_jobs.accept_upload(upload).meeting


def test_import_is_encrypted_while_it_waits(encrypt: Encrypt, data_dir: Path) -> None:
    encrypt("main")
    meeting = import_tone()
    assert find_readable(data_dir) == []
    assert import_jobs.run_import(meeting.pk)
    assert services.get_meeting(meeting.pk).total_chunks == 1


def test_import_waits_for_its_key_however_often_it_is_tried(encrypt: Encrypt) -> None:
    encrypt("main")
    meeting = import_tone()
    encrypt()
    for _ in range(6):
        assert not import_jobs.run_import(meeting.pk)
        Meeting.objects.update(retry_at=None)
    encrypt("main")
    assert import_jobs.run_import(meeting.pk)


def test_damaged_import_fails_and_stays_until_it_expires_or_is_erased(
    encrypt: Encrypt, data_dir: Path, run_command: Run
) -> None:
    encrypt("main")
    meeting = import_tone()
    damage(data_dir / "media" / import_jobs.name_source(meeting))
    assert not import_jobs.run_import(meeting.pk)
    failed = services.get_meeting(meeting.pk)
    assert (failed.status, failed.failure_code) == (Meeting.Status.FAILED, "bad_audio")
    (aside,) = import_jobs.list_sources_of(failed)
    assert aside.startswith("orphans/")
    assert run_command("erase", meeting.pk, "--yes") == 0
    assert list(import_jobs.list_sources_of(failed)) == []


@pytest.mark.parametrize("name", ["backup", "backup.tar"])
def test_backup_carries_what_is_stored_and_comes_back_with_the_key(
    encrypt: Encrypt, data_dir: Path, run_command: Run, name: str, capsys: Capture
) -> None:
    encrypt("main")
    chunk = send_chunk(services.start_meeting(), 0, CHUNKS[0]).chunk
    assert run_command("backup", str(data_dir / name)) == 0
    assert find_readable(data_dir) == []
    shutil.rmtree(data_dir / "media")
    encrypt()
    assert run_command("restore", str(data_dir / name), "--yes") == 1
    assert "encrypted with the key main" in capsys.readouterr().out
    encrypt("main")
    assert run_command("verify") == 0
    assert media.read_chunk(chunk) == CHUNKS[0]


def list_copies(folder: Path) -> dict[str, tuple[int, bytes]]:
    paths = [path for path in (folder / "media").rglob("*") if path.is_file()]
    return {path.name: (path.stat().st_ino, path.read_bytes()) for path in paths}


def test_next_backup_copies_what_was_encrypted_anew_and_nothing_else(
    encrypt: Encrypt, tmp_path: Path, run_command: Run
) -> None:
    encrypt("a")
    chunk = send_chunk(services.start_meeting(), 0, CHUNKS[0]).chunk
    folder = tmp_path / "backup"
    assert run_command("backup", str(folder)) == 0
    first = list_copies(folder)
    assert run_command("backup", str(folder)) == 0
    assert list_copies(folder) == first
    encrypt("b", "a")
    assert run_command("encrypt_media") == 0
    assert run_command("backup", str(folder)) == 0
    ((name, (_, content)),) = list_copies(folder).items()
    assert content == (tmp_path / "media" / chunk.name).read_bytes()
    # Not in its place: a backup that is killed has left the one before it whole.
    assert name not in first
    assert name.startswith(chunk.name.rpartition("/")[2])


def test_old_backup_is_encrypted_when_it_is_restored(
    encrypt: Encrypt, data_dir: Path, run_command: Run
) -> None:
    chunk = send_chunk(services.start_meeting(), 0, CHUNKS[0]).chunk
    assert run_command("backup", str(data_dir / "backup")) == 0
    shutil.rmtree(data_dir / "media")
    encrypt("main")
    assert run_command("restore", str(data_dir / "backup"), "--yes") == 0
    assert find_readable(data_dir / "media") == []
    assert media.read_chunk(chunk) == CHUNKS[0]
