"""Webhooks over REST."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from meetings.models import WebhookDelivery

pytestmark = pytest.mark.django_db
JSON = "application/json"


def create(client: Client, **wishes: Any) -> Any:
    return client.post("/api/webhooks", {"url": "https://example.org/hook", **wishes}, JSON)


def test_secret_is_shown_when_the_endpoint_is_made_and_never_again(client: Client) -> None:
    made = create(client, events=["meeting.completed"]).json()
    assert made["secret"].startswith("whsec_")
    shown = client.get(f"/api/webhooks/{made['id']}/").json()
    assert shown == {key: value for key, value in made.items() if key != "secret"}
    assert client.get("/api/webhooks").json() == {"webhooks": [shown]}


@pytest.mark.parametrize(
    "wishes",
    [
        {"url": "ftp://example.org/"},
        {"url": "https://user:word@example.org/"},
        {"url": "nothing"},
        {"events": ["meeting.exploded"]},
    ],
)
def test_bad_wishes_are_refused(client: Client, wishes: dict[str, Any]) -> None:
    answer = create(client, **wishes)
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid"


def test_endpoint_can_be_paused_changed_and_deleted(client: Client) -> None:
    path = f"/api/webhooks/{create(client).json()['id']}"
    changed = client.patch(path, {"is_active": False, "url": "https://example.org/2"}, JSON).json()
    assert (changed["is_active"], changed["url"]) == (False, "https://example.org/2")
    assert client.delete(path).json() == {"status": "success"}
    assert client.get(path).status_code == 404


def test_ping_stands_in_the_log_and_can_be_sent_again(client: Client) -> None:
    path = f"/api/webhooks/{create(client).json()['id']}"
    sent = client.post(f"{path}/ping").json()
    WebhookDelivery.objects.update(status="failed", attempts=7)
    assert client.get(f"{path}/deliveries").json()["deliveries"][0]["status"] == "failed"
    again = client.post(f"{path}/deliveries/{sent['id']}/redeliver").json()
    assert (again["id"], again["status"], again["attempts"]) == (sent["id"], "pending", 0)


def test_no_more_is_asked_for_where_much_waits_already(client: Client) -> None:
    path = f"/api/webhooks/{create(client).json()['id']}"
    statuses = [client.post(f"{path}/ping").status_code for _ in range(11)]
    assert statuses == [200] * 10 + [409]
    failed = WebhookDelivery.objects.create(
        endpoint_id=path.rpartition("/")[2], event="ping", body="{}", status="failed"
    )
    assert client.post(f"{path}/deliveries/{failed.pk}/redeliver").status_code == 409


def test_delivery_of_another_endpoint_is_not_found(client: Client) -> None:
    first, second = (f"/api/webhooks/{create(client).json()['id']}" for _ in range(2))
    sent = client.post(f"{first}/ping").json()
    answer = client.post(f"{second}/deliveries/{sent['id']}/redeliver")
    assert answer.status_code == 404


def test_stranger_is_told_nothing_where_a_login_is_required(
    client: Client, settings: LazySettings
) -> None:
    create(client)
    settings.AUTH_MODE = "required"
    assert client.get("/api/webhooks").status_code == 401
