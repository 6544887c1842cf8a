from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.forms.models import model_to_dict
from django.test.utils import CaptureQueriesContext

from chat.models import Conversation, Event, Membership
from intellibooks.rows import insert_row, insert_rows, read_joined, read_row, read_rows, update_row
from meetings import services
from meetings.models import AudioChunk, Meeting
from tests.factories import make_silence, send_chunk

pytestmark = pytest.mark.django_db(transaction=True)


def test_row_is_what_the_orm_gives() -> None:
    made = services.start_meeting(tags=["a", "b"], language="de")
    send_chunk(made, 0, make_silence(0.1))
    meeting, usual = read_row(Meeting, conversation=made.pk), Meeting.objects.get(pk=made.pk)
    assert meeting is not None
    assert model_to_dict(meeting) == model_to_dict(usual)
    assert (meeting.tags, meeting.created_at) == (["a", "b"], usual.created_at)
    chunk, known = read_row(AudioChunk, meeting=made.pk, index=0), AudioChunk.objects.get()
    assert chunk == known
    assert model_to_dict(chunk) == model_to_dict(known)
    chunk.text = "it can be saved"
    chunk.save()
    assert AudioChunk.objects.get().text == "it can be saved"


def test_joined_rows_come_in_one_question() -> None:
    made = services.start_meeting(title="Ä", tags=["a"], owner="alice")
    services.start_meeting()
    with CaptureQueriesContext(connection) as asked:
        meeting = read_joined(Meeting, "conversation", conversation=made.pk)
        assert meeting is not None
        assert model_to_dict(meeting) == model_to_dict(made)
        assert model_to_dict(meeting.conversation) == model_to_dict(made.conversation)
        assert meeting.conversation.created_at == made.conversation.created_at
    assert len(asked) == 1
    assert read_joined(Meeting, "conversation", conversation="nothing") is None


def test_row_that_is_not_there_is_none() -> None:
    assert read_row(AudioChunk, meeting="nothing", index=0) is None
    assert read_row(Conversation, id="' OR 1=1 --") is None


def test_row_is_held_where_the_database_can() -> None:
    made = services.start_meeting()
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        assert read_row(Conversation, id=made.pk, is_locked=True) == made.conversation
    is_held = asked[0]["sql"].endswith("FOR UPDATE")
    assert is_held == connection.features.has_select_for_update


def test_rows_of_a_key_come_all() -> None:
    room = services.start_meeting(owner="alice").conversation
    room.memberships.create(user_id="bob", role=Membership.Role.VIEWER)
    found = read_rows(Membership, conversation=room.pk)
    assert {(one.user_id, one.role) for one in found} == {("alice", "owner"), ("bob", "viewer")}
    assert read_rows(Membership, conversation="nothing") == []


def test_new_rows_are_what_the_orm_would_have_made() -> None:
    meeting = services.start_meeting()
    alone, *more = (
        AudioChunk(meeting=meeting, index=index, name="n", sha256="", size=7, heard=[{"a": "%s"}])
        for index in range(2)
    )
    insert_row(alone)
    insert_rows(more)
    first, second = AudioChunk.objects.order_by("index")
    assert alone == first
    usual = AudioChunk.objects.create(
        meeting=meeting, index=2, name="n", sha256="", size=7, heard=[{"a": "%s"}]
    )
    usual.refresh_from_db()
    unlike = {"id", "index", "received_at"}
    made = [model_to_dict(one, exclude=unlike) for one in (first, second, usual)]
    assert made[0] == made[1] == made[2]
    assert abs(first.received_at - usual.received_at) < timedelta(minutes=1)


def test_time_that_django_sets_is_set() -> None:
    room = services.start_meeting().conversation
    insert_rows([Event(conversation=room, seq=77, type="x", frame="{}")])
    made = Event.objects.get(seq=77)
    assert abs(made.created_at - datetime.now(UTC)) < timedelta(minutes=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows([Event(conversation=room, seq=77, type="x", frame="{}")])


def test_no_rows_are_no_statement() -> None:
    with CaptureQueriesContext(connection) as asked:
        insert_rows([])
    assert len(asked) == 0


def test_named_fields_alone_are_updated() -> None:
    room = services.start_meeting().conversation
    other = services.start_meeting().conversation
    before = Conversation.objects.get(pk=room.pk)
    room.last_seq, room.title = 99, "not this one"
    update_row(room, ("last_seq", "updated_at"))
    after = Conversation.objects.get(pk=room.pk)
    assert (after.last_seq, after.title) == (99, before.title)
    assert after.updated_at > before.updated_at
    assert Conversation.objects.get(pk=other.pk).last_seq < 99


def test_clock_of_a_row_is_the_database_s() -> None:
    meeting = services.start_meeting()
    Meeting.objects.filter(pk=meeting.pk).update(last_activity_at=datetime(2020, 1, 1, tzinfo=UTC))
    meeting.total_chunks = 5
    update_row(meeting, ("total_chunks",), clocks=("last_activity_at",))
    after = Meeting.objects.get(pk=meeting.pk)
    assert after.total_chunks == 5
    assert abs(after.last_activity_at - datetime.now(UTC)) < timedelta(minutes=1)
