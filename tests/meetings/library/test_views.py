from typing import Any

import pytest
from django.test import Client

from chat.frames import format_utc
from chat.models import Conversation, Event
from intellibooks.models import AuditEntry
from meetings import live, services
from meetings.models import Meeting
from tests.factories import make_tone, send_chunk
from tests.meetings.library.shelf import add_result, make_full_meeting, make_meeting

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("data_dir")]
JSON = "application/json"
STAGES = [
    {
        "name": "recording",
        "status": "completed",
        "engine": "local",
        "duration_seconds": 1.5,
        "attempts": 1,
        "error": "",
        "hint": "",
    },
    {
        "name": "summary",
        "status": "failed",
        "engine": "",
        "duration_seconds": None,
        "attempts": 3,
        "error": "MemoryError: none left",
        "hint": "The worker ran out of memory. Give it more, or shorter audio.",
    },
]
SPEAKERS = [
    {"label": "Speaker 1", "name": "Speaker 1", "share": 0.6429},
    {"label": "Speaker 2", "name": "Speaker 2", "share": 0.3571},
]


def address(meeting: Meeting) -> str:
    return f"/api/meetings/{meeting.pk}"


def change(client: Client, meeting: Meeting, **wishes: Any) -> Any:
    return client.patch(address(meeting), wishes, content_type=JSON)


def list_renames(meeting: Meeting) -> list[str]:
    events = Event.objects.filter(conversation_id=meeting.pk, type="session").order_by("seq")
    return [event.frame for event in events]


def test_a_new_title_is_kept_and_viewers_are_told(client: Client) -> None:
    meeting = make_meeting("Old", tags=["a"])
    answer = change(client, meeting, title="  New\n title ")
    assert (answer.status_code, answer.json()["title"]) == (200, "New title")
    assert answer.json() == client.get(address(meeting)).json()
    assert answer.json()["tags"] == ["a"]
    (frame,) = list_renames(meeting)
    assert '"state":"renamed"' in frame.replace(" ", "")
    assert "New title" in frame


def test_the_same_title_is_no_news(client: Client) -> None:
    meeting = make_meeting("Weekly")
    assert change(client, meeting, title="Weekly").status_code == 200
    assert list_renames(meeting) == []


def test_tags_are_kept_once_each_in_their_order(client: Client) -> None:
    meeting = make_meeting("Weekly", tags=["old"])
    answer = change(client, meeting, tags=["b", " a ", "b", "c"])
    assert answer.json()["tags"] == ["b", "a", "c"]
    assert answer.json()["title"] == "Weekly"


def test_another_language_counts_from_the_next_processing_on(client: Client) -> None:
    meeting = make_meeting()
    assert change(client, meeting, language="pt-BR").json()["language"] == "pt-BR"
    assert services.get_meeting(meeting.pk).status == "completed"


@pytest.mark.parametrize(
    "wishes",
    [
        {"title": "x" * 201},
        {"title": None},
        {"tags": "a"},
        {"tags": ["x" * 51]},
        {"tags": ["x"] * 21},
        {"language": "en; rm -rf"},
        {"language": ""},
    ],
)
def test_a_change_that_makes_no_sense_is_refused(client: Client, wishes: dict[str, Any]) -> None:
    meeting = make_meeting("Weekly")
    before = client.get(address(meeting)).json()
    answer = change(client, meeting, **wishes)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert client.get(address(meeting)).json() == before


def test_what_cannot_be_changed_stays(client: Client) -> None:
    meeting = make_meeting()
    assert change(client, meeting, status="failed", engine="whisper_cli").status_code == 200
    assert services.get_meeting(meeting.pk).status == "completed"


def test_an_erased_meeting_is_gone(client: Client) -> None:
    meeting = make_full_meeting()
    answer = client.delete(address(meeting))
    assert (answer.status_code, answer.json()) == (
        200,
        {"success": True, "session_id": meeting.pk, "freed_bytes": 0},
    )
    assert client.get(address(meeting)).status_code == 404
    assert not Conversation.objects.exists()
    entry = AuditEntry.objects.get(action="meeting_erased")
    assert (entry.target, entry.facts) == (meeting.pk, {"freed_bytes": 0})


def test_the_bytes_that_an_erased_meeting_took_are_told(client: Client) -> None:
    meeting = services.start_meeting()
    send_chunk(meeting, 0, make_tone())
    Meeting.objects.update(status="failed")
    assert client.delete(address(meeting)).json()["freed_bytes"] == len(make_tone())


@pytest.mark.parametrize("status", ["recording", "processing"])
def test_a_meeting_in_use_is_erased_only_by_force(client: Client, status: str) -> None:
    meeting = services.start_meeting()
    Meeting.objects.update(status=status)
    refused = client.delete(address(meeting))
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert client.get(address(meeting)).status_code == 200
    assert client.delete(f"{address(meeting)}?force=true").status_code == 200
    assert not Meeting.objects.exists()
    assert live.list_live() == {}


def test_force_that_makes_no_sense_is_refused(client: Client) -> None:
    meeting = make_meeting()
    assert client.delete(f"{address(meeting)}?force=perhaps").status_code == 422
    assert Meeting.objects.exists()


def test_deleted_audio_leaves_the_meeting(client: Client) -> None:
    meeting = services.start_meeting()
    send_chunk(meeting, 0, make_tone())
    Meeting.objects.update(status="completed")
    before = client.get(address(meeting)).json()
    answer = client.delete(f"{address(meeting)}/audio")
    assert answer.json() == {
        "success": True,
        "session_id": meeting.pk,
        "freed_bytes": len(make_tone()),
    }
    purged_at = services.get_meeting(meeting.pk).audio_purged_at
    assert purged_at is not None
    assert client.get(address(meeting)).json() == {
        **before,
        "has_audio": False,
        "audio_purged_at": format_utc(purged_at),
    }
    assert client.get(f"{address(meeting)}/audio").status_code == 404
    assert AuditEntry.objects.get(action="audio_deleted").target == meeting.pk


def test_audio_of_a_meeting_in_use_is_not_deleted(client: Client) -> None:
    meeting = services.start_meeting()
    send_chunk(meeting, 0, make_tone())
    assert client.delete(f"{address(meeting)}/audio").status_code == 409
    assert services.get_meeting(meeting.pk).audio_purged_at is None


def test_the_meeting_tells_its_stages_speakers_and_what_one_may_do(client: Client) -> None:
    meeting = make_full_meeting(generation=2)
    meeting.stages.all().delete()
    add_result(meeting, "recording", engine="local", duration_seconds=1.5, attempts=1)
    add_result(meeting, "summary", status="failed", error="MemoryError: none left", attempts=3)
    meeting.generation = 1
    add_result(meeting, "keywords")
    assert client.get(address(meeting)).json() == {
        "session_id": meeting.pk,
        "title": "Fruit",
        "status": "completed",
        "created_at": "2026-05-04T12:00:00.000Z",
        "transcript": "we order",
        "chunks_processed": 0,
        "total_chunks": 0,
        "last_activity": format_utc(meeting.last_activity_at),
        "ended_abruptly": False,
        "language": "en",
        "language_detected": "en",
        "duration_ms": 24_000,
        "gaps": [],
        "ended_at": "2026-05-04T12:30:00.000Z",
        "tags": ["shop"],
        "has_audio": True,
        "audio_purged_at": None,
        "can_resume": False,
        "stages": STAGES,
        "speakers": SPEAKERS,
        "can": ["view", "write", "edit", "manage"],
    }


@pytest.mark.parametrize(
    ("error", "beginning"),
    [
        ("EngineError: no model", "No speech engine"),
        ("OperationalError: locked", "The database"),
        ("ConnectionResetError: gone", "The media storage"),
        ("PermissionError: no", "The media storage"),
        ("KeyError: 'x'", "See the log"),
        ("NoSuchError", "See the log"),
        ("print: odd", "See the log"),
    ],
)
def test_every_error_of_a_stage_comes_with_a_hint(
    client: Client, error: str, beginning: str
) -> None:
    meeting = make_meeting()
    add_result(meeting, "summary", status="failed", error=error)
    (stage,) = client.get(address(meeting)).json()["stages"]
    assert stage["hint"].startswith(beginning)
