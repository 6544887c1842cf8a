import pytest
from django.db import connection, transaction
from django.forms.models import model_to_dict
from django.test.utils import CaptureQueriesContext

from chat.models import Conversation
from intellibooks.rows import read_row
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


def test_row_that_is_not_there_is_none() -> None:
    assert read_row(AudioChunk, meeting="nothing", index=0) is None
    assert read_row(Conversation, id="' OR 1=1 --") is None


def test_row_is_held_where_the_database_can() -> None:
    made = services.start_meeting()
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        assert read_row(Conversation, id=made.pk, is_locked=True) == made.conversation
    is_held = asked[0]["sql"].endswith("FOR UPDATE")
    assert is_held == connection.features.has_select_for_update
