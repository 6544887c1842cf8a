import hashlib
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from intellibooks.errors import TooLarge
from meetings import importing, services, sweeper
from meetings.errors import MeetingNotRecording
from meetings.importing import EmptyFile, import_file
from meetings.leases import seconds_from_now
from meetings.models import Meeting
from tests.factories import SAMPLE, make_tone, read_sample
from transcription.audio import AudioError, decode

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("data_dir")]

OPUS = SAMPLE / "meeting.opus"
DATE = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    path = tmp_path / "Team call.wav"
    path.write_bytes(make_tone(75.0))
    os.utime(path, (DATE.timestamp(), DATE.timestamp()))
    return path


def test_file_becomes_a_stopped_meeting_with_all_its_sound(tone: Path) -> None:
    meeting = import_file(tone, language="de").meeting
    assert (meeting.status, meeting.language, meeting.created_at) == ("processing", "de", DATE)
    assert meeting.conversation.title == "Team call"
    assert meeting.source_sha256 == hashlib.sha256(tone.read_bytes()).hexdigest()
    assert (meeting.total_chunks, meeting.expected_chunks) == (4, 4)


def test_workers_make_of_it_what_they_make_of_a_live_meeting(
    work_off: Callable[[], None],
) -> None:
    meeting = import_file(OPUS, title="Weekly").meeting
    work_off()
    meeting.refresh_from_db()
    assert (meeting.status, meeting.conversation.title) == ("completed", "Weekly")
    assert meeting.duration_ms == round(read_sample().duration * 1000)
    assert "supplier" in meeting.transcript


def test_known_file_is_skipped(tone: Path, tmp_path: Path) -> None:
    meeting = import_file(tone).meeting
    copy = tmp_path / "copy.wav"
    copy.write_bytes(tone.read_bytes())
    again = import_file(copy)
    assert (again.meeting, again.is_known) == (meeting, True)
    assert Meeting.objects.count() == 1


def test_file_of_a_cancelled_import_is_imported_again(tone: Path) -> None:
    first = import_file(tone).meeting
    Meeting.objects.filter(pk=first.pk).update(status="cancelled")
    again = import_file(tone)
    assert not again.is_known
    assert again.meeting != first


def test_interrupted_import_goes_on_where_it_stopped(tone: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        import_file(tone, report=interrupt_at(2))
    meeting = Meeting.objects.get()
    assert (meeting.status, meeting.total_chunks) == ("recording", 2)
    meeting = import_file(tone).meeting
    assert (meeting.status, meeting.total_chunks) == ("processing", 4)
    assert list(meeting.chunks.values_list("index", flat=True)) == [0, 1, 2, 3]


def test_import_goes_on_after_the_watchdog_ended_it(
    tone: Path, work_off: Callable[[], None]
) -> None:
    with pytest.raises(KeyboardInterrupt):
        import_file(tone, report=interrupt_at(2))
    Meeting.objects.update(last_activity_at=seconds_from_now(-3600))
    assert sweeper.sweep().ended == 1
    work_off()
    meeting = import_file(tone).meeting
    work_off()
    meeting.refresh_from_db()
    assert (meeting.status, meeting.duration_ms) == ("completed", 75_000)


def test_import_that_the_watchdog_ended_at_its_last_chunk_is_whole(tone: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        import_file(tone, report=interrupt_at(4, before_stop=True))
    Meeting.objects.update(last_activity_at=seconds_from_now(-3600))
    sweeper.sweep()
    assert not import_file(tone).is_known
    assert import_file(tone).is_known


def interrupt_at(position: int, *, before_stop: bool = False) -> importing.Report:
    """A Ctrl-C that comes when that chunk is due, or, after all chunks, before the stop."""

    def report(done: int, _total: int) -> None:
        if before_stop and Meeting.objects.filter(total_chunks=position - 1).exists():
            Meeting.objects.filter(total_chunks=position - 1).update(expected_chunks=0)
        if done == position - before_stop:
            raise KeyboardInterrupt

    return report


def test_import_waits_while_others_need_the_worker(tone: Path, settings: Settings) -> None:
    settings.MAX_CHUNK_BYTES = 200_044  # 6.25 s
    waits: list[int] = []
    meeting = services.start_meeting()
    audio = decode(tone.read_bytes())

    def report(done: int, _total: int) -> None:
        """A worker that wakes up when four chunks wait."""
        waiting = meeting.chunks.filter(state="stored")
        waits.append(waiting.count())
        if waiting.count() == importing.MOST_WAITING:
            waiting.update(state="silent")

    importing.feed(meeting, audio, report)
    assert max(waits) == importing.MOST_WAITING
    assert len(waits) > 12


def test_import_that_was_cancelled_meanwhile_ends(tone: Path) -> None:
    def cancel(done: int, _total: int) -> None:
        if done == 1:
            services.cancel_meeting(Meeting.objects.get(), actor="client")

    with pytest.raises(MeetingNotRecording):
        import_file(tone, report=cancel)


def test_what_is_no_sound_makes_no_meeting(tmp_path: Path) -> None:
    path = tmp_path / "notes.wav"
    path.write_bytes(b"these are only words" * 100)
    with pytest.raises(AudioError):
        import_file(path)
    path.write_bytes(b"")
    with pytest.raises(EmptyFile):
        import_file(path)
    assert not Meeting.objects.exists()


def test_too_long_and_too_large_files_are_refused(tone: Path, settings: Settings) -> None:
    settings.MAX_IMPORT_SECONDS = 60
    with pytest.raises(AudioError, match="longer than 1 minutes"):
        import_file(tone)
    settings.MAX_IMPORT_BYTES = 1024**2
    with pytest.raises(TooLarge, match="2 MiB; at most 1 are imported"):
        import_file(tone)
    assert not Meeting.objects.exists()


@pytest.mark.parametrize("moment", [0, 4_000_000_000])
def test_date_that_no_recording_can_have_is_ignored(tone: Path, moment: int) -> None:
    os.utime(tone, (moment, moment))
    assert abs((import_file(tone).meeting.created_at - datetime.now(UTC)).total_seconds()) < 60
