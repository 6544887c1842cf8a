from collections.abc import Callable

import numpy as np
import pytest
from pytest_django import Settings

from meetings import drafting, media, metadata, pipeline, services
from meetings.models import Meeting, StageResult
from meetings.stages import PAUSES_BEFORE_RETRY, STAGE_NAMES
from tests.factories import cut_sample, make_silence, make_tone, send_chunk
from transcription.audio import decode

pytestmark = pytest.mark.django_db(transaction=True)


def record_meeting(*chunks: bytes) -> Meeting:
    meeting = services.start_meeting()
    for index, data in enumerate(chunks):
        send_chunk(meeting, index, data)
    return services.end_recording(meeting.pk, actor="client")


def read_samples(meeting: Meeting) -> np.ndarray:
    with media.get_storage().open(meeting.recording_name) as file:
        return decode(file.read()).samples


def test_stopped_meeting_is_completed_with_everything(work_off: Callable[[], None]) -> None:
    meeting = record_meeting(*cut_sample(3))
    work_off()
    meeting.refresh_from_db()
    assert meeting.status == "completed"
    assert "good morning" in meeting.transcript
    assert meeting.segments.count() > 1
    rows = StageResult.objects.filter(meeting=meeting).values_list("name", "status")
    assert dict(rows) == dict.fromkeys(STAGE_NAMES, "completed")
    assert metadata.read_metadata(meeting)["word_count"] == len(meeting.transcript.split())


def test_recording_is_the_chunks_joined_sample_by_sample() -> None:
    tones = [make_tone(1.5), make_tone(0.7, pitch=220), make_tone(0.3, pitch=880)]
    meeting = record_meeting(*tones)
    pipeline.process_meeting(meeting.pk)
    meeting.refresh_from_db()
    expected = np.concatenate([decode(tone).samples for tone in tones])
    assert np.array_equal(read_samples(meeting), expected)
    assert meeting.duration_ms == 2500


def test_a_missing_chunk_is_silence_of_its_length() -> None:
    meeting = services.start_meeting()
    for index in (0, 2):
        send_chunk(meeting, index, make_tone(1.0, pitch=300 + index))
    services.end_recording(meeting.pk, actor="client")
    pipeline.process_meeting(meeting.pk)
    samples = read_samples(Meeting.objects.get())
    assert len(samples) == 48_000
    assert not samples[16_000:32_000].any()
    expected = {"first_index": 1, "last_index": 1, "start_ms": 1000, "end_ms": 2000}
    gap = {**expected, "text": "[missing audio 00:01-00:02]"}
    assert StageResult.objects.get(name="recording").result["gaps"] == [gap]
    segment = meeting.segments.get()
    assert (segment.kind, segment.start_ms, segment.text) == ("missing", 1000, gap["text"])
    assert Meeting.objects.get().transcript == gap["text"]
    assert metadata.read_metadata(Meeting.objects.get())["word_count"] == 0


def test_meeting_without_speech_has_metadata_too() -> None:
    meeting = record_meeting(make_silence())
    pipeline.process_meeting(meeting.pk)
    meeting.refresh_from_db()
    found = metadata.read_metadata(meeting)
    assert (found["word_count"], found["keywords"], found["failed_stages"]) == (0, [], [])
    assert found["summary"] == "No speech was recognised in this meeting."


def test_meeting_without_chunks_completes() -> None:
    meeting = record_meeting()
    assert pipeline.process_meeting(meeting.pk)


def test_a_done_stage_is_not_run_again() -> None:
    meeting = record_meeting(make_silence())
    mood = StageResult.objects.create(
        meeting=meeting, name="mood", status="completed", generation=1, result={"kept": True}
    )
    pipeline.process_meeting(meeting.pk)
    mood.refresh_from_db()
    assert mood.result == {"kept": True}


def test_a_chunk_whose_file_vanished_is_silent_in_the_recording() -> None:
    meeting = record_meeting(make_tone(1.0), make_tone(1.0, pitch=220))
    for index in (0, 1):
        drafting.transcribe_chunk(meeting.pk, index)
    media.get_storage().delete(meeting.chunks.get(index=0).name)
    pipeline.process_meeting(meeting.pk)
    samples = read_samples(Meeting.objects.get())
    assert not samples[:16_000].any()
    assert samples[16_000:].any()
    (gap,) = StageResult.objects.get(name="recording").result["gaps"]
    assert (gap["first_index"], gap["text"]) == (0, "[missing audio 00:00-00:01]")


def test_a_failure_is_retried_later_and_in_the_end_given_up(settings: Settings) -> None:
    meeting = record_meeting(make_tone())
    row = Meeting.objects.filter(pk=meeting.pk)
    drafting.transcribe_chunk(meeting.pk, 0)
    kept = settings.STORAGES["media"]
    media_settings = {**settings.STORAGES["media"], "OPTIONS": {"location": "/dev/null/media"}}
    settings.STORAGES = {**settings.STORAGES, "media": media_settings}
    for _ in range(len(PAUSES_BEFORE_RETRY)):
        assert not pipeline.process_meeting(meeting.pk)
        assert row.get().retry_at is not None
        row.update(retry_at=None)
    pipeline.process_meeting(meeting.pk)
    failed = row.get()
    assert (failed.status, failed.failure_code) == ("failed", "storage_unavailable")
    assert "/dev/null" in failed.failure_reason
    settings.STORAGES = {**settings.STORAGES, "media": kept}
    services.retry_processing(failed, actor="operator")
    assert pipeline.process_meeting(meeting.pk)
    assert row.get().status == "completed"
