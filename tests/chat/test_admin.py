import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from chat import messages, services
from chat.models import Event, Message
from intellibooks.identity import Identity
from intellibooks.models import AuditEntry

pytestmark = pytest.mark.django_db
LIST = "/admin/chat/message/"


@pytest.fixture
def message() -> Message:
    services.open_conversation("session-1", title="Budget")
    draft = messages.read_draft({"content": "the secret is out"})
    return messages.post_message("session-1", draft, author=Identity("alice")).message


def log_in(*permissions: str) -> Client:
    user = User.objects.create_user("rita", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("q=secret", True),
        ("q=alice", True),
        ("q=session-1", True),
        ("q=other", False),
        ("state=said", True),
        ("state=deleted", False),
        ("state=edited", False),
        ("role=user", True),
        ("role=system", False),
        ("created_at__year=1999", False),
    ],
)
def test_messages_are_found_by_words_people_and_days(
    admin_client: Client, message: Message, query: str, is_found: bool
) -> None:
    page = admin_client.get(f"{LIST}?{query}")
    assert page.status_code == 200
    assert (b"the secret is out" in page.content) == is_found


def redact(client: Client, message: Message) -> None:
    client.post(LIST, {"action": "redact", "_selected_action": str(message.pk)})
    message.refresh_from_db()


def test_a_redacted_message_says_nothing_any_more(message: Message) -> None:
    redact(log_in("view_message", "delete_message"), message)
    assert (message.content, message.is_deleted) == ("", True)
    assert "secret" not in "".join(Event.objects.values_list("frame", flat=True))
    entry = AuditEntry.objects.get(action="message_redacted")
    assert (entry.actor, entry.target) == ("rita", str(message.pk))


def test_who_may_only_read_does_not_redact(message: Message) -> None:
    redact(log_in("view_message"), message)
    assert message.content == "the secret is out"


@pytest.mark.parametrize("model", ["conversation", "message", "notification", "event"])
def test_every_list_opens_and_offers_no_way_to_write(
    admin_client: Client, message: Message, model: str
) -> None:
    assert admin_client.get(f"/admin/chat/{model}/").status_code == 200
    assert admin_client.get(f"/admin/chat/{model}/add/").status_code == 403


def test_a_room_shows_its_members(admin_client: Client, message: Message) -> None:
    services.open_conversation("session-1").memberships.create(user_id="bob", role="viewer")
    page = admin_client.get("/admin/chat/conversation/session-1/change/")
    assert b"bob" in page.content
