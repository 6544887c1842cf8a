import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from chat.models import Event
from meetings import ingest, media, pipeline, services
from meetings.errors import EmptyChunk, MeetingNotRecording
from meetings.models import AudioChunk, ConflictingChunk, Meeting
from meetings.recording import list_gaps
from tests.factories import make_tone, send_chunk

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def meeting() -> Meeting:
    return services.start_meeting()


def test_accepted_bytes_are_on_disk_as_they_came(meeting: Meeting) -> None:
    chunk = send_chunk(meeting, 0, make_tone()).chunk
    assert media.read_chunk(chunk) == make_tone()


def test_same_chunk_twice_counts_once(meeting: Meeting) -> None:
    send_chunk(meeting, 0, make_tone())
    receipt = send_chunk(meeting, 0, make_tone())
    assert receipt.is_duplicate
    assert not receipt.is_conflict
    assert receipt.meeting.total_chunks == 1
    assert AudioChunk.objects.count() == 1


def test_other_bytes_under_a_taken_index_are_kept_aside(meeting: Meeting) -> None:
    first = send_chunk(meeting, 0, make_tone()).chunk
    receipt = send_chunk(meeting, 0, make_tone(pitch=220))
    assert receipt.is_conflict
    assert media.read_chunk(AudioChunk.objects.get()) == make_tone()
    aside = ConflictingChunk.objects.get()
    assert aside.sha256 != first.sha256
    assert media.get_storage().open(aside.name).read() == make_tone(pitch=220)


def test_holes_are_named_and_close_when_filled(meeting: Meeting) -> None:
    assert send_chunk(meeting, 3, make_tone()).missing == [0, 1, 2]
    assert send_chunk(meeting, 1, make_tone()).missing == [0, 2]
    send_chunk(meeting, 0, make_tone())
    assert send_chunk(meeting, 2, make_tone()).missing == []


def test_empty_chunk_is_refused(meeting: Meeting) -> None:
    with pytest.raises(EmptyChunk):
        send_chunk(meeting, 0, b"")
    assert not AudioChunk.objects.exists()


def test_chunk_after_stop_is_refused(meeting: Meeting) -> None:
    services.end_recording(meeting.pk, actor="test")
    with pytest.raises(MeetingNotRecording):
        send_chunk(meeting, 0, make_tone())


def test_the_same_chunk_after_stop_is_known(meeting: Meeting) -> None:
    send_chunk(meeting, 0, make_tone())
    services.end_recording(meeting.pk, actor="test")
    assert send_chunk(meeting, 0, make_tone()).is_duplicate
    with pytest.raises(MeetingNotRecording):
        send_chunk(meeting, 0, make_tone(pitch=220))


def test_a_chunk_that_fills_a_hole_after_stop_is_taken_and_processed_anew(
    meeting: Meeting,
) -> None:
    for index in (0, 2):
        send_chunk(meeting, index, make_tone(pitch=300 + index))
    services.end_recording(meeting.pk, actor="test")
    pipeline.process_meeting(meeting.pk)
    receipt = send_chunk(meeting, 1, make_tone())
    assert receipt.chunk.is_late
    assert (receipt.missing, receipt.meeting.status) == ([], "processing")
    pipeline.process_meeting(meeting.pk)
    assert list_gaps(services.get_meeting(meeting.pk)) == []


def test_an_upload_that_began_before_the_stop_is_taken(meeting: Meeting) -> None:
    begun_at = time.time()
    services.end_recording(meeting.pk, actor="test")
    upload = SimpleUploadedFile("chunk.wav", make_tone())
    stopped = services.get_meeting(meeting.pk)
    receipt = ingest.ingest_chunk(stopped, index=0, upload=upload, begun_at=begun_at - 0.01)
    assert receipt.chunk.is_late


def test_an_upload_that_began_after_the_stop_is_refused(meeting: Meeting) -> None:
    stopped = services.end_recording(meeting.pk, actor="test")
    upload = SimpleUploadedFile("chunk.wav", make_tone())
    with pytest.raises(MeetingNotRecording):
        ingest.ingest_chunk(stopped, index=0, upload=upload, begun_at=time.time() + 1)


def test_what_was_answered_before_is_taken_whenever_it_comes(meeting: Meeting) -> None:
    stopped = services.end_recording(meeting.pk, actor="test")
    upload = SimpleUploadedFile("chunk.wav", make_tone())
    receipt = ingest.ingest_chunk(stopped, index=0, upload=upload, accepted_earlier=True)
    assert receipt.meeting.total_chunks == 1


def test_late_chunk_resumes_a_meeting_that_ended_abruptly(meeting: Meeting) -> None:
    services.end_recording(meeting.pk, actor="watchdog", after_idle_seconds=-1)
    receipt = send_chunk(meeting, 0, make_tone())
    assert receipt.is_resumed
    assert receipt.meeting.is_recording
    assert not receipt.meeting.ended_abruptly


def test_every_accepted_chunk_is_one_event_in_an_unbroken_count(meeting: Meeting) -> None:
    for index in (2, 0, 1):
        send_chunk(meeting, index, make_tone())
    rows = Event.objects.filter(conversation_id=meeting.pk).values_list("seq", "type")
    assert list(rows) == [(1, "meeting"), (2, "chunk"), (3, "chunk"), (4, "chunk")]


def test_names_of_files_hold_nothing_that_a_client_chose(meeting: Meeting) -> None:
    chunk = send_chunk(meeting, 0, make_tone()).chunk
    assert meeting.pk not in chunk.name
    assert chunk.name.startswith(meeting.media_key)
