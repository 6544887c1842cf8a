from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from meetings.models import Segment, StageResult
from tests.meetings.library.shelf import TAKEN_AT, make_full_meeting, make_meeting

pytestmark = pytest.mark.django_db
NEXT_DAY = TAKEN_AT + timedelta(days=1)


def list_titles(client: Client, **query: Any) -> list[str]:
    answer = client.get("/api/meetings", query).json()
    return [row["title"] for row in answer["results"]]


@pytest.mark.parametrize(
    "wish",
    [
        {"q": "fruit"},
        {"q": "pomegranate"},
        {"q": "FRU"},
        {"speaker": "speaker 1"},
        {"mood": "positive"},
        {"tag": "shop"},
        {"language": "EN"},
        {"engine": "whisper_cli"},
        {"has_audio": "true"},
        {"ended_abruptly": "false"},
        {"status": "completed"},
        {"to": "2026-05-04"},
        {"to": "2026-05-04T12:00:00Z"},
        {"q": "pomegranate", "mood": "positive", "tag": "shop", "speaker": "Speaker 2"},
    ],
)
def test_a_filter_keeps_what_is_asked_for(client: Client, wish: dict[str, str]) -> None:
    make_full_meeting()
    make_meeting(
        "Other",
        created_at=NEXT_DAY,
        status="failed",
        language="de",
        ended_abruptly=True,
        tags=["shopping"],
    )
    assert list_titles(client, **wish) == ["Fruit"]


@pytest.mark.parametrize(
    "wish",
    [
        {"q": "elephant"},
        {"speaker": "Speaker"},
        {"mood": "negative"},
        {"tag": "sho"},
        {"language": "de"},
        {"engine": "pocketsphinx"},
        {"has_audio": "false"},
        {"ended_abruptly": "true"},
        {"status": "failed,cancelled"},
        {"from": "2026-05-05"},
        {"to": "2026-05-03"},
    ],
)
def test_a_filter_leaves_out_what_is_different(client: Client, wish: dict[str, str]) -> None:
    make_full_meeting()
    assert list_titles(client, **wish) == []


@pytest.mark.parametrize(
    "wish",
    [
        {"status": "dead"},
        {"mood": "blue"},
        {"sort": "shortest"},
        {"from": "May"},
        {"page": "0"},
        {"limit": "101"},
        {"has_audio": "perhaps"},
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(client: Client, wish: dict[str, str]) -> None:
    answer = client.get("/api/meetings", wish)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == list(wish)


@pytest.mark.parametrize("typed", ['"', "NEAR(a", "%", "_", "x" * 1000, "'; --", "😀", "a:*"])
def test_nothing_typed_breaks_the_list(client: Client, typed: str) -> None:
    make_full_meeting()
    assert list_titles(client, q=typed) == []


def test_marks_in_a_title_are_found(client: Client) -> None:
    make_meeting("100 % (draft)")
    assert list_titles(client, q="% (") == ["100 % (draft)"]


def test_several_statuses_can_be_asked_for_and_each_is_counted(client: Client) -> None:
    for status in ("failed", "cancelled", "completed", "completed"):
        make_meeting(status, status=status)
    answer = client.get("/api/meetings", {"status": "failed, cancelled"}).json()
    assert {row["title"] for row in answer["results"]} == {"failed", "cancelled"}
    assert answer["total"] == 2
    assert answer["counts"] == {
        "recording": 0,
        "processing": 0,
        "completed": 2,
        "failed": 1,
        "cancelled": 1,
    }


def test_the_engine_asked_for_counts_where_nothing_was_heard_yet(client: Client) -> None:
    make_meeting("Asked", engine="pocketsphinx", status="recording")
    assert list_titles(client, engine="pocketsphinx") == ["Asked"]


@pytest.mark.parametrize(
    ("order", "titles"),
    [
        ("newest", ["b", "C", "a"]),
        ("oldest", ["a", "C", "b"]),
        ("title", ["a", "b", "C"]),
        ("longest", ["C", "b", "a"]),
    ],
)
def test_the_list_is_sorted_as_asked(client: Client, order: str, titles: list[str]) -> None:
    for days, (title, duration) in enumerate([("a", 1), ("C", 9), ("b", 5)]):
        make_meeting(title, created_at=TAKEN_AT + timedelta(days=days), duration_ms=duration)
    assert list_titles(client, sort=order) == titles


def test_what_was_corrected_is_found_in_the_list(client: Client) -> None:
    make_full_meeting()
    Segment.objects.filter(key="s0").update(text="we order the elephants")
    StageResult.objects.filter(name="summary").update(result={"summary": "Elephants."})
    assert list_titles(client, q="elephant") == ["Fruit"]
