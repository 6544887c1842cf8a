import pytest

from chat.mentions import find_mentioned
from chat.models import Conversation

pytestmark = pytest.mark.django_db


@pytest.fixture
def room() -> Conversation:
    room = Conversation.objects.create(pk="session-1")
    for user_id in ("alice", "Bob", "eve@example.org", "sam@one.org", "sam@two.org"):
        room.memberships.create(user_id=user_id, role="editor")
    return room


@pytest.mark.parametrize(
    ("content", "called"),
    [
        ("@Bob, look", ["Bob"]),
        ("ask @bob. And @eve!", ["Bob", "eve@example.org"]),
        ("(@eve@example.org)", ["eve@example.org"]),
        ("@bob @bob", ["Bob"]),
        ("mail bob@example.org", []),
        ("@sam which one?", []),
        ("@sam@two.org", ["sam@two.org"]),
        ("@stranger @ @@bob", []),
        ("I, @alice", []),
    ],
)
def test_members_are_called_by_name(room: Conversation, content: str, called: list[str]) -> None:
    assert find_mentioned(room, content, author="alice") == called


def test_in_a_room_of_nobody_those_who_wrote_can_be_called() -> None:
    room = Conversation.objects.create(pk="session-2")
    room.messages.create(role="user", user_id="carol", content="hi")
    assert find_mentioned(room, "@carol @dave", author="") == ["carol"]
