import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from meetings.desk.overview import read_overview
from meetings.models import Meeting, Speaker, StageResult, Transition
from tests.meetings.desk.conftest import HOSTILE, LIST, complete

pytestmark = pytest.mark.django_db


def count_queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_a_list_of_fifty_asks_as_much_as_one_of_five(desk: Client) -> None:
    for _ in range(5):
        complete(owner="alice")
    few = count_queries(desk, LIST)
    for _ in range(45):
        complete(owner="alice")
    assert count_queries(desk, LIST) == few
    assert few <= 20


def test_a_row_says_what_a_meeting_is_recognised_by(desk: Client) -> None:
    complete("Budget", owner="alice")
    page = desk.get(LIST).content.decode()
    for words in ("Budget", "completed", "2:00", "positive", "+0.40", "alice", "pocketsphinx"):
        assert words in page


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("q=Weekly", True),
        ("q=monday", True),
        ("q=Ana", True),
        ("q=nothing-like-it", False),
        ("audio=no", True),
        ("audio=yes", False),
        ("mood=positive", True),
        ("mood=negative", False),
        ("heard_by=pocketsphinx", True),
        ("heard_by=deepgram", False),
        ("failed=any", False),
        ("length=1+to+10+min", True),
        ("length=over+an+hour", False),
        ("tag=team", True),
        ("owner=alice", True),
        ("owner=bob", False),
        ("language__exact=en", True),
        ("status__exact=failed", False),
        ("ended_abruptly__exact=1", False),
    ],
)
def test_meetings_are_narrowed_down(desk: Client, query: str, is_found: bool) -> None:
    meeting = complete(owner="alice")
    Speaker.objects.create(meeting=meeting, label="Speaker 1", name="Ana")
    complete("Other", owner="alice", lines=0)
    page = desk.get(f"{LIST}?{query}").content.decode()
    assert (meeting.pk in page) == is_found


def test_a_meeting_is_found_by_its_id_and_by_a_failed_stage(desk: Client, meeting: Meeting) -> None:
    complete("Other")
    meeting.stages.filter(name="mood").update(status=StageResult.Status.FAILED)
    for query in (f"q={meeting.pk}", "failed=mood", "failed=any"):
        page = desk.get(f"{LIST}?{query}").content.decode()
        assert meeting.pk in page
        assert "Other" not in page


def test_facets_count_for_every_filter(desk: Client, meeting: Meeting) -> None:
    page = desk.get(f"{LIST}?_facets=True").content.decode()
    for words in ("positive (1)", "negative (0)", "team (1)", "pocketsphinx (1)"):
        assert words in page


@pytest.mark.parametrize("column", range(1, 10))
def test_every_column_can_be_sorted_by(desk: Client, meeting: Meeting, column: int) -> None:
    complete("Silent", lines=0)
    assert desk.get(f"{LIST}?o=-{column}").status_code == 200


def test_the_strip_counts_failures_and_measures_processing(meeting: Meeting) -> None:
    for new in ("processing", "failed", "processing", "completed"):
        Transition.objects.create(meeting=meeting, new=new, actor="test")
    told = read_overview()
    assert (told.counts["completed"], told.failed_recently) == (1, 1)
    assert told.processing_seconds is not None
    assert told.processing_seconds >= 0


def test_a_hostile_title_is_shown_as_text(desk: Client) -> None:
    complete(HOSTILE)
    answer = desk.get(LIST)
    page = answer.content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
