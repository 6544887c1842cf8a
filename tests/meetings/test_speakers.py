import json
from typing import Any

import pytest
from django.test import Client

from chat.models import Event
from meetings import services, speakers
from meetings.models import FINAL_REV, Meeting, Segment, StageResult

pytestmark = pytest.mark.django_db(transaction=True)
JSON = "application/json"
LINES = (  # key, seconds, label, text
    ("000000-00", 0, 4, "Speaker 1", "good morning everyone"),
    ("000000-01", 4, 10, "Speaker 2", "good morning"),
    ("000001-00", 10, 12, "Speaker 1", "shall we begin"),
    ("000001-01", 12, 15, "Speaker 3", "yes"),
    ("000002-00", 15, 16, "", "hm"),
)


@pytest.fixture
def meeting() -> Meeting:
    """Three voices and somebody unknown, nobody has a name."""
    meeting = services.start_meeting()
    for position, (key, start, end, label, text) in enumerate(LINES):
        Segment.objects.create(
            meeting=meeting,
            key=key,
            position=position,
            start_ms=start * 1000,
            end_ms=end * 1000,
            speaker_label=label,
            speaker=label,
            text=text,
        )
    return meeting


@pytest.fixture
def address(meeting: Meeting) -> str:
    return f"/api/meetings/{meeting.pk}/speakers"


def list_shown(meeting: Meeting) -> list[str]:
    return list(meeting.segments.values_list("speaker", flat=True))


def list_revised(meeting: Meeting) -> list[dict[str, Any]]:
    rows = Event.objects.filter(conversation_id=meeting.pk, type="segment")
    return [json.loads(row.frame) for row in rows.order_by("seq")]


def test_api_speakers_list_says_who_talks_how_long(client: Client, address: str) -> None:
    answer = client.get(address).json()
    talk = {voice["label"]: (voice["talk_ms"], voice["share"]) for voice in answer["speakers"]}
    assert talk == {
        "Speaker 1": (6000, 0.4),
        "Speaker 2": (6000, 0.4),
        "Speaker 3": (3000, 0.2),
    }
    assert answer["unassigned_ms"] == 1000
    assert answer["engine"] == "none"
    assert answer["reason"] == "speakers are told apart after the recording"


def test_api_speakers_list_names_engine_and_reason(
    client: Client, meeting: Meeting, address: str
) -> None:
    result = {"engine": "none", "reason": "DIARIZER is none"}
    stage = StageResult.objects.create(
        meeting=meeting, name="diarize", status="completed", result=result
    )
    assert client.get(address).json()["reason"] == "DIARIZER is none"
    StageResult.objects.filter(pk=stage.pk).update(status="failed", result={}, error="it broke")
    assert client.get(address).json()["reason"] == "it broke"


def test_api_speakers_rename_answers_the_whole_voice(client: Client, address: str) -> None:
    answer = client.patch(f"{address}/Speaker 1", {"name": " Ana  B "}, content_type=JSON)
    assert answer.status_code == 200
    assert answer.json()["speakers"][0] == {
        "label": "Speaker 1",
        "name": "Ana B",
        "is_named": True,
        "merged": [],
        "talk_ms": 6000,
        "share": 0.4,
        "segments": 2,
        "words": 6,
        "first_ms": 0,
    }


def test_rename_shows_in_segments_and_in_revised_frames(meeting: Meeting) -> None:
    speakers.rename_speaker(meeting, "Speaker 3", "Cy")
    assert list_shown(meeting) == ["Speaker 1", "Speaker 2", "Speaker 1", "Cy", ""]
    (frame,) = list_revised(meeting)
    assert (frame["state"], frame["id"], frame["speaker"]) == ("revised", "000001-01", "Cy")
    assert frame["rev"] == FINAL_REV + 1
    assert meeting.segments.get(key="000001-01").rev == FINAL_REV + 1


def test_empty_name_takes_the_name_away(meeting: Meeting) -> None:
    speakers.rename_speaker(meeting, "Speaker 3", "Cy")
    speakers.rename_speaker(meeting, "Speaker 3", " ")
    assert "Cy" not in list_shown(meeting)


def test_same_name_again_changes_no_segment(meeting: Meeting) -> None:
    speakers.rename_speaker(meeting, "Speaker 1", "Ana")
    speakers.rename_speaker(meeting, "Speaker 1", "Ana")
    assert len(list_revised(meeting)) == 2


def test_api_speakers_rename_to_the_name_of_another_is_refused(
    client: Client, meeting: Meeting, address: str
) -> None:
    speakers.rename_speaker(meeting, "Speaker 1", "Ana")
    answer = client.patch(f"{address}/Speaker 2", {"name": "ANA"}, content_type=JSON)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


@pytest.mark.parametrize("name", ["a\nb", "\u202eanA", "x" * 81, "x" * 500, "Speaker 2", None, 7.5])
def test_api_speakers_rename_refuses_bad_names(client: Client, address: str, name: object) -> None:
    answer = client.patch(f"{address}/Speaker 1", {"name": name}, content_type=JSON)
    if name == 7.5:  # DRF writes numbers as text
        assert answer.status_code == 200
        return
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "name"


@pytest.mark.parametrize("label", ["Speaker 9", "Ana", "merge", "x" * 100, "%00", "<script>"])
def test_api_speakers_rename_of_nobody_is_404(client: Client, address: str, label: str) -> None:
    answer = client.patch(f"{address}/{label}", {"name": "Ana"}, content_type=JSON)
    assert answer.status_code in {404, 405}


def test_api_speakers_of_no_meeting_is_404(client: Client) -> None:
    answer = client.get("/api/meetings/nothing/speakers")
    assert (answer.status_code, answer.json()["detail"]) == (404, "Session not found")


def test_merged_voices_are_one_speaker(client: Client, meeting: Meeting, address: str) -> None:
    body = {"from": "Speaker 3", "into": "Speaker 2"}
    answer = client.post(f"{address}/merge", body, content_type=JSON)
    voice = answer.json()["speakers"][0]
    assert (voice["label"], voice["talk_ms"], voice["merged"]) == ("Speaker 2", 9000, ["Speaker 3"])
    assert list_shown(meeting)[3] == "Speaker 2"


def test_merge_keeps_the_one_name_there_is(meeting: Meeting) -> None:
    speakers.rename_speaker(meeting, "Speaker 3", "Cy")
    speakers.merge_speakers(meeting, "Speaker 3", "Speaker 2")
    assert list_shown(meeting) == ["Speaker 1", "Cy", "Speaker 1", "Cy", ""]


def test_merges_in_a_row_end_at_the_last_voice(meeting: Meeting) -> None:
    speakers.merge_speakers(meeting, "Speaker 3", "Speaker 2")
    speakers.merge_speakers(meeting, "Speaker 2", "Speaker 1")
    assert list_shown(meeting) == ["Speaker 1"] * 4 + [""]


@pytest.mark.parametrize(
    ("source", "into", "status"),
    [
        ("Speaker 1", "Speaker 1", 409),
        ("Speaker 2", "Speaker 1", 409),
        ("Speaker 1", "Speaker 2", 409),
        ("Speaker 9", "Speaker 1", 404),
        ("Speaker 1", "Speaker 9", 404),
        ("Speaker 1", "", 422),
    ],
)
def test_api_speakers_merge_refuses_a_circle_and_nobody(
    client: Client, meeting: Meeting, address: str, source: str, into: str, status: int
) -> None:
    speakers.merge_speakers(meeting, "Speaker 2", "Speaker 1")
    body = {"from": source, "into": into}
    answer = client.post(f"{address}/merge", body, content_type=JSON)
    assert answer.status_code == status


def test_segments_are_given_to_another_speaker(
    client: Client, meeting: Meeting, address: str
) -> None:
    body = {"segments": ["000000-01", "000001-00"], "speaker": "Speaker 3"}
    answer = client.post(f"{address}/assign", body, content_type=JSON)
    assert answer.status_code == 200
    assert list_shown(meeting) == ["Speaker 1", "Speaker 3", "Speaker 3", "Speaker 3", ""]
    assert meeting.speaker_ranges.count() == 1


def test_segments_apart_leave_those_between_alone(meeting: Meeting) -> None:
    speakers.assign_segments(meeting, ["000000-00", "000001-01"], "Speaker 2")
    assert list_shown(meeting) == ["Speaker 2", "Speaker 2", "Speaker 1", "Speaker 2", ""]


def test_range_is_given_to_a_new_speaker(client: Client, meeting: Meeting, address: str) -> None:
    body = {"start_ms": 13_000, "end_ms": 16_000, "speaker": "Dora"}
    answer = client.post(f"{address}/assign", body, content_type=JSON)
    assert answer.json()["unassigned_ms"] == 0
    voice = next(v for v in answer.json()["speakers"] if v["name"] == "Dora")
    assert (voice["label"], voice["talk_ms"], voice["is_named"]) == ("Person 1", 4000, True)
    assert list_shown(meeting)[3:] == ["Dora", "Dora"]


def test_speaker_may_be_given_by_name(meeting: Meeting) -> None:
    speakers.rename_speaker(meeting, "Speaker 1", "Ana")
    speakers.assign_segments(meeting, ["000002-00"], "ana")
    assert list_shown(meeting)[4] == "Ana"
    assert meeting.speakers.count() == 1


def test_name_in_another_spelling_is_no_new_speaker(meeting: Meeting) -> None:
    speakers.rename_speaker(meeting, "Speaker 1", "Zo\u00eb  B")
    speakers.assign_segments(meeting, ["000002-00"], " Zoe\u0308 B")
    assert list_shown(meeting)[4] == "Zo\u00eb B"
    assert meeting.speakers.count() == 1


def test_later_assignment_replaces_those_inside_it(meeting: Meeting) -> None:
    speakers.assign_segments(meeting, ["000000-00"], "Speaker 2")
    speakers.assign_range(meeting, 0, 5000, "Speaker 3")
    assert meeting.speaker_ranges.count() == 1
    assert list_shown(meeting)[0] == "Speaker 3"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"speaker": "Ana"}, 422),
        ({"speaker": "Ana", "start_ms": 0}, 422),
        ({"speaker": "Ana", "start_ms": 9, "end_ms": 3}, 422),
        ({"speaker": "Ana", "start_ms": 0, "end_ms": 9, "segments": ["a"]}, 422),
        ({"speaker": "Ana", "segments": []}, 422),
        ({"speaker": "Ana", "segments": ["000000-00", "nothing"]}, 404),
        ({"speaker": "Ana", "start_ms": 90_000, "end_ms": 99_000}, 404),
        ({"speaker": "a\tb", "segments": ["000000-00"]}, 422),
        ({"speaker": "Speaker 7", "segments": ["000000-00"]}, 422),
        ({"segments": ["000000-00"]}, 422),
    ],
)
def test_api_speakers_assign_refuses_nonsense(
    client: Client, meeting: Meeting, address: str, body: dict[str, object], status: int
) -> None:
    answer = client.post(f"{address}/assign", body, content_type=JSON)
    assert answer.status_code == status
    assert list_shown(meeting) == [label for _, _, _, label, _ in LINES]
    assert not meeting.speakers.exists()


def test_anonymise_takes_names_away_and_nothing_else(meeting: Meeting) -> None:
    speakers.rename_speaker(meeting, "Speaker 1", "Ana")
    speakers.assign_range(meeting, 15_000, 16_000, "Dora")
    speakers.anonymise_speakers(meeting)
    assert list_shown(meeting) == [
        "Speaker 1",
        "Speaker 2",
        "Speaker 1",
        "Speaker 3",
        "Person 1",
    ]
