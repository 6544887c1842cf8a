"""`encrypt_media` brings files from before under the key of today, and doctor sees the state."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.base import ContentFile, File
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from intellibooks.checkup.base import Finding, State
from meetings import import_jobs, media, orphans, services, spool, spool_entry, upkeep
from meetings.encryption import checkup, rewriting
from meetings.encryption.sealing import MAGIC
from meetings.models import AudioChunk, Meeting
from meetings.storage import DurableFileSystemStorage
from tests.factories import make_tone, send_chunk
from tests.meetings.secret_sound import CHUNKS, Encrypt, damage, find_readable

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("data_dir")]

Run = Callable[..., int]
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def meeting() -> Meeting:
    """Not encrypted: two chunks, one kept aside."""
    started = services.start_meeting()
    for index, data in ((0, CHUNKS[0]), (1, CHUNKS[1]), (1, CHUNKS[0])):
        send_chunk(started, index, data)
    return services.get_meeting(started.pk)


def list_keys() -> set[str]:
    storage = rewriting.get_sealed_storage()
    names = [*orphans.list_names("orphans"), *orphans.list_names("imports")]
    names += [name for key in orphans.list_keys() for name in orphans.list_names(key)]
    return {storage.find_key(name) for name in names}


def read_all(meeting: Meeting) -> list[bytes]:
    return [media.read_chunk(chunk) for chunk in meeting.chunks.order_by("index")]


def test_old_files_are_encrypted_and_then_left_alone(
    meeting: Meeting, encrypt: Encrypt, data_dir: Path, run_command: Run, capsys: Capture
) -> None:
    encrypt("main")
    assert run_command("encrypt_media") == 0
    assert f"{meeting.pk}: 3 files, 0.1 MiB; 0 were as they should be" in capsys.readouterr().out
    assert (list_keys(), find_readable(data_dir)) == ({"main"}, [])
    assert read_all(meeting) == CHUNKS
    assert run_command("verify") == 0
    before = {path: path.stat().st_ino for path in data_dir.rglob("*") if path.is_file()}
    assert run_command("encrypt_media") == 0
    assert {path: path.stat().st_ino for path in data_dir.rglob("*") if path.is_file()} == before
    assert "0 files, 0.0 MiB; 3 were as they should be" in capsys.readouterr().out


def test_new_key_replaces_the_old_one_and_off_is_the_way_back(
    meeting: Meeting, encrypt: Encrypt, run_command: Run
) -> None:
    encrypt("a")
    run_command("encrypt_media")
    encrypt("b", "a")
    assert (run_command("encrypt_media"), list_keys()) == (0, {"b"})
    encrypt("b")
    assert (read_all(meeting), run_command("verify")) == (CHUNKS, 0)
    encrypt("off", "b")
    assert (run_command("encrypt_media", "--decrypt"), list_keys()) == (0, {""})
    encrypt()
    assert (read_all(meeting), run_command("verify")) == (CHUNKS, 0)


def test_dry_run_says_what_would_be_done_and_does_nothing(
    meeting: Meeting, encrypt: Encrypt, run_command: Run, capsys: Capture
) -> None:
    encrypt("main")
    assert run_command("encrypt_media", "--dry-run") == 0
    assert "3 files of 0.1 MiB would be written, 0 not." in capsys.readouterr().out
    assert list_keys() == {""}


def test_only_the_meeting_that_is_named(
    meeting: Meeting, encrypt: Encrypt, run_command: Run
) -> None:
    send_chunk(services.start_meeting(), 0, make_tone(0.1))
    encrypt("main")
    assert run_command("encrypt_media", meeting.pk) == 0
    assert list_keys() == {"main", ""}
    assert run_command("encrypt_media", "nobody") == 2


def test_setting_and_wish_must_agree(encrypt: Encrypt, run_command: Run, capsys: Capture) -> None:
    assert run_command("encrypt_media") == 2
    assert "names no key" in capsys.readouterr().err
    encrypt("main")
    assert run_command("encrypt_media", "--decrypt") == 2
    assert "put off, in front" in capsys.readouterr().err


def test_what_cannot_be_read_is_named_and_stays_as_it_is(
    meeting: Meeting, encrypt: Encrypt, data_dir: Path, run_command: Run, capsys: Capture
) -> None:
    encrypt("a")
    run_command("encrypt_media")
    name = meeting.chunks.earliest("index").name
    damage(data_dir / "media" / name)
    stored = (data_dir / "media" / name).read_bytes()
    capsys.readouterr()
    encrypt("b", "a")
    assert run_command("encrypt_media") == 1
    assert f"{meeting.pk}: {name} was changed" in capsys.readouterr().err
    assert (data_dir / "media" / name).read_bytes() == stored
    encrypt("c")
    assert run_command("encrypt_media") == 1
    assert "encrypted with the key b, which" in capsys.readouterr().err


def test_files_of_no_meeting_imports_and_the_spool_are_encrypted_too(
    encrypt: Encrypt, data_dir: Path, run_command: Run
) -> None:
    meeting = services.start_meeting()
    spool.spool_chunk(meeting.pk, 0, SimpleUploadedFile("c.wav", CHUNKS[0]))
    import_jobs.accept_upload(SimpleUploadedFile("c.wav", CHUNKS[1]))
    media.get_storage().save(f"{'0' * 32}/chunks/000000-{'0' * 16}", ContentFile(CHUNKS[0]))
    aside = orphans.name_aside(f"{'1' * 32}/chunks/000000-{'0' * 16}")
    media.get_storage().save(aside, ContentFile(CHUNKS[0]))
    encrypt("main")
    assert run_command("encrypt_media") == 0
    assert (list_keys(), find_readable(data_dir)) == ({"main"}, [])
    assert spool_entry.read_entry(spool.list_entries()[0]).index == 0
    assert spool.hand_over() == 1
    assert media.read_chunk(AudioChunk.objects.get()) == CHUNKS[0]


class PurgedWhileRead(DurableFileSystemStorage):
    """Somebody removes the sound of every meeting as soon as a file of it was opened."""

    def open(self, name: str, mode: str = "rb") -> File:  # type: ignore[type-arg]
        file = super().open(name, mode)
        for meeting in Meeting.objects.filter(audio_purged_at=None):
            upkeep.delete_meeting_media(meeting)
        return file


def test_sound_that_was_purged_meanwhile_does_not_come_back(
    meeting: Meeting, encrypt: Encrypt, data_dir: Path, settings: Settings
) -> None:
    Meeting.objects.update(status=Meeting.Status.COMPLETED)
    backend = f"{PurgedWhileRead.__module__}.{PurgedWhileRead.__name__}"
    chosen = {**settings.STORAGES["media"], "BACKEND": backend}
    settings.STORAGES = {**settings.STORAGES, "media": chosen}
    encrypt("main")
    assert rewriting.rewrite_meeting(services.get_meeting(meeting.pk)).changed == 1
    assert [path for path in (data_dir / "media").rglob("*") if path.is_file()] == []


def test_killed_in_the_middle_it_has_lost_nothing(
    meeting: Meeting, encrypt: Encrypt, run_command: Run, data_dir: Path
) -> None:
    encrypt("main")
    if (child := os.fork()) == 0:

        def pieces() -> object:
            yield MAGIC
            os.kill(os.getpid(), signal.SIGKILL)

        storage = rewriting.get_sealed_storage()
        storage.write_pieces(meeting.chunks.earliest("index").name, pieces())  # type: ignore[arg-type]
    os.waitpid(child, 0)
    assert read_all(meeting) == CHUNKS
    assert len(list(data_dir.rglob(".*.part"))) == 1
    assert run_command("encrypt_media") == 0
    assert (read_all(meeting), run_command("verify")) == (CHUNKS, 0)


def look() -> tuple[State, str]:
    finding: Finding = checkup.check_files()
    return finding.state, f"{finding.error} {finding.found} {finding.fix}"


def test_doctor_shows_off_on_and_what_is_not_as_it_should_be(
    meeting: Meeting, encrypt: Encrypt, data_dir: Path, run_command: Run
) -> None:
    state, said = look()
    assert (state, "MEDIA_ENCRYPTION_KEYS" in said) == (State.OFF, True)
    encrypt("a")
    state, said = look()
    assert state == State.WARNING
    assert "1 of 1 files looked at are not encrypted" in said
    assert "manage.py encrypt_media" in said
    run_command("encrypt_media")
    assert look() == (State.OK, " new audio is encrypted with the key a ")
    encrypt("b", "a")
    assert "the key b; a can be read too" in look()[1]
    encrypt("b")
    state, said = look()
    assert state == State.WARNING
    assert "1 of 1 files looked at need the key a, which MEDIA_ENCRYPTION_KEYS" in said
    damage(data_dir / "media" / meeting.chunks.earliest("index").name, 0)
    assert "1 of 1 files looked at are damaged" in look()[1]


def test_off_with_keys_says_which_can_still_be_read(encrypt: Encrypt) -> None:
    encrypt("off", "a")
    finding = checkup.check_setting()
    assert (finding.state, finding.found) == (
        State.OFF,
        "new audio is stored as it comes; a can be read",
    )
