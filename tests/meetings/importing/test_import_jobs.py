from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.fixtures import Settings

from intellibooks.redis_connection import get_queue
from meetings import import_jobs, media, services, sweeper
from meetings.leases import seconds_from_now
from meetings.models import Meeting
from tests.factories import SAMPLE, make_tone, read_sample

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("data_dir"),
]

TONE = make_tone(35.0)


def upload(client: Client, data: bytes = TONE, name: str = "Call 7.wav", **fields: str) -> Any:
    file = SimpleUploadedFile(name, data, content_type="audio/wav")
    return client.post("/api/meetings/import", {"file": file, **fields})


def list_waiting(data_dir: Path) -> list[str]:
    folder = data_dir / "media" / "imports"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_upload_is_answered_when_its_bytes_are_safe(client: Client, data_dir: Path) -> None:
    answer = upload(client)
    meeting = Meeting.objects.get()
    assert answer.status_code == 200
    assert answer.json() == {
        "session_id": meeting.pk,
        "status": "recording",
        "title": "Call 7",
        "duplicate": False,
        "bytes": len(TONE),
    }
    assert list_waiting(data_dir) == [meeting.media_key]
    assert meeting.total_chunks == 0


def test_worker_makes_a_completed_meeting_of_it(
    client: Client, work_off: Callable[[], None], data_dir: Path
) -> None:
    data = (SAMPLE / "meeting.opus").read_bytes()
    meeting_id = upload(client, data, title="Weekly", language="en-GB").json()["session_id"]
    work_off()
    meeting = services.get_meeting(meeting_id)
    assert (meeting.status, meeting.language) == ("completed", "en-GB")
    assert meeting.duration_ms == round(read_sample().duration * 1000)
    assert list_waiting(data_dir) == []


def test_same_file_again_is_the_same_meeting(client: Client, data_dir: Path) -> None:
    first, again = upload(client).json(), upload(client, name="copy.wav").json()
    assert again == {**first, "duplicate": True}
    assert len(list_waiting(data_dir)) == 1


@pytest.mark.parametrize(
    ("fields", "status", "detail"),
    [
        ({"data": b""}, 400, "Empty audio file"),
        ({"language": "english please"}, 422, "Invalid request"),
        ({"title": "x" * 201}, 422, "Invalid request"),
    ],
)
def test_what_cannot_be_imported_is_refused(
    client: Client, fields: Any, status: int, detail: str
) -> None:
    answer = upload(client, **fields)
    assert (answer.status_code, answer.json()["detail"]) == (status, detail)
    assert not Meeting.objects.exists()


def test_file_over_the_limit_is_413(client: Client, settings: Settings) -> None:
    settings.MAX_IMPORT_BYTES = 1000
    assert upload(client).status_code == 413


def test_form_without_a_file_is_422(client: Client) -> None:
    answer = client.post("/api/meetings/import", {"title": "x"})
    assert answer.json()["errors"][0]["field"] == "file"


def test_unreadable_file_fails_its_meeting_with_the_reason(
    client: Client, work_off: Callable[[], None], data_dir: Path
) -> None:
    upload(client, b"only words " * 1000)
    work_off()
    meeting = Meeting.objects.get()
    assert (meeting.status, meeting.failure_code) == ("failed", "bad_audio")
    assert meeting.failure_reason.startswith("This is not a sound file")
    assert list_waiting(data_dir) == []
    assert not upload(client, b"only words " * 1000).json()["duplicate"]


def test_killed_worker_costs_nothing_but_time(
    client: Client, work_off: Callable[[], None], redis_server: Any
) -> None:
    meeting_id = upload(client).json()["session_id"]
    Meeting.objects.update(lease_token="dead", lease_until=seconds_from_now(-1), attempts=1)
    redis_server.flushdb()
    assert import_jobs.tend_imports() == 1
    work_off()
    assert services.get_meeting(meeting_id).status == "completed"


def test_file_at_which_workers_die_is_given_up(client: Client) -> None:
    meeting_id = upload(client).json()["session_id"]
    Meeting.objects.update(attempts=5)
    assert not import_jobs.run_import(meeting_id)
    meeting = services.get_meeting(meeting_id)
    assert (meeting.status, meeting.failure_code) == ("failed", "bad_audio")


def test_second_worker_leaves_the_import_to_the_first(client: Client) -> None:
    meeting_id = upload(client).json()["session_id"]
    Meeting.objects.update(lease_token="other", lease_until=seconds_from_now(60))
    assert not import_jobs.run_import(meeting_id)
    assert services.get_meeting(meeting_id).total_chunks == 0
    assert import_jobs.tend_imports() == 0


def test_storage_that_fails_is_tried_again_later(client: Client, data_dir: Path) -> None:
    meeting_id = upload(client).json()["session_id"]
    source = data_dir / "media" / import_jobs.name_source(services.get_meeting(meeting_id))
    source.unlink()
    source.mkdir()  # it cannot be read, and is not gone
    assert not import_jobs.run_import(meeting_id)
    meeting = services.get_meeting(meeting_id)
    assert (meeting.status, meeting.lease_token) == ("recording", "")
    assert meeting.retry_at is not None


def test_vanished_file_fails_its_meeting(client: Client) -> None:
    meeting_id = upload(client).json()["session_id"]
    media.delete_files([import_jobs.name_source(services.get_meeting(meeting_id))])
    import_jobs.run_import(meeting_id)
    assert services.get_meeting(meeting_id).failure_reason == import_jobs.GONE.hint


def test_waiting_import_is_not_taken_for_a_dead_recorder(client: Client) -> None:
    upload(client)
    Meeting.objects.update(last_activity_at=seconds_from_now(-3600))
    import_jobs.tend_imports()
    assert sweeper.sweep().ended == 0


def test_tending_rings_once_and_removes_what_nobody_needs(
    client: Client, data_dir: Path, age_files: Callable[[float], None]
) -> None:
    meeting_id = upload(client).json()["session_id"]
    assert import_jobs.tend_imports() == 0
    assert len(get_queue("pipeline").get_job_ids()) == 1
    services.cancel_meeting(services.get_meeting(meeting_id), actor="client")
    import_jobs.tend_imports()
    assert len(list_waiting(data_dir)) == 1  # young: its meeting may be on its way
    age_files(120)
    import_jobs.tend_imports()
    assert list_waiting(data_dir) == []


def test_cancelled_import_is_not_started(client: Client) -> None:
    meeting_id = upload(client).json()["session_id"]
    services.cancel_meeting(services.get_meeting(meeting_id), actor="client")
    assert not import_jobs.run_import(meeting_id)
    assert Meeting.objects.get().status == "cancelled"
