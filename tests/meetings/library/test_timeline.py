import pytest
from django.test import Client
from pytest_django import Settings

from meetings import pipeline, services, speakers
from meetings.models import Meeting
from tests.factories import make_tone, send_chunk
from tests.meetings.library.shelf import make_full_meeting, make_meeting

pytestmark = pytest.mark.django_db
LANES = [
    {
        "label": "Speaker 1",
        "name": "Speaker 1",
        "seconds": 9.0,
        "share": 0.6429,
        "turns": 2,
    },
    {
        "label": "Speaker 2",
        "name": "Speaker 2",
        "seconds": 5.0,
        "share": 0.3571,
        "turns": 1,
    },
]
SAID = (
    "we agreed to order the blue cables on monday",
    "maria will send the budget to the supplier by friday",
    "i am very happy with this excellent result",
)


def read(client: Client, meeting: Meeting) -> dict[str, object]:
    body: dict[str, object] = client.get(f"/api/meetings/{meeting.pk}/timeline").json()
    return body


def test_the_timeline_of_a_completed_meeting(client: Client) -> None:
    meeting = make_full_meeting()
    assert read(client, meeting) == {
        "session_id": meeting.pk,
        "duration_ms": 24_000,
        "speakers": LANES,
        "turns": [
            [0, 4000, "Speaker 1"],
            [4500, 9500, "Speaker 2"],
            [15_000, 20_000, "Speaker 1"],
        ],
        "mood_curve": [{"start_ms": 0, "end_ms": 9500, "score": -0.5}],
        "agenda": [
            {"start_ms": 0, "end_ms": 9500, "topic": "Fruit"},
            {"start_ms": 15_000, "end_ms": 15_000, "topic": "Bills"},
        ],
        "silence": [[12_000, 15_000], [20_000, 24_000]],
        "gaps": [[10_000, 12_000]],
        "markers": [
            {
                "kind": "decision",
                "start_ms": 0,
                "text": "Order pomegranates.",
                "speaker": None,
            },
            {"kind": "action", "start_ms": 4500, "text": "Pay", "speaker": "Maria"},
            {"kind": "question", "start_ms": 8000, "text": "Who pays?", "speaker": None},
        ],
    }


def process(said: tuple[str, ...]) -> Meeting:
    """A meeting of two seconds in which these sentences are said to have been heard."""
    meeting = services.start_meeting()
    send_chunk(meeting, 0, make_tone(2.0))
    heard = [
        {"start": place * 0.6, "end": place * 0.6 + 0.5, "text": text, "words": []}
        for place, text in enumerate(said)
    ]
    meeting.chunks.update(state="transcribed", samples=32_000, heard=heard, text=" ".join(said))
    services.end_recording(meeting.pk, actor="client")
    assert pipeline.process_meeting(meeting.pk)
    return services.get_meeting(meeting.pk)


def test_what_the_pipeline_makes_of_a_meeting_can_be_drawn(
    client: Client, settings: Settings
) -> None:
    settings.FINAL_TRANSCRIPTION = "never"
    timeline = read(client, process(SAID))
    assert timeline["duration_ms"] == 2000
    assert timeline["turns"] == [[0, 1700, None]]
    assert timeline["mood_curve"] == [
        {"start_ms": 0, "end_ms": 500, "score": 0.0},
        {"start_ms": 600, "end_ms": 1100, "score": 0.0},
        {"start_ms": 1200, "end_ms": 1700, "score": 0.827},
    ]
    assert timeline["agenda"] == [{"start_ms": 0, "end_ms": 1700, "topic": "Order"}]
    assert timeline["markers"] == [
        {
            "kind": "decision",
            "start_ms": 0,
            "text": "Order the blue cables on Monday.",
            "speaker": None,
        },
        {
            "kind": "action",
            "start_ms": 600,
            "text": "Send the budget to the supplier",
            "speaker": "Maria",
        },
    ]


def test_the_timeline_of_a_meeting_that_records_is_empty(client: Client) -> None:
    meeting = services.start_meeting()
    assert read(client, meeting) == {
        "session_id": meeting.pk,
        "duration_ms": 0,
        "speakers": [],
        "turns": [],
        "mood_curve": [],
        "agenda": [],
        "silence": [],
        "gaps": [],
        "markers": [],
    }


def test_a_recording_in_which_nobody_speaks_is_silent(client: Client) -> None:
    assert read(client, make_meeting(duration_ms=9000))["silence"] == [[0, 9000]]


def test_a_named_speaker_keeps_the_label_of_the_lane(client: Client) -> None:
    meeting = make_full_meeting()
    speakers.rename_speaker(meeting, "Speaker 1", "Rosalind")
    timeline = client.get(f"/api/meetings/{meeting.pk}/timeline").json()
    assert timeline["speakers"][0]["name"] == "Rosalind"
    assert timeline["turns"][0] == [0, 4000, "Speaker 1"]


def test_merged_speakers_are_one_lane(client: Client) -> None:
    meeting = make_full_meeting()
    speakers.merge_speakers(meeting, "Speaker 2", "Speaker 1")
    assert read(client, meeting)["turns"] == [
        [0, 9500, "Speaker 1"],
        [15_000, 20_000, "Speaker 1"],
    ]
