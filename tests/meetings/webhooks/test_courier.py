"""Meetings tell the services that asked: signed, tried again, and never a private place."""

import ipaddress
import json
import socket
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from intellibooks.errors import NotFound
from intellibooks.identity import Identity
from meetings import services, upkeep
from meetings.errors import MeetingNotRecording
from meetings.models import Meeting, WebhookDelivery, WebhookEndpoint
from meetings.webhooks import courier, endpoints, guard, messages
from tests.meetings.webhooks.receiver import running_receiver

pytestmark = pytest.mark.django_db(transaction=True)
LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]
ALICE = Identity(user_id="alice", is_verified=True)


@pytest.fixture(autouse=True)
def _loopback_may_be_told(settings: LazySettings) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = LOOPBACK


def make_endpoint(url: str, **facts: Any) -> WebhookEndpoint:
    return WebhookEndpoint.objects.create(url=url, **facts)


def wait_no_more() -> None:
    """As if the pause after a failure were over."""
    past = timezone.now() - timedelta(seconds=1)
    WebhookDelivery.objects.filter(status="pending").update(retry_at=past)


def test_start_and_stop_of_a_meeting_are_told_with_a_signature_that_checks() -> None:
    with running_receiver() as receiver:
        endpoint = make_endpoint(receiver.url)
        meeting = services.start_meeting(title="Budget")
        services.end_recording(meeting.pk, actor="client")
        courier.deliver_due()
    bodies = [Webhook(endpoint.secret).verify(body, head) for head, body in receiver.received]
    assert sorted(body["type"] for body in bodies) == ["meeting.started", "meeting.stopped"]
    assert {body["data"]["session_id"] for body in bodies} == {meeting.pk}
    assert bodies[0]["data"]["title"] == "Budget"
    assert set(endpoint.deliveries.values_list("status", flat=True)) == {"delivered"}


def test_body_that_was_changed_on_the_way_does_not_check() -> None:
    with running_receiver() as receiver:
        endpoint = make_endpoint(receiver.url)
        messages.plan_ping(endpoint)
        courier.deliver_due()
    headers, body = receiver.received[0]
    with pytest.raises(WebhookVerificationError):
        Webhook(endpoint.secret).verify(body.replace("ping", "pong"), headers)


def test_endpoint_hears_only_of_the_events_it_asked_for() -> None:
    endpoint = make_endpoint("http://127.0.0.1:1/", events=["meeting.completed"])
    services.start_meeting()
    assert not endpoint.deliveries.exists()


def test_failure_is_tried_again_under_the_same_id_until_it_works() -> None:
    with running_receiver(500, 503, 200) as receiver:
        messages.plan_ping(make_endpoint(receiver.url))
        for _ in range(3):
            courier.deliver_due()
            wait_no_more()
    delivery = WebhookDelivery.objects.get()
    assert (delivery.status, delivery.attempts, delivery.response_status) == ("delivered", 3, 200)
    assert len({headers["webhook-id"] for headers, _ in receiver.received}) == 1


def test_failed_delivery_waits_longer_each_time_and_is_given_up_after_hours() -> None:
    waits = []
    with running_receiver(500) as receiver:
        messages.plan_ping(make_endpoint(receiver.url))
        for _ in range(len(courier.PAUSES_SECONDS) + 1):
            courier.deliver_due()
            delivery = WebhookDelivery.objects.get()
            if delivery.retry_at:
                waits.append(round((delivery.retry_at - timezone.now()).total_seconds() / 5) * 5)
            wait_no_more()
    assert waits == list(courier.PAUSES_SECONDS)
    assert (delivery.status, delivery.error) == ("failed", "answered 500")
    assert sum(courier.PAUSES_SECONDS) > 4 * 3600


def test_nobody_listening_is_an_error_that_is_written_down_and_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    messages.plan_ping(make_endpoint(f"http://127.0.0.1:{port}/"))
    courier.deliver_due()
    delivery = WebhookDelivery.objects.get()
    assert delivery.status == "pending"
    assert "ConnectError" in delivery.error


def test_gone_disables_the_endpoint() -> None:
    with running_receiver(410) as receiver:
        endpoint = make_endpoint(receiver.url)
        messages.plan_ping(endpoint)
        courier.deliver_due()
    endpoint.refresh_from_db()
    assert (endpoint.is_active, endpoint.disabled_reason) == (False, "it answered 410 Gone")


def test_one_endpoint_with_many_messages_does_not_keep_another_waiting() -> None:
    busy, quiet = (make_endpoint(f"http://127.0.0.1:{port}/") for port in (1, 2))
    for endpoint in (*[busy] * 9, quiet):
        messages.plan_ping(endpoint)
    due = [delivery.endpoint for delivery in courier.find_due()]
    assert quiet in due[:2]
    assert due.count(busy) == courier.PER_ENDPOINT


def test_redirect_is_not_followed() -> None:
    with running_receiver() as target, running_receiver(302) as receiver:
        receiver.location = target.url
        messages.plan_ping(make_endpoint(receiver.url))
        courier.deliver_due()
    assert not target.received
    assert WebhookDelivery.objects.get().error == "answered 302"


def test_private_addresses_are_never_asked(settings: LazySettings) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = []
    with running_receiver() as receiver:
        for host in ("127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"):
            messages.plan_ping(make_endpoint(f"http://{host}:{receiver.port}/"))
        courier.deliver_due()
    assert not receiver.received
    assert WebhookDelivery.objects.filter(error="", status="pending").count() == 0


@pytest.mark.parametrize(
    "address",
    [
        *("10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "0.0.0.0"),  # noqa: S104 - judged
        *("100.64.0.1", "224.0.0.1", "::1", "fe80::1", "fc00::1", "::ffff:10.0.0.1"),
        *("64:ff9b::a00:1", "2002:7f00:1::"),
    ],
)
def test_address_of_a_private_place_is_not_allowed(address: str) -> None:
    assert not guard.is_allowed(ipaddress.ip_address(address), ())


def test_public_address_is_allowed() -> None:
    assert guard.is_allowed(ipaddress.ip_address("93.184.215.14"), ())


def test_name_is_resolved_once_and_the_judged_address_is_connected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DNS rebinding: a second look at the name would give another address."""
    real, asked = socket.getaddrinfo, []

    def answer(host: str, port: int, *rest: Any, **facts: Any) -> Any:
        if host != "changing.example":
            return real(host, port, *rest, **facts)
        asked.append(host)
        return [(2, 1, 6, "", ("127.0.0.1" if len(asked) == 1 else "10.0.0.1", port))]

    with running_receiver() as receiver:
        messages.plan_ping(make_endpoint(f"http://changing.example:{receiver.port}/"))
        monkeypatch.setattr(socket, "getaddrinfo", answer)
        courier.deliver(WebhookDelivery.objects.select_related("endpoint").get())
    assert receiver.received
    assert len(asked) == 1


def test_only_the_owner_hears_of_a_meeting_that_belongs_to_somebody() -> None:
    for owner in ("alice", "bob"):
        make_endpoint("http://127.0.0.1:1/", owner=owner)
    services.start_meeting(owner="alice")
    assert [row.endpoint.owner for row in WebhookDelivery.objects.all()] == ["alice"]


def test_erasing_a_meeting_erases_what_was_told_of_it() -> None:
    make_endpoint("http://127.0.0.1:1/")
    meeting = services.start_meeting()
    upkeep.erase_meeting(meeting, is_forced=True)
    assert not WebhookDelivery.objects.exists()
    assert not Meeting.objects.exists()


def test_meeting_that_is_not_saved_is_not_told(settings: LazySettings) -> None:
    make_endpoint("http://127.0.0.1:1/")
    meeting = services.start_meeting()
    WebhookDelivery.objects.all().delete()
    services.end_recording(meeting.pk, actor="client")
    with pytest.raises(MeetingNotRecording):
        services.end_recording(meeting.pk, actor="client")
    assert WebhookDelivery.objects.count() == 1


def test_old_deliveries_are_removed_and_waiting_ones_stay() -> None:
    endpoint = make_endpoint("http://127.0.0.1:1/")
    over, waiting = messages.plan_ping(endpoint), messages.plan_ping(endpoint)
    WebhookDelivery.objects.filter(pk=over.pk).update(status="failed")
    WebhookDelivery.objects.update(created_at=timezone.now() - timedelta(days=40))
    assert courier.remove_old_deliveries(30) == 1
    assert WebhookDelivery.objects.get().pk == waiting.pk


def test_body_is_plain_json_with_type_time_and_facts() -> None:
    delivery = messages.plan_ping(make_endpoint("http://127.0.0.1:1/"))
    assert set(json.loads(delivery.body)) == {"type", "timestamp", "data"}


def test_strangers_endpoint_does_not_exist_for_bob(settings: LazySettings) -> None:
    settings.AUTH_MODE = "required"
    endpoint = endpoints.create_endpoint(ALICE, url="https://example.org/hook")
    bob = Identity(user_id="bob", is_verified=True)
    with pytest.raises(NotFound):
        endpoints.find(bob, str(endpoint.pk))
    assert endpoints.find(ALICE, str(endpoint.pk)) == endpoint


def test_resumed_and_reprocessed_meetings_are_not_told_as_started_and_stopped() -> None:
    assert messages.name_event("", "recording") == "meeting.started"
    assert messages.name_event("recording", "processing") == "meeting.stopped"
    assert messages.name_event("processing", "recording") == "meeting.resumed"
    assert messages.name_event("completed", "processing") == "meeting.reprocessing"
    assert messages.name_event("processing", "completed") == "meeting.completed"


def test_address_that_cannot_even_be_looked_up_stops_nobody_else() -> None:
    with running_receiver() as receiver:
        messages.plan_ping(make_endpoint(f"http://{'x' * 64}.example/"))  # no DNS label: too long
        messages.plan_ping(make_endpoint(receiver.url))
        assert courier.deliver_due() == 2
    assert len(receiver.received) == 1
    assert "UnicodeError" in WebhookDelivery.objects.exclude(error="").get().error
