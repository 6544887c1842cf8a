import json
import threading
from typing import Any

import pytest
from django.db import connections

from chat import erasing, messages, services
from chat.models import Event, Message, Notification
from intellibooks.errors import Conflict, Forbidden, NotFound
from intellibooks.identity import Identity

pytestmark = pytest.mark.django_db
ALICE, BOB = Identity("alice"), Identity("bob")


@pytest.fixture(autouse=True)
def _room(db: None) -> None:
    services.open_conversation("session-1")


def post(content: str, author: Identity = ALICE, **fields: Any) -> messages.Posted:
    draft = messages.read_draft({"content": content, **fields})
    return messages.post_message("session-1", draft, author=author)


def list_frames() -> list[dict[str, Any]]:
    return [json.loads(event.frame) for event in Event.objects.order_by("seq")]


def test_a_message_and_its_frame_have_the_same_seq() -> None:
    message = post("hello", at_ms=1500, client_id="c", metadata={"x": 1}).message
    (frame,) = list_frames()
    assert frame.pop("timestamp").endswith("Z")
    assert frame == {
        "type": "message",
        "session_id": "session-1",
        "seq": 1,
        "content": "hello",
        "role": "user",
        "message_id": str(message.pk),
        "metadata": {"x": 1, "user_id": "alice"},
        "at_ms": 1500,
        "client_id": "c",
    }
    assert Message.objects.get().seq == 1


def test_a_resent_message_is_stored_and_shown_once() -> None:
    first, second = post("hello", client_id="c"), post("hello", client_id="c")
    assert (second.message, second.is_duplicate) == (first.message, True)
    assert len(list_frames()) == 1


def test_two_people_may_choose_the_same_client_id() -> None:
    post("hello", client_id="c")
    assert not post("hello", BOB, client_id="c").is_duplicate


def test_other_words_under_the_same_client_id_are_refused() -> None:
    post("hello", client_id="c")
    with pytest.raises(Conflict):
        post("something else", client_id="c")


def test_a_message_that_was_edited_meanwhile_is_still_the_same() -> None:
    message = post("helo", client_id="c").message
    messages.edit_message("session-1", str(message.pk), "hello", editor=ALICE)
    assert post("helo", client_id="c").is_duplicate


def test_an_edit_is_shown_and_its_earlier_words_are_not_replayed() -> None:
    message = post("secret").message
    post(f'quotes "message_id":"{message.pk}"')
    messages.edit_message("session-1", str(message.pk), "public", editor=ALICE)
    said, quoted, edited = list_frames()
    assert (said["content"], edited["content"]) == ("public", "public")
    assert quoted["content"].startswith("quotes")
    assert (edited["type"], edited["message_id"]) == ("message_edited", str(message.pk))
    assert edited["edited_at"].endswith("Z")


def test_an_edit_tells_only_whom_it_newly_mentions() -> None:
    post("hi", BOB)
    post("hi", Identity("carol"))
    message = post("ask @bob").message
    messages.edit_message("session-1", str(message.pk), "ask @bob and @carol", editor=ALICE)
    told = Notification.objects.order_by("user_id").values_list("user_id", "content")
    assert list(told) == [("bob", "ask @bob and @carol"), ("carol", "ask @bob and @carol")]


def test_nothing_of_a_deleted_message_stays() -> None:
    message = post("secret", metadata={"note": "secret"}).message
    messages.edit_message("session-1", str(message.pk), "secret too", editor=ALICE)
    messages.delete_message("session-1", str(message.pk), deleter=ALICE)
    assert "secret" not in "".join(Event.objects.values_list("frame", flat=True))
    row = Message.objects.get()
    assert (row.content, row.metadata, row.is_deleted) == ("", {}, True)
    deleted = list_frames()[-1]
    assert (deleted["type"], deleted["message_id"]) == ("message_deleted", str(message.pk))


def test_only_its_author_edits_a_message() -> None:
    message = post("hello").message
    with pytest.raises(Forbidden):
        messages.edit_message("session-1", str(message.pk), "bye", editor=BOB)


def test_an_owner_deletes_what_an_editor_said_and_not_the_other_way_round() -> None:
    room = services.open_conversation("session-1")
    room.memberships.create(user_id="alice", role="owner")
    room.memberships.create(user_id="bob", role="editor")
    by_alice, by_bob = post("a").message, post("b", BOB).message
    messages.delete_message("session-1", str(by_bob.pk), deleter=ALICE)
    with pytest.raises(Forbidden):
        messages.delete_message("session-1", str(by_alice.pk), deleter=BOB)


def test_a_stranger_does_not_write_in_somebodys_room() -> None:
    services.open_conversation("session-1").memberships.create(user_id="alice", role="owner")
    with pytest.raises(NotFound):
        post("hello", BOB)
    assert not Message.objects.exists()


def test_a_message_of_another_room_is_not_found() -> None:
    message = post("hello").message
    services.open_conversation("session-2")
    with pytest.raises(NotFound):
        messages.delete_message("session-2", str(message.pk), deleter=ALICE)


def test_the_assistant_speaks_in_the_room() -> None:
    messages.post_assistant_message("session-1", "42", {"sources": [{"id": 1}]})
    (frame,) = list_frames()
    assert (frame["role"], frame["content"]) == ("assistant", "42")
    assert frame["metadata"] == {"sources": [{"id": 1}], "user_id": "assistant"}


def test_an_administrator_redacts_a_message_once() -> None:
    message = post("secret").message
    erasing.redact_message(message)
    erasing.redact_message(message)
    assert [frame["type"] for frame in list_frames()] == ["message", "message_deleted"]
    assert Message.objects.get().content == ""


def test_in_open_mode_a_nameless_person_may_claim_a_name() -> None:
    assert messages.name_author(Identity(), " dora\x00\x07 ").user_id == "dora"
    assert messages.name_author(ALICE, "dora").user_id == "alice"
    assert messages.name_author(Identity(), 5).user_id == ""


@pytest.mark.django_db(transaction=True)
def test_the_same_message_sent_at_once_by_many_is_stored_once() -> None:
    found: list[bool] = []

    def send() -> None:
        found.append(post("hello", client_id="c").is_duplicate)
        connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [False, True, True, True, True, True]
    assert Message.objects.count() == len(list_frames()) == 1
