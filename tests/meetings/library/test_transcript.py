from typing import Any

import pytest
from django.test import Client

from meetings import services
from meetings.models import FINAL_REV, Meeting
from tests.meetings.library.shelf import add_chunk, make_full_meeting, make_meeting

pytestmark = pytest.mark.django_db
FIRST = {
    "id": "s0",
    "rev": FINAL_REV,
    "kind": "speech",
    "start_ms": 0,
    "end_ms": 4000,
    "speaker": "Speaker 1",
    "speaker_label": "Speaker 1",
    "text": "we order the pomegranates",
    "confidence": None,
    "engine": "whisper_cli",
    "edited": False,
}
HEARD = {"start": 1.0, "end": 2.0, "text": "good bye", "words": []}
WORD = {"text": "hello", "start": 0.5, "end": 0.9, "probability": 0.75}


def read(client: Client, meeting: Meeting, **query: Any) -> dict[str, Any]:
    body: dict[str, Any] = client.get(f"/api/meetings/{meeting.pk}/segments", query).json()
    return body


def test_segments_come_as_they_are_stored(client: Client) -> None:
    meeting = make_full_meeting()
    answer = read(client, meeting, limit=1)
    assert answer == {
        "session_id": meeting.pk,
        "is_draft": False,
        "segments": [FIRST],
        "total": 5,
        "next": 1,
    }


def test_words_come_where_they_are_asked_for(client: Client) -> None:
    answer = read(client, make_full_meeting(), limit=1, words="true")
    word = {"text": "we", "start": 0.0, "end": 4.0, "probability": None}
    assert answer["segments"] == [{**FIRST, "words": [word]}]


def test_missing_audio_stands_at_its_place(client: Client) -> None:
    kinds = [one["kind"] for one in read(client, make_full_meeting())["segments"]]
    assert kinds == ["speech", "speech", "speech", "missing", "speech"]


def test_pages_hold_every_segment_once(client: Client) -> None:
    meeting = make_full_meeting()
    seen: list[str] = []
    after: int | None = 0
    while after is not None:
        page = read(client, meeting, after=after, limit=2)
        seen += [one["id"] for one in page["segments"]]
        after = page["next"]
    assert seen == ["s0", "s1", "s2", "gap", "s4"]


def test_a_page_after_the_end_is_empty(client: Client) -> None:
    answer = read(client, make_full_meeting(), after=99)
    assert (answer["segments"], answer["total"], answer["next"]) == ([], 5, None)


def test_a_running_meeting_shows_its_draft(client: Client) -> None:
    meeting = services.start_meeting()
    first = {"start": 0.5, "end": 0.9, "text": "hello", "words": [WORD], "confidence": 0.5}
    add_chunk(meeting, 0, text="hello", heard=[first], engine="pocketsphinx", rev=1)
    add_chunk(meeting, 1, text="good bye", heard=[HEARD], engine="pocketsphinx", rev=3)
    answer = read(client, meeting, words="true")
    speech = {"kind": "speech", "speaker": None, "speaker_label": None}
    by = {"engine": "pocketsphinx", "edited": False}
    assert answer == {
        "session_id": meeting.pk,
        "is_draft": True,
        "segments": [
            {
                "id": "000000-00",
                "rev": 1,
                "start_ms": 500,
                "end_ms": 900,
                "text": "hello",
                "words": [WORD],
                "confidence": 0.5,
                **speech,
                **by,
            },
            {
                "id": "000001-00",
                "rev": 3,
                "start_ms": 11_000,
                "end_ms": 12_000,
                "text": "good bye",
                "words": [],
                "confidence": None,
                **speech,
                **by,
            },
        ],
        "total": 2,
        "next": None,
    }


def test_a_draft_comes_in_pages_too(client: Client) -> None:
    meeting = services.start_meeting()
    for index in range(3):
        add_chunk(meeting, index, text="good bye", heard=[HEARD])
    page = read(client, meeting, after=1, limit=1)
    assert [one["id"] for one in page["segments"]] == ["000001-00"]
    assert (page["total"], page["next"]) == (3, 2)


def test_a_failed_meeting_shows_what_was_heard_before(client: Client) -> None:
    meeting = make_meeting(status="failed")
    add_chunk(meeting, text="good bye", heard=[HEARD])
    answer = read(client, meeting)
    assert (answer["is_draft"], answer["total"]) == (True, 1)


def test_a_completed_meeting_without_a_word_has_no_draft(client: Client) -> None:
    meeting = make_meeting()
    add_chunk(meeting, text="hm", heard=[HEARD])
    answer = read(client, meeting)
    assert (answer["is_draft"], answer["total"]) == (False, 0)


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 1001}, {"after": -1}, {"words": "x"}])
def test_a_page_that_makes_no_sense_is_refused(client: Client, query: dict[str, Any]) -> None:
    meeting = make_meeting()
    assert client.get(f"/api/meetings/{meeting.pk}/segments", query).status_code == 422
