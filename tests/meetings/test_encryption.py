"""With keys in the setting no sound lies on disk readable, and everything works as without."""

import io
import logging
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from meetings import drafting, media, orphans, pipeline, services
from meetings.encryption.errors import MediaKeyMissing
from meetings.encryption.storage import SealedStorage
from meetings.models import Meeting
from meetings.stages import PAUSES_BEFORE_RETRY
from tests.factories import make_tone, send_chunk
from tests.intellibooks.serve_process import run_manage
from tests.meetings.secret_sound import CHUNKS, NOISE, Encrypt, damage, find_readable
from transcription.audio import decode

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("data_dir")]

Run = Callable[..., int]
Capture = pytest.CaptureFixture[str]


def save_recording(content: bytes = bytes(range(256)) * 1000) -> Meeting:
    meeting = services.start_meeting()
    name = f"{meeting.media_key}/recording-0123456789abcdef.flac"
    media.get_storage().save(name, ContentFile(content))
    rows = Meeting.objects.filter(pk=meeting.pk)
    rows.update(status=Meeting.Status.COMPLETED, recording_name=name, recording_sha256="0" * 64)
    return services.get_meeting(meeting.pk)


def play(client: Client, meeting: Meeting, **headers: str) -> Any:
    return client.get(f"/api/meetings/{meeting.pk}/audio", headers=headers)


def read(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.fixture
def recorded(encrypt: Encrypt, client: Client, work_off: Callable[[], None]) -> Meeting:
    encrypt("main")
    meeting = services.start_meeting(title="Secret")
    for index, data in enumerate(CHUNKS):
        form = {"audio_chunk": SimpleUploadedFile("c.wav", data), "chunk_index": str(index)}
        assert client.post(f"/api/meetings/{meeting.pk}/chunk", form).status_code == 200
    assert client.post(f"/api/meetings/{meeting.pk}/stop").status_code == 200
    work_off()
    return services.get_meeting(meeting.pk)


def test_meeting_is_recorded_and_played_and_nothing_readable_lies_on_disk(
    recorded: Meeting, client: Client, admin_client: Client, data_dir: Path, run_command: Run
) -> None:
    assert recorded.status == Meeting.Status.COMPLETED
    assert list(media.scratch_folder().iterdir()) == []
    assert find_readable(data_dir) == []
    whole = play(client, recorded)
    sound = read(whole)
    assert int(whole["Content-Length"]) == len(sound)
    assert decode(sound, 90).samples[:16_000].tobytes() == NOISE[:16_000].tobytes()
    part = play(client, recorded, Range="bytes=1000-1999")
    assert (part.status_code, read(part)) == (206, sound[1000:2000])
    peaks = client.get(f"/api/meetings/{recorded.pk}/waveform").json()["peaks"]
    assert max(map(abs, np.ravel(peaks))) > 0
    archive = read(client.get(f"/api/meetings/export?ids={recorded.pk}&format=audio"))
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        assert files.read(files.namelist()[0]) == sound
    chunk = admin_client.get(f"/admin/meetings/meeting/{recorded.pk}/chunks/0/audio")
    assert decode(chunk.content, 90).samples.tobytes() == NOISE[:16_000].tobytes()
    assert run_command("verify") == 0


def test_stored_file_says_its_key_and_is_measured_as_what_it_holds(encrypt: Encrypt) -> None:
    encrypt("main")
    meeting = services.start_meeting()
    chunk = send_chunk(meeting, 0, CHUNKS[0]).chunk
    storage = media.get_storage()
    assert isinstance(storage, SealedStorage)
    assert (storage.find_key(chunk.name), storage.size(chunk.name)) == ("main", len(CHUNKS[0]))
    assert media.read_chunk(chunk) == CHUNKS[0]
    assert send_chunk(meeting, 0, CHUNKS[0]).is_duplicate


def test_files_from_before_and_of_an_older_key_stay_readable(encrypt: Encrypt) -> None:
    meeting = services.start_meeting()
    for index, keys in enumerate([(), ("a",), ("b", "a"), ("off", "b", "a")]):
        encrypt(*keys)
        send_chunk(meeting, index, make_tone(0.1, pitch=300.0 + index))
    rows = list(meeting.chunks.order_by("index"))
    storage = media.get_storage()
    assert isinstance(storage, SealedStorage)
    assert [storage.find_key(row.name) for row in rows] == ["", "a", "b", ""]
    for index, row in enumerate(rows):
        assert media.read_chunk(row) == make_tone(0.1, pitch=300.0 + index)


def test_conflict_that_is_kept_aside_is_encrypted(encrypt: Encrypt, data_dir: Path) -> None:
    encrypt("main")
    meeting = services.start_meeting()
    send_chunk(meeting, 0, CHUNKS[0])
    assert send_chunk(meeting, 0, CHUNKS[1]).is_conflict
    assert find_readable(data_dir) == []


def test_damaged_chunk_is_missing_audio_and_verify_names_it(
    encrypt: Encrypt, data_dir: Path, run_command: Run, capsys: Capture
) -> None:
    encrypt("main")
    meeting = services.start_meeting()
    chunk = send_chunk(meeting, 0, CHUNKS[0]).chunk
    damage(data_dir / "media" / chunk.name)
    with pytest.raises(media.AudioMissing, match="was changed"):
        media.read_chunk(chunk)
    assert run_command("verify") == 1
    assert "the file of chunk 0 was changed" in capsys.readouterr().out


def test_chunk_in_the_place_of_another_is_refused(encrypt: Encrypt, data_dir: Path) -> None:
    encrypt("main")
    meeting = services.start_meeting()
    first, second = (send_chunk(meeting, n, data).chunk for n, data in enumerate(CHUNKS))
    shutil.copy(data_dir / "media" / first.name, data_dir / "media" / second.name)
    with pytest.raises(media.AudioMissing):
        media.read_chunk(second)


def test_missing_key_is_named_by_verify_and_nothing_is_given_up(
    encrypt: Encrypt, run_command: Run, capsys: Capture
) -> None:
    encrypt("main")
    chunk = send_chunk(services.start_meeting(), 0, CHUNKS[0]).chunk
    encrypt("other")
    with pytest.raises(MediaKeyMissing):
        media.read_chunk(chunk)
    assert run_command("verify", "--fix") == 1
    said = capsys.readouterr().out
    assert "the file of chunk 0 is encrypted with the key main, which MEDIA_ENCRYPTION" in said
    encrypt("other", "main")
    assert media.read_chunk(chunk) == CHUNKS[0]


def test_processing_without_the_key_fails_with_that_reason_and_makes_nothing_silent(
    encrypt: Encrypt,
) -> None:
    encrypt("main")
    meeting = services.start_meeting()
    send_chunk(meeting, 0, CHUNKS[0])
    drafting.transcribe_chunk(meeting.pk, 0)
    services.end_recording(meeting.pk, actor="test")
    row = Meeting.objects.filter(pk=meeting.pk)
    row.update(attempts=len(PAUSES_BEFORE_RETRY))
    encrypt()
    assert not pipeline.process_meeting(meeting.pk)
    failed = row.get()
    assert (failed.status, failed.failure_code) == ("failed", "storage_unavailable")
    assert "MEDIA_ENCRYPTION_KEYS does not hold. Add it there" in failed.failure_reason
    encrypt("main")
    services.retry_processing(failed, actor="operator")
    assert pipeline.process_meeting(meeting.pk)
    with media.get_storage().open(row.get().recording_name) as file:
        assert decode(file.read(), 90).samples.tobytes() == NOISE[:16_000].tobytes()


def test_player_is_told_that_the_key_is_missing(
    encrypt: Encrypt, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    encrypt("main")
    meeting = save_recording()
    encrypt()
    with caplog.at_level(logging.ERROR):
        answer = play(client, meeting)
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    assert "encrypted with a key that the server does not have" in answer.json()["error"]
    assert "the key main" in caplog.text


@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=-10"}])
def test_player_is_told_that_a_recording_was_changed(
    encrypt: Encrypt, client: Client, data_dir: Path, headers: dict[str, str]
) -> None:
    encrypt("main")
    meeting = save_recording(b"short enough for one frame")
    damage(data_dir / "media" / meeting.recording_name)
    answer = play(client, meeting, **headers)
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    assert "changed or cut" in answer.json()["error"]


def test_orphan_is_put_aside_and_back_without_its_key(encrypt: Encrypt, data_dir: Path) -> None:
    encrypt("main")
    meeting = services.start_meeting()
    chunk = send_chunk(meeting, 0, CHUNKS[0]).chunk
    encrypt()
    aside = orphans.name_aside(chunk.name)
    assert media.move_file(chunk.name, aside)
    assert media.move_file(aside, chunk.name)
    encrypt("main")
    assert media.read_chunk(chunk) == CHUNKS[0]


def test_sound_is_purged_and_erased_without_its_key(
    encrypt: Encrypt, data_dir: Path, run_command: Run
) -> None:
    encrypt("main")
    save_recording()
    Meeting.objects.update(status=Meeting.Status.COMPLETED)
    encrypt()
    assert run_command("purge", "--older-than", "0h", "--audio-only", "--yes") == 0
    assert [path for path in (data_dir / "media").rglob("*") if path.is_file()] == []


def test_wrong_keys_stop_the_start_with_the_variables_name_and_are_not_shown(
    tmp_path: Path,
) -> None:
    file = tmp_path / "keys"
    file.write_text("main:c2VjcmV0LWFuZC1zaG9ydA==")
    done = run_manage("check", data_dir=tmp_path, MEDIA_ENCRYPTION_KEYS_FILE=str(file))
    assert done.returncode != 0
    assert "MEDIA_ENCRYPTION_KEYS" in done.stderr
    assert "the key main has 16 bytes instead of 32" in done.stderr
    assert "c2VjcmV0" not in done.stderr + done.stdout
