import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from meetings import pipeline, services
from meetings.models import Meeting
from tests.factories import make_tone, send_chunk

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("reviewer"))
    return client


@pytest.fixture
def meeting() -> Meeting:
    meeting = services.start_meeting(title="Weekly")
    for index in (0, 2):
        send_chunk(meeting, index, make_tone(pitch=300 + index))
    send_chunk(meeting, 0, make_tone(pitch=900))
    services.end_recording(meeting.pk, actor="test")
    pipeline.process_meeting(meeting.pk)
    return services.get_meeting(meeting.pk)


@pytest.mark.parametrize(
    "name", ["meeting", "audiochunk", "conflictingchunk", "segment", "stageresult"]
)
def test_lists_can_be_read(desk: Client, meeting: Meeting, name: str) -> None:
    page = desk.get(f"/admin/meetings/{name}/?q={meeting.pk}")
    assert page.status_code == 200
    assert meeting.pk in page.content.decode()


def test_page_of_a_meeting_shows_its_parts_and_its_holes(desk: Client, meeting: Meeting) -> None:
    page = desk.get(f"/admin/meetings/meeting/{meeting.pk}/change/").content.decode()
    for words in ("[missing audio 00:01-00:02]", "keywords", "completed", "pipeline"):
        assert words in page


def test_nothing_can_be_changed_by_hand(desk: Client, meeting: Meeting) -> None:
    desk.post(f"/admin/meetings/meeting/{meeting.pk}/change/", {"status": "failed"})
    meeting.refresh_from_db()
    assert meeting.status == "completed"
    assert desk.get("/admin/meetings/meeting/add/").status_code == 403


def test_list_asks_no_query_per_row(
    desk: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(20):
        services.start_meeting()
    with django_assert_max_num_queries(20):
        desk.get("/admin/meetings/meeting/")


def test_strangers_see_nothing(client: Client, meeting: Meeting) -> None:
    assert client.get("/admin/meetings/meeting/").status_code == 302
