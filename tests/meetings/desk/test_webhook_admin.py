import pytest
from django.test import Client

from intellibooks.models import AuditEntry
from meetings.models import WebhookDelivery, WebhookEndpoint

pytestmark = pytest.mark.django_db
LIST = "/admin/meetings/webhookdelivery/"


@pytest.fixture
def delivery() -> WebhookDelivery:
    endpoint = WebhookEndpoint.objects.create(url="https://example.org/hook", owner="alice")
    return WebhookDelivery.objects.create(
        endpoint=endpoint,
        event="ping",
        body='{"type": "ping"}',
        status="failed",
        attempts=8,
        response_status=500,
        response_excerpt="<b>broken</b>",
    )


def test_a_delivery_shows_what_was_sent_and_what_came_back(
    desk: Client, delivery: WebhookDelivery
) -> None:
    page = desk.get(f"{LIST}{delivery.pk}/change/").content.decode()
    for words in ("&quot;type&quot;: &quot;ping&quot;", "500", "&lt;b&gt;broken"):
        assert words in page


def test_a_failed_delivery_is_sent_again(desk: Client, delivery: WebhookDelivery) -> None:
    desk.post(LIST, {"action": "redeliver", "_selected_action": str(delivery.pk)})
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == ("pending", 0)
    assert AuditEntry.objects.get(action="webhook.redeliver").actor == "root"


def test_reviewers_read_deliveries_and_send_none(
    reviewer: Client, delivery: WebhookDelivery
) -> None:
    assert reviewer.get(LIST).status_code == 200
    reviewer.post(LIST, {"action": "redeliver", "_selected_action": str(delivery.pk)})
    delivery.refresh_from_db()
    assert delivery.status == "failed"


def test_no_page_shows_the_secret(desk: Client, delivery: WebhookDelivery) -> None:
    secret = delivery.endpoint.secret
    for place in ("", f"{delivery.endpoint_id}/change/"):
        page = desk.get(f"/admin/meetings/webhookendpoint/{place}").content.decode()
        assert delivery.endpoint.url in page
        assert secret not in page
