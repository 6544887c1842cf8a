import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from redis import Redis

from chat.models import Conversation, Event
from meetings import ingest, live, media, orphans, services, upkeep
from meetings.models import AudioChunk, Meeting
from tests.factories import make_silence, make_tone, send_chunk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("data_dir")]

Age = Callable[[float], None]


@pytest.fixture
def meeting() -> Meeting:
    return services.start_meeting()


def store_unacknowledged(meeting: Meeting, data: bytes = b"sound") -> str:
    """What a web process leaves that was killed between the file and the row."""
    return media.store_chunk(meeting, 7, ContentFile(data)).name


def finish(meeting: Meeting, work_off: Callable[[], None]) -> Meeting:
    services.end_recording(meeting.pk, actor="client")
    work_off()
    return services.get_meeting(meeting.pk)


def test_young_file_without_a_row_is_left_alone(meeting: Meeting) -> None:
    name = store_unacknowledged(meeting)
    assert upkeep.clean_up().moved == 0
    assert media.get_storage().exists(name)


def test_old_file_without_a_row_is_moved_aside_and_can_be_found(
    meeting: Meeting, age_files: Age
) -> None:
    name = store_unacknowledged(meeting)
    age_files(3601)
    assert upkeep.clean_up().moved == 1
    assert not media.get_storage().exists(name)
    assert media.get_storage().open(orphans.find_aside(name)).read() == b"sound"


def test_accepted_chunks_and_conflicts_are_never_moved(meeting: Meeting, age_files: Age) -> None:
    send_chunk(meeting, 0, make_tone())
    send_chunk(meeting, 0, make_tone(pitch=220))
    age_files(90_000)
    done = upkeep.clean_up()
    assert (done.moved, done.removed) == (0, 0)
    assert media.read_chunk(AudioChunk.objects.get()) == make_tone()


def test_chunk_sent_again_after_hours_is_safe_from_the_upkeep(
    meeting: Meeting, age_files: Age
) -> None:
    store_unacknowledged(meeting, make_tone())
    age_files(3601)
    orphan = next(iter(orphans.find_orphans([meeting.media_key])))
    chunk = send_chunk(meeting, 7, make_tone()).chunk
    assert not orphans.put_aside(orphan)
    assert media.read_chunk(chunk) == make_tone()


def test_file_rewritten_under_the_hands_of_the_upkeep_stays(
    meeting: Meeting, age_files: Age
) -> None:
    name = store_unacknowledged(meeting)
    assert not media.move_file(name, "orphans/x", min_age_seconds=3600)
    assert media.get_storage().exists(name)
    assert not media.get_storage().exists("orphans/x")


def test_files_of_an_unknown_meeting_are_kept_for_a_week(
    meeting: Meeting, age_files: Age, data_dir: Path
) -> None:
    name = store_unacknowledged(meeting)
    Conversation.objects.all().delete()
    age_files(3601)
    assert upkeep.clean_up().moved == 1
    assert upkeep.clean_up().removed == 0
    aside = media.get_storage().path(orphans.find_aside(name))
    assert Path(aside).read_bytes() == b"sound"
    assert not (data_dir / "media" / meeting.media_key).exists()


def test_what_lies_aside_for_longer_goes(meeting: Meeting) -> None:
    now = datetime.now(UTC).date()
    kept, expired = (f"orphans/{now - timedelta(days=days)}/f" for days in (7, 8))
    for name in (kept, expired):
        media.get_storage().save(name, ContentFile(b"sound"))
    assert upkeep.clean_up().removed == 1
    assert [media.get_storage().exists(name) for name in (kept, expired)] == [True, False]
    assert orphans.list_days() == [kept.split("/")[1]]


def test_half_written_files_go_after_an_hour(meeting: Meeting, data_dir: Path) -> None:
    name = store_unacknowledged(meeting)
    folder = data_dir / "media" / Path(name).parent
    old, young = folder / ".a.part", folder / ".b.part"
    for path in (old, young):
        path.write_bytes(b"so")
    os.utime(old, (time.time() - 3601,) * 2)
    assert upkeep.clean_up().removed == 1
    assert (old.exists(), young.exists()) == (False, True)


def test_superseded_recording_goes_while_the_present_one_is_there(
    meeting: Meeting, work_off: Callable[[], None], age_files: Age
) -> None:
    send_chunk(meeting, 0, make_silence())
    done = finish(meeting, work_off)
    older = f"{meeting.media_key}/recording-{'0' * 16}.flac"
    media.get_storage().save(older, ContentFile(b"older"))
    age_files(3601)
    assert upkeep.clean_up().moved == 1
    assert not media.get_storage().exists(older)
    assert orphans.find_aside(older) == ""
    assert media.get_storage().exists(done.recording_name)


def test_a_pass_goes_on_where_the_last_one_ended(
    meeting: Meeting, age_files: Age, monkeypatch: pytest.MonkeyPatch
) -> None:
    for other in (meeting, services.start_meeting()):
        store_unacknowledged(other)
    age_files(3601)
    monkeypatch.setattr(upkeep, "FOLDERS_PER_PASS", 1)
    first = upkeep.clean_up()
    second = upkeep.clean_up(first.cursor)
    assert (first.moved, second.moved) == (1, 1)
    assert upkeep.clean_up(second.cursor).cursor == ""


def test_upkeep_waits_for_its_time(meeting: Meeting, age_files: Age) -> None:
    keeper = upkeep.Upkeep()
    keeper.run_if_due()
    store_unacknowledged(meeting)
    age_files(3601)
    assert keeper.run_if_due() == 0
    keeper.due_at = 0.0
    assert keeper.run_if_due() == 1


def test_erased_meeting_leaves_nothing(
    meeting: Meeting, work_off: Callable[[], None], redis_server: Redis, data_dir: Path
) -> None:
    send_chunk(meeting, 0, make_tone())
    size = upkeep.measure_meeting_media(finish(meeting, work_off))
    assert upkeep.erase_meeting(meeting) == size > len(make_tone())
    assert not Conversation.objects.exists()
    assert not Event.objects.exists()
    assert not AudioChunk.objects.exists()
    assert [path for path in (data_dir / "media").rglob("*") if path.is_file()] == []
    assert not redis_server.keys(f"*{meeting.pk}*")


@pytest.mark.parametrize("is_stopped", [False, True])
def test_meeting_in_use_is_not_erased(meeting: Meeting, is_stopped: bool) -> None:
    send_chunk(meeting, 0, make_tone())
    if is_stopped:
        services.end_recording(meeting.pk, actor="client")
    for erase in (upkeep.erase_meeting, upkeep.delete_meeting_media):
        with pytest.raises(upkeep.MeetingInUse):
            erase(meeting)
    assert media.read_chunk(AudioChunk.objects.get()) == make_tone()


def test_forced_erasure_takes_a_meeting_that_records(meeting: Meeting) -> None:
    send_chunk(meeting, 0, make_tone())
    upkeep.erase_meeting(meeting, is_forced=True)
    assert not Meeting.objects.exists()
    assert live.list_live() == {}


def test_deleted_sound_leaves_text_and_rows(
    meeting: Meeting, work_off: Callable[[], None], data_dir: Path
) -> None:
    send_chunk(meeting, 0, make_tone())
    finish(meeting, work_off)
    assert upkeep.delete_meeting_media(meeting) > 0
    row = services.get_meeting(meeting.pk)
    assert (row.status, row.total_chunks, row.recording_name) == ("completed", 1, "")
    assert row.audio_purged_at is not None
    assert ingest.list_missing(row) == []
    assert [path for path in (data_dir / "media").rglob("*") if path.is_file()] == []
