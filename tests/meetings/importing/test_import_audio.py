from collections.abc import Callable
from pathlib import Path
from threading import Timer

import pytest
from django.core.management import CommandError, call_command

from meetings.models import Meeting
from tests.factories import make_tone

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("data_dir")]

Run = Callable[..., int]
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two recordings, one deeper, and what is none."""
    folder = tmp_path / "recordings"
    (folder / "deep").mkdir(parents=True)
    (folder / "b.wav").write_bytes(make_tone(1.0))
    (folder / "deep" / "c.WAV").write_bytes(make_tone(2.0))
    (folder / ".hidden.wav").write_bytes(make_tone(3.0))
    (folder / "notes.txt").write_text("no sound")
    (folder / "deep" / "again").symlink_to(folder)
    return folder


def list_titles() -> list[str]:
    return sorted(meeting.conversation.title for meeting in Meeting.objects.all())


def test_folder_gives_its_own_recordings(run_command: Run, folder: Path, capsys: Capture) -> None:
    assert run_command("import_audio", str(folder)) == 0
    meeting = Meeting.objects.get()
    expected = f"{folder}/b.wav: imported as {meeting.pk}, processing, 1 chunk"
    assert capsys.readouterr().out.splitlines() == [expected]
    assert run_command("import_audio", str(folder)) == 0
    assert "known as" in capsys.readouterr().out


def test_recursive_goes_down_but_not_in_circles(run_command: Run, folder: Path) -> None:
    assert run_command("import_audio", str(folder), "--recursive", "--language", "de") == 0
    assert list_titles() == ["b", "c"]
    assert {meeting.language for meeting in Meeting.objects.all()} == {"de"}


def test_title_is_taken(run_command: Run, folder: Path) -> None:
    run_command("import_audio", str(folder / "b.wav"), "--title", "Board")
    assert list_titles() == ["Board"]


def test_what_fails_is_said_and_the_others_are_imported(
    run_command: Run, folder: Path, capsys: Capture
) -> None:
    paths = [str(folder / name) for name in ("absent.wav", "notes.txt", "b.wav")]
    assert run_command("import_audio", *paths) == 1
    absent, unreadable = capsys.readouterr().err.splitlines()
    assert absent.endswith("absent.wav: no such file")
    assert "notes.txt: This is not a sound file" in unreadable
    assert list_titles() == ["b"]


def test_name_that_could_write_on_the_screen_is_shown_harmless(
    run_command: Run, tmp_path: Path, capsys: Capture
) -> None:
    path = tmp_path / "\x1b[2Jx.wav"
    path.write_bytes(make_tone())
    run_command("import_audio", str(path))
    assert "\x1b" not in capsys.readouterr().out
    assert list_titles() == ["[2Jx"]


def test_folder_without_sound_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as refusal:
        call_command("import_audio", str(tmp_path))
    assert refusal.value.returncode == 2


def test_waiting_ends_when_the_meetings_are_over(
    run_command: Run, folder: Path, capsys: Capture
) -> None:
    def end() -> None:
        Meeting.objects.update(status="completed", duration_ms=1000)

    timer = Timer(0.8, end)
    timer.start()
    assert run_command("import_audio", str(folder), "--wait") == 0
    timer.join()
    assert capsys.readouterr().out.splitlines()[-1].endswith(": completed, 0:01")


def test_meeting_that_fails_while_it_is_waited_for_is_a_failure(
    run_command: Run, folder: Path, capsys: Capture
) -> None:
    run_command("import_audio", str(folder))
    Meeting.objects.update(status="failed", failure_reason="No engine.")
    assert run_command("import_audio", str(folder), "--wait") == 1
    assert capsys.readouterr().err.endswith(": failed, 0:00 No engine.\n")
