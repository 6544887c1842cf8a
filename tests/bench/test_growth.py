import pytest

from bench.growth_fill import deepen, store
from bench.parts.growth import compare, pairs
from bench.report import Row
from chat.models import Event
from meetings import services
from meetings.library.filters import Filters
from meetings.library.listing import list_meetings
from meetings.models import Meeting
from tests.factories import make_silence, send_chunk


@pytest.mark.django_db(transaction=True)
def test_deepened_meeting_goes_on_where_it_would_be() -> None:
    meeting = services.start_meeting()
    send_chunk(meeting, 0, make_silence(0.1))
    deepen(meeting.pk, 12)
    receipt = send_chunk(meeting, 12, make_silence(0.1))
    assert (receipt.meeting.total_chunks, receipt.missing) == (13, [])
    seqs = list(Event.objects.filter(conversation=meeting.pk).values_list("seq", flat=True))
    assert seqs == list(range(1, len(seqs) + 1))
    assert len(seqs) > 33


@pytest.mark.django_db(transaction=True)
def test_stored_meetings_are_found_in_the_library() -> None:
    store(0, 3)
    store(3, 5)
    assert list_meetings(Meeting.objects.all(), Filters())["total"] == 5


def test_last_row_is_compared_with_the_first() -> None:
    rows: list[Row] = [{"length": "a", "chunk ms": 2.0}, {"length": "b", "chunk ms": 3.0}]
    assert compare(rows) == {"length": "last / first", "chunk ms": 1.5}


def test_each_filling_starts_where_the_last_ended() -> None:
    assert pairs((10, 100)) == [(0, 10), (10, 100)]
