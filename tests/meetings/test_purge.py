from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError

from meetings import services
from meetings.leases import seconds_from_now
from meetings.models import Meeting
from tests.factories import make_tone, send_chunk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("data_dir")]

Run = Callable[..., int]
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def old(work_off: Callable[[], None]) -> Meeting:
    """A meeting that was completed 31 days ago."""
    meeting = services.start_meeting()
    send_chunk(meeting, 0, make_tone())
    services.end_recording(meeting.pk, actor="client")
    work_off()
    make_older(meeting, days=31)
    return services.get_meeting(meeting.pk)


def make_older(meeting: Meeting, *, days: int) -> None:
    then = seconds_from_now(-days * 24 * 3600)
    Meeting.objects.filter(pk=meeting.pk).update(
        completed_at=then, ended_at=then, last_activity_at=then
    )


def list_files(data_dir: Path) -> list[Path]:
    return [path for path in (data_dir / "media").rglob("*") if path.is_file()]


def test_without_yes_it_only_shows(
    old: Meeting, run_command: Run, data_dir: Path, capsys: Capture
) -> None:
    assert run_command("purge", "--older-than", "30d") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{old.pk}: completed, ended ")
    assert lines[1].startswith("1 meetings, ")
    assert lines[1].endswith(" would be removed; add --yes to remove.")
    assert len(list_files(data_dir)) == 2
    assert Meeting.objects.exists()


def test_with_yes_the_old_go_and_the_young_stay(
    old: Meeting, run_command: Run, data_dir: Path
) -> None:
    young = services.start_meeting()
    services.cancel_meeting(young, actor="client")
    make_older(young, days=29)
    assert run_command("purge", "--older-than", "30d", "--yes") == 0
    assert [row.pk for row in Meeting.objects.all()] == [young.pk]
    assert list_files(data_dir) == []


@pytest.mark.parametrize("is_stopped", [False, True])
def test_meeting_in_use_is_never_purged(is_stopped: bool, run_command: Run) -> None:
    meeting = services.start_meeting()
    send_chunk(meeting, 0, make_tone())
    if is_stopped:
        services.end_recording(meeting.pk, actor="client")
    make_older(meeting, days=99)
    assert run_command("purge", "--older-than", "1h", "--yes") == 0
    assert run_command("purge", "--older-than", "1h", "--yes", meeting.pk) == 1
    assert Meeting.objects.exists()


def test_audio_alone_goes_and_goes_once(
    old: Meeting, run_command: Run, data_dir: Path, capsys: Capture
) -> None:
    assert run_command("purge", "--older-than", "30d", "--audio-only", "--yes") == 0
    assert list_files(data_dir) == []
    assert services.get_meeting(old.pk).status == "completed"
    capsys.readouterr()
    assert run_command("purge", "--older-than", "30d", "--audio-only", "--yes") == 0
    assert capsys.readouterr().out == "0 meetings, 0 B removed.\n"


def test_only_those_named_go(old: Meeting, run_command: Run) -> None:
    other = services.start_meeting()
    services.cancel_meeting(other, actor="client")
    make_older(other, days=31)
    assert run_command("purge", "--older-than", "30d", "--yes", other.pk) == 0
    assert [row.pk for row in Meeting.objects.all()] == [old.pk]


def test_unknown_id_exits_with_1(run_command: Run) -> None:
    assert run_command("purge", "--older-than", "30d", "no-such-meeting") == 1


@pytest.mark.parametrize("age", ["30", "d", "-1d", "30m"])
def test_age_that_is_no_time_is_refused(age: str, run_command: Run) -> None:
    with pytest.raises(CommandError, match="is not a time"):
        run_command("purge", f"--older-than={age}")
