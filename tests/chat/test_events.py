import json

import pytest

from chat import events
from chat.models import Conversation, Event
from chat.services import open_conversation
from intellibooks.errors import NotFound

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def room() -> Conversation:
    return open_conversation("session-1")


def test_logged_frames_are_counted_without_a_gap(room: Conversation) -> None:
    for _ in range(2):
        with events.record(room.pk) as log:
            log.append("meeting", state="started")
            log.append("meeting", state="stopped")
    assert list(Event.objects.values_list("seq", flat=True)) == [1, 2, 3, 4]


def test_a_frame_is_stored_as_the_text_that_viewers_got(room: Conversation) -> None:
    with events.record(room.pk) as log:
        log.append("meeting", state="started")
    frame = json.loads(Event.objects.get().frame)
    assert frame.pop("timestamp").endswith("Z")
    assert frame == {"type": "meeting", "session_id": "session-1", "seq": 1, "state": "started"}


def test_a_change_that_fails_logs_nothing(room: Conversation) -> None:
    with pytest.raises(RuntimeError), events.record(room.pk) as log:  # noqa: PT012
        log.append("meeting", state="started")
        raise RuntimeError
    assert not Event.objects.exists()
    with events.record(room.pk) as log:
        log.append("meeting", state="started")
    assert Event.objects.get().seq == 1


def test_an_announcement_is_not_kept(room: Conversation) -> None:
    with events.record(room.pk) as log:
        log.announce("transcript_update", content="hello")
    assert not Event.objects.exists()


def test_unknown_room_is_not_found() -> None:
    with pytest.raises(NotFound), events.record("nowhere"):
        pass


@pytest.mark.parametrize("name", ["", "a b", "a/b", "x" * 65, "ключ", "a\n"])
def test_malformed_session_ids_open_no_room(name: str) -> None:
    with pytest.raises(NotFound):
        open_conversation(name)
