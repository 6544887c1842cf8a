import pytest

from chat import history
from chat.models import Conversation, ReadMark
from intellibooks.errors import InvalidRequest
from intellibooks.identity import Identity

pytestmark = pytest.mark.django_db
ALICE = Identity("alice")


@pytest.fixture
def room() -> Conversation:
    room = Conversation.objects.create(pk="session-1", last_seq=9)
    for number in range(1, 4):
        room.messages.create(role="user", content=f"m{number}", seq=number)
    return room


def read(room: Conversation, **wishes: object) -> list[str]:
    page = history.read_history(room, **wishes)  # type: ignore[arg-type] # fields of a frame
    return [message.content for message in page.messages]


def test_the_newest_messages_come_oldest_first(room: Conversation) -> None:
    assert read(room, limit=2) == ["m2", "m3"]
    assert history.read_history(room, limit=2).has_more
    assert not history.read_history(room, limit=3).has_more


def test_messages_from_before_seqs_were_kept_have_their_order(room: Conversation) -> None:
    room.messages.all().delete()
    old = [room.messages.create(role="user", content=f"old{number}") for number in range(3)]
    assert read(room) == ["old0", "old1", "old2"]
    assert read(room, before=str(old[2].pk), limit=5) == ["old0", "old1"]


@pytest.mark.parametrize("limit", [0, 101, "5", 2.0, True, -1])
def test_a_limit_that_makes_no_sense_is_refused(limit: object) -> None:
    with pytest.raises(InvalidRequest):
        history.read_limit(limit)


def test_a_read_mark_only_moves_forward(room: Conversation) -> None:
    assert history.mark_read(room, ALICE, 5) == 5
    assert history.mark_read(room, ALICE, 3) is None
    assert history.mark_read(room, ALICE, 5) is None
    assert history.mark_read(room, ALICE, 7) == 7
    assert ReadMark.objects.get().seq == 7


def test_nobody_has_read_what_was_not_said(room: Conversation) -> None:
    assert history.mark_read(room, ALICE, 2**62) == 9


def test_a_nameless_person_has_no_read_mark(room: Conversation) -> None:
    assert history.mark_read(room, Identity(), 5) is None
    assert not ReadMark.objects.exists()
