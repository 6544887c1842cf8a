from collections.abc import Callable
from pathlib import Path

import pytest
from redis import Redis

from chat.models import Conversation, Event
from meetings import live, media, orphans, services, upkeep
from meetings.findings import Finding, Note
from meetings.leases import seconds_from_now
from meetings.models import AudioChunk, Meeting
from meetings.verification import format_indexes, verify
from tests.factories import make_silence, make_tone, send_chunk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("data_dir")]


@pytest.fixture
def meeting() -> Meeting:
    """One that records and has two chunks."""
    started = services.start_meeting()
    for index in range(2):
        send_chunk(started, index, make_tone(pitch=220 + index))
    return started


@pytest.fixture
def completed(meeting: Meeting, work_off: Callable[[], None]) -> Meeting:
    services.end_recording(meeting.pk, actor="client")
    work_off()
    return services.get_meeting(meeting.pk)


def find_all() -> list[Finding]:
    results = verify(Meeting.objects.all(), is_everything=True)
    return [result for result in results if isinstance(result, Finding)]


def find_notes() -> list[str]:
    results = verify(Meeting.objects.all(), is_everything=True)
    return [result.what for result in results if isinstance(result, Note)]


def mend_all() -> None:
    for finding in find_all():
        assert finding.repair is not None, finding
        finding.repair()


def change_file(data_dir: Path, name: str) -> None:
    (data_dir / "media" / name).write_bytes(b"other")


def test_healthy_meetings_have_no_findings(meeting: Meeting, completed: Meeting) -> None:
    send_chunk(services.start_meeting(), 0, make_silence())
    assert find_all() == []
    assert find_notes() == []


def test_changed_chunk_is_found_and_not_excused(meeting: Meeting, data_dir: Path) -> None:
    chunk = AudioChunk.objects.get(index=1)
    change_file(data_dir, chunk.name)
    (finding,) = find_all()
    assert (finding.meeting_id, finding.code) == (meeting.pk, "chunk_file")
    assert finding.what == "the file of chunk 1 was changed"
    assert finding.repair is None


def test_lost_chunk_comes_back_from_where_orphans_lie(meeting: Meeting) -> None:
    chunk = AudioChunk.objects.get(index=0)
    media.move_file(chunk.name, f"{orphans.ORPHANS}/2026-01-01/{chunk.name}")
    (finding,) = find_all()
    assert finding.what == "the file of chunk 0 is missing"
    mend_all()
    assert find_all() == []
    assert media.read_chunk(chunk) == make_tone(pitch=220)


def test_changed_recording_is_joined_again(
    completed: Meeting, data_dir: Path, work_off: Callable[[], None]
) -> None:
    change_file(data_dir, completed.recording_name)
    (finding,) = find_all()
    assert finding.what == "the recording was changed"
    mend_all()
    assert services.get_meeting(completed.pk).status == "processing"
    work_off()
    assert find_all() == []
    assert services.get_meeting(completed.pk).recording_sha256 == completed.recording_sha256


def test_recording_is_not_joined_from_broken_chunks(completed: Meeting, data_dir: Path) -> None:
    change_file(data_dir, completed.recording_name)
    change_file(data_dir, AudioChunk.objects.get(index=0).name)
    assert [finding.repair for finding in find_all()] == [None, None]


def test_wrong_counters_are_counted_again(meeting: Meeting) -> None:
    Meeting.objects.update(total_chunks=9, highest_index=0, chunks_processed=5)
    assert [finding.code for finding in find_all()] == ["counter"] * 3
    mend_all()
    row = services.get_meeting(meeting.pk)
    assert (row.total_chunks, row.highest_index, row.chunks_processed) == (2, 1, 0)


def test_lost_events_are_told(meeting: Meeting) -> None:
    Event.objects.filter(conversation_id=meeting.pk, seq=2).delete()
    (finding,) = find_all()
    assert finding.what == "1 of 3 events are not in the log"


def test_room_that_counts_behind_its_log_is_mended(meeting: Meeting) -> None:
    Conversation.objects.update(last_seq=1)
    mend_all()
    assert Conversation.objects.get().last_seq == 3


def test_segment_after_the_end_is_told(completed: Meeting) -> None:
    completed.segments.create(key="x", position=9, start_ms=0, end_ms=99_000, text="late")
    assert [finding.code for finding in find_all()] == ["segment"]


def test_orphan_is_told_and_moved_aside(
    meeting: Meeting, age_files: Callable[[float], None]
) -> None:
    AudioChunk.objects.filter(index=1).delete()
    Meeting.objects.update(total_chunks=1, highest_index=0)
    age_files(3601)
    (finding,) = find_all()
    assert (finding.meeting_id, finding.code) == (meeting.pk, "orphan")
    mend_all()
    assert find_all() == []


def test_files_of_unknown_meetings_are_told(
    meeting: Meeting, age_files: Callable[[float], None]
) -> None:
    live.forget(meeting.pk)
    Conversation.objects.all().delete()
    age_files(3601)
    assert [(found.meeting_id, found.code) for found in find_all()] == [("", "orphan")] * 2


def test_chunks_that_never_came_are_named(meeting: Meeting) -> None:
    send_chunk(meeting, 5, make_tone())
    assert find_all() == []
    assert find_notes() == ["chunks that never came: 2-4"]


def test_purged_audio_is_no_finding(completed: Meeting) -> None:
    upkeep.delete_meeting_media(completed)
    assert find_all() == []
    day = f"{services.get_meeting(completed.pk).audio_purged_at:%Y-%m-%d}"
    assert find_notes() == [f"its audio was purged on {day}; text and results are kept"]


def test_emptied_redis_is_told_again(meeting: Meeting, redis_server: Redis) -> None:
    redis_server.flushdb()
    AudioChunk.objects.update(received_at=seconds_from_now(-60))
    assert [finding.code for finding in find_all()] == ["live", "job", "job"]
    mend_all()
    assert find_all() == []
    assert list(live.list_live()) == [meeting.pk]


def test_live_status_that_differs_from_the_row_is_told(
    meeting: Meeting, redis_server: Redis
) -> None:
    redis_server.hset(live.state_key(meeting.pk), "status", "processing")
    (finding,) = find_all()
    assert finding.what == "is recording, and Redis says processing"


def test_redis_away_is_noted(meeting: Meeting, monkeypatch: pytest.MonkeyPatch) -> None:
    unreachable = Redis(host="127.0.0.1", port=1)
    monkeypatch.setattr(live, "get_redis", lambda: unreachable)
    (note,) = find_notes()
    assert note.startswith("Redis does not answer")


def test_neighbours_are_named_as_a_range() -> None:
    assert format_indexes([2, 3, 4, 9]) == "2-4, 9"
