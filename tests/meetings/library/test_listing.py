from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chat.frames import format_utc
from meetings import services, speakers
from meetings.models import Meeting
from tests.meetings.library.shelf import (
    TAKEN_AT,
    add_chunk,
    add_result,
    make_full_meeting,
    make_meeting,
)

pytestmark = pytest.mark.django_db


def list_rows(client: Client, **query: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client.get("/api/meetings", query).json()["results"]
    return rows


def test_a_row_holds_what_a_meeting_is_recognised_by(client: Client) -> None:
    meeting = make_full_meeting()
    assert client.get("/api/meetings").json() == {
        "results": [
            {
                "session_id": meeting.pk,
                "title": "Fruit",
                "status": "completed",
                "created_at": format_utc(TAKEN_AT),
                "ended_at": format_utc(TAKEN_AT.replace(minute=30)),
                "duration_ms": 24_000,
                "tags": ["shop"],
                "speakers": [
                    {"label": "Speaker 1", "name": "Speaker 1", "share": 0.6429},
                    {"label": "Speaker 2", "name": "Speaker 2", "share": 0.3571},
                ],
                "mood": {"overall_mood": "positive", "sentiment_score": 0.25},
                "keywords": ["fruit 0", "fruit 1", "fruit 2", "fruit 3", "fruit 4"],
                "words": 15,
                "engine": "whisper_cli",
                "language": "en",
                "gaps": 1,
                "progress": None,
                "stage": None,
                "failure": None,
                "ended_abruptly": False,
                "can_resume": False,
                "has_audio": True,
                "preview": "The team orders pomegranates.",
            }
        ],
        "total": 1,
        "page": 1,
        "pages": 1,
        "limit": 20,
        "counts": {"recording": 0, "processing": 0, "completed": 1, "failed": 0, "cancelled": 0},
    }


def test_an_empty_library_has_no_pages(client: Client) -> None:
    answer = client.get("/api/meetings").json()
    assert (answer["results"], answer["total"], answer["pages"]) == ([], 0, 0)


def test_a_row_of_a_recording_shows_its_last_words_and_what_came_so_far(client: Client) -> None:
    meeting = services.start_meeting(engine="pocketsphinx")
    add_chunk(meeting, 0, text="hello")
    add_chunk(meeting, 1, text="good bye")
    add_chunk(meeting, 2)
    (row,) = list_rows(client)
    told = (row["status"], row["preview"], row["duration_ms"], row["engine"], row["ended_at"])
    assert told == ("recording", "good bye", 30_000, "pocketsphinx", None)


def test_a_row_in_processing_shows_its_stage_and_how_far_it_is(client: Client) -> None:
    meeting = make_meeting(status="processing", generation=2)
    add_result(meeting, "recording")
    add_result(meeting, "transcript", status="running")
    add_result(make_meeting(), "summary", status="running")
    rows = {row["session_id"]: row for row in list_rows(client)}
    row = rows.pop(meeting.pk)
    assert (row["stage"], row["progress"]) == ("transcript", 0.09)
    assert [(row["stage"], row["progress"]) for row in rows.values()] == [(None, None)]


def test_stages_of_an_earlier_processing_are_not_counted(client: Client) -> None:
    meeting = make_meeting(status="processing", generation=1)
    add_result(meeting, "recording")
    Meeting.objects.update(generation=2)
    assert [(row["stage"], row["progress"]) for row in list_rows(client)] == [(None, 0.0)]


def test_a_row_of_a_failed_meeting_says_why(client: Client) -> None:
    make_meeting(status="failed", failure_code="out_of_memory", failure_reason="MemoryError")
    (row,) = list_rows(client)
    assert row["failure"] == {"code": "out_of_memory", "reason": "MemoryError"}


def test_a_meeting_that_fell_silent_can_be_resumed(client: Client) -> None:
    make_meeting(status="processing", ended_abruptly=True)
    (row,) = list_rows(client)
    assert (row["ended_abruptly"], row["can_resume"]) == (True, True)


def test_a_named_speaker_keeps_the_label(client: Client) -> None:
    meeting = make_full_meeting()
    speakers.rename_speaker(meeting, "Speaker 2", "Rosalind")
    (row,) = list_rows(client)
    assert row["speakers"][1] == {"label": "Speaker 2", "name": "Rosalind", "share": 0.3571}


def test_pages_hold_every_meeting_once(client: Client) -> None:
    made = [make_meeting(f"Week {number}").pk for number in range(5)]
    pages = [client.get("/api/meetings", {"limit": 2, "page": page}).json() for page in (1, 2, 3)]
    assert [row["session_id"] for page in pages for row in page["results"]] == made[::-1]
    assert {(page["total"], page["pages"]) for page in pages} == {(5, 3)}


def test_a_page_after_the_last_is_empty(client: Client) -> None:
    make_meeting()
    answer = client.get("/api/meetings", {"page": 7}).json()
    assert (answer["results"], answer["total"]) == ([], 1)


def test_the_number_of_queries_does_not_grow_with_the_page(client: Client) -> None:
    def count_queries(meetings: int) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert len(list_rows(client, limit=100)) == meetings
        return len(queries)

    for _ in range(3):
        make_full_meeting()
    few = count_queries(3)
    for _ in range(27):
        make_full_meeting()
    assert count_queries(30) == few
    assert few <= 10
