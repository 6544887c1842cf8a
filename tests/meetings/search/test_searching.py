from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from chat.frames import format_utc
from chat.models import Membership
from intellibooks.identity import Identity
from meetings.models import Meeting
from tests.meetings.search.said import find, make_meeting, say

pytestmark = pytest.mark.django_db


def test_a_word_said_in_one_meeting_of_fifty_is_found_with_its_second(client: Client) -> None:
    meetings = [make_meeting(f"we talk about topic{n}", title=f"Week {n}") for n in range(50)]
    told = meetings[31]
    say(told, "the pomegranates are ripe", at=754.0, speaker="Maria")
    answer = client.get("/api/search", {"q": "pomegranate"}).json()
    score = answer["results"][0].pop("score")
    assert score > 0
    assert answer == {
        "results": [
            {
                "kind": "segment",
                "part": None,
                "session_id": told.pk,
                "title": "Week 31",
                "created_at": format_utc(told.created_at),
                "start_ms": 754_000,
                "segment": "s1",
                "message": None,
                "speaker": "Maria",
                "snippet": "the pomegranates are ripe",
                "highlights": [[4, 16]],
            }
        ],
        "total": 1,
        "is_capped": False,
        "next": None,
    }


def test_no_query_finds_nothing(client: Client) -> None:
    make_meeting("budget")
    empty = {"results": [], "total": 0, "is_capped": False, "next": None}
    assert client.get("/api/search").json() == empty


def test_markup_stays_text() -> None:
    make_meeting("<script>alert(1)</script>")
    result = find("script ")[0]
    assert result["snippet"] == "<script>alert(1)</script>"
    assert result["highlights"] == [[1, 7], [18, 24]]


def test_the_title_comes_before_what_was_said() -> None:
    make_meeting("budget and many other words about nothing")
    make_meeting(title="Budget")
    assert [result["kind"] for result in find("budget ")] == ["title", "segment"]


def test_only_the_rooms_one_may_see_are_searched(client: Client) -> None:
    meeting = make_meeting("the elephant")
    Membership.objects.create(conversation_id=meeting.pk, user_id="ana", role="viewer")
    assert client.get("/api/search", {"q": "elephant"}).json()["total"] == 0
    assert len(find("elephant", Identity(user_id="ana"))) == 1
    assert find("elephant", Identity(user_id="bob")) == []


def test_filters_narrow_the_search(client: Client) -> None:
    meeting = make_meeting(title="Elephant")
    Meeting.objects.update(created_at=datetime(2026, 5, 4, 12, tzinfo=UTC))
    say(meeting, "an elephant", speaker="Ana")
    make_meeting("an elephant")

    def count(**query: str) -> int:
        return int(client.get("/api/search", {"q": "elephant", **query}).json()["total"])

    assert count() == 3
    assert count(speaker="ana") == 1
    assert count(kind="title") == 1
    assert count(kind="title,segment") == 3
    assert count(meeting=meeting.pk) == 2
    assert count(to="2026-05-04") == 2
    assert count(**{"from": "2026-05-05"}) == 1
    assert count(**{"from": "2026-05-04T13:00:00Z"}) == 1
    assert count(**{"from": "2026-05-04T11:00:00Z", "to": "2026-05-04T12:30:00Z"}) == 2


@pytest.mark.parametrize(
    "query", [{"kind": "all"}, {"from": "May"}, {"to": "2026-13-01"}, {"limit": "0"}]
)
def test_a_filter_that_makes_no_sense_is_refused(client: Client, query: dict[str, str]) -> None:
    assert client.get("/api/search", {"q": "a", **query}).status_code == 422


def test_pages_hold_every_result_once(client: Client) -> None:
    make_meeting("elephant")
    meeting = make_meeting()
    for number in range(6):
        say(meeting, f"elephant {number}")
    seen: list[str] = []
    cursor: str | None = "0"
    while cursor is not None:
        query = {"q": "elephant", "limit": "3", "cursor": cursor}
        page = client.get("/api/search", query).json()
        seen += [result["snippet"] for result in page["results"]]
        cursor = page["next"]
    assert sorted(seen) == ["elephant", *(f"elephant {number}" for number in range(6))]


def test_the_number_of_queries_does_not_grow_with_the_results(
    django_assert_num_queries: Any,
) -> None:
    for number in range(9):
        make_meeting("elephant", title=f"Elephant {number}")
    with django_assert_num_queries(2):
        assert len(find("elephant ")) == 18
