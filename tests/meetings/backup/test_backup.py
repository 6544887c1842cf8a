import json
import shutil
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.db import connections

from chat.models import Conversation, Event
from meetings import media, services
from meetings.models import AudioChunk, Meeting, SearchEntry, Segment
from tests.factories import cut_sample, make_silence, make_tone, send_chunk
from tests.intellibooks.serve_process import run_manage
from tests.live_service import own_stores

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("data_dir")]

Run = Callable[..., int]
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def spoken(work_off: Callable[[], None]) -> Meeting:
    return record(cut_sample(1)[0], work_off)


@pytest.fixture
def meeting(work_off: Callable[[], None]) -> Meeting:
    return record(make_silence(), work_off)


def record(sound: bytes, work_off: Callable[[], None]) -> Meeting:
    started = services.start_meeting(title="Backed up", owner="alice")
    send_chunk(started, 0, sound)
    services.end_recording(started.pk, actor="test")
    work_off()
    return services.get_meeting(started.pk)


def wipe(data_dir: Path) -> None:
    Conversation.objects.all().delete()
    get_user_model().objects.all().delete()
    shutil.rmtree(data_dir / "media")


def describe(meeting_id: str) -> dict[str, object]:
    row = Meeting.objects.values().get(pk=meeting_id)
    return {
        **row,
        "title": Conversation.objects.get(pk=meeting_id).title,
        "chunks": list(AudioChunk.objects.filter(meeting=meeting_id).values()),
        "segments": list(Segment.objects.filter(meeting=meeting_id).values()),
        "events": list(Event.objects.filter(conversation=meeting_id).values()),
        "entries": list(SearchEntry.objects.order_by("id").values_list("kind", "ref", "text")),
    }


@pytest.mark.parametrize("name", ["backup", "backup.tar"])
def test_what_was_wiped_comes_back_whole(
    spoken: Meeting, data_dir: Path, tmp_path: Path, run_command: Run, name: str
) -> None:
    before = describe(spoken.pk)
    get_user_model().objects.create_user("bob")
    assert run_command("backup", str(tmp_path / name)) == 0
    wipe(data_dir)
    assert run_command("restore", str(tmp_path / name)) == 0
    assert describe(spoken.pk) == before
    assert get_user_model().objects.filter(username="bob").exists()
    assert run_command("verify") == 0


def test_rows_that_are_written_after_a_restore_get_new_numbers(
    meeting: Meeting, data_dir: Path, tmp_path: Path, run_command: Run
) -> None:
    run_command("backup", str(tmp_path / "backup"))
    wipe(data_dir)
    run_command("restore", str(tmp_path / "backup"))
    again = services.start_meeting()
    assert not send_chunk(again, 0, make_tone()).is_duplicate
    assert run_command("verify") == 0


def test_backup_during_a_recording_is_of_one_moment(
    meeting: Meeting, data_dir: Path, tmp_path: Path, run_command: Run
) -> None:
    running = services.start_meeting()
    stopped, sent = threading.Event(), 0

    def send() -> None:
        nonlocal sent
        while not stopped.is_set():
            send_chunk(running, sent, make_tone(0.1, pitch=200.0 + sent))
            sent += 1
        connections.close_all()

    recorder = threading.Thread(target=send)
    recorder.start()
    try:
        while sent < 3:
            assert recorder.is_alive()
        assert run_command("backup", str(tmp_path / "backup")) == 0
        at_end = sent
    finally:
        stopped.set()
        recorder.join()
    wipe(data_dir)
    assert run_command("restore", str(tmp_path / "backup")) == 0
    assert 3 <= services.get_meeting(running.pk).total_chunks <= at_end + 1


def test_second_backup_copies_only_what_is_new(
    meeting: Meeting, tmp_path: Path, run_command: Run, capsys: Capture
) -> None:
    folder = tmp_path / "backup"
    run_command("backup", str(folder))
    first = {path: path.stat().st_ino for path in (folder / "media").rglob("*") if path.is_file()}
    run_command("backup", str(folder))
    second = {path: path.stat().st_ino for path in (folder / "media").rglob("*") if path.is_file()}
    assert first == second
    assert len(list((folder / "database").iterdir())) == 1


def test_an_erased_meeting_leaves_the_next_backup(
    meeting: Meeting, tmp_path: Path, run_command: Run
) -> None:
    folder = tmp_path / "backup"
    run_command("backup", str(folder))
    assert run_command("purge", "--older-than", "0h", "--yes") == 0
    run_command("backup", str(folder))
    assert not (folder / "media").exists()


def test_service_with_meetings_is_not_replaced_unasked(
    meeting: Meeting, tmp_path: Path, run_command: Run, capsys: Capture
) -> None:
    run_command("backup", str(tmp_path / "backup"))
    later = services.start_meeting()
    assert run_command("restore", str(tmp_path / "backup")) == 2
    assert "--yes" in capsys.readouterr().err
    assert run_command("restore", str(tmp_path / "backup"), "--yes") == 0
    assert not Meeting.objects.filter(pk=later.pk).exists()


def test_damaged_backup_changes_nothing(
    meeting: Meeting, data_dir: Path, tmp_path: Path, run_command: Run, capsys: Capture
) -> None:
    folder = tmp_path / "backup"
    run_command("backup", str(folder))
    (folder / "media" / meeting.recording_name).write_bytes(b"something else")
    wipe(data_dir)
    assert run_command("restore", str(folder)) == 2
    assert "its bytes changed" in capsys.readouterr().err
    assert not Meeting.objects.exists()


@pytest.mark.parametrize("missing", ["manifest.json", "media"])
def test_unfinished_backup_is_refused(
    meeting: Meeting, data_dir: Path, tmp_path: Path, run_command: Run, missing: str
) -> None:
    folder = tmp_path / "backup"
    run_command("backup", str(folder))
    path = folder / missing
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    wipe(data_dir)
    assert run_command("restore", str(folder)) == 2


def test_backup_of_a_newer_version_is_refused(
    meeting: Meeting, data_dir: Path, tmp_path: Path, run_command: Run, capsys: Capture
) -> None:
    folder = tmp_path / "backup"
    run_command("backup", str(folder))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["migrations"].append(["meetings", "9999_to_come"])
    (folder / "manifest.json").write_text(json.dumps(manifest))
    wipe(data_dir)
    assert run_command("restore", str(folder)) == 2
    assert "newer version" in capsys.readouterr().err


def test_file_that_is_gone_is_named(
    meeting: Meeting, tmp_path: Path, run_command: Run, capsys: Capture
) -> None:
    media.delete_files([meeting.recording_name])
    assert run_command("backup", str(tmp_path / "backup.tar")) == 1
    assert meeting.recording_name in capsys.readouterr().err


def test_tar_appears_when_it_is_whole(meeting: Meeting, tmp_path: Path, run_command: Run) -> None:
    run_command("backup", str(tmp_path / "out" / "backup.tar"))
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["backup.tar"]
    with tarfile.open(tmp_path / "out" / "backup.tar") as tar:
        assert tar.getnames()[-1] == "manifest.json"


def test_backup_moves_to_an_empty_machine(
    meeting: Meeting, tmp_path: Path, run_command: Run
) -> None:
    backup, fresh = tmp_path / "backup.tar", tmp_path / "fresh"
    run_command("backup", str(backup))
    with own_stores() as env:
        done = run_manage("restore", str(backup), data_dir=fresh, **env)
    assert "Restored 1 meetings" in done.stdout, done.stdout + done.stderr
    assert (fresh / "media" / meeting.recording_name).exists()
