"""What Prometheus reads."""

from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis

from intellibooks.metrics import shared
from meetings import dispatch, services
from tests.factories import cut_sample, make_silence, send_chunk

pytestmark = pytest.mark.django_db(transaction=True)


def scrape(client: Client) -> dict[tuple[str, str], float]:
    """(name, labels as text) -> value."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, ",".join(f"{k}={v}" for k, v in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def test_meetings_chunks_and_queues_are_counted(client: Client) -> None:
    meeting = services.start_meeting()
    send_chunk(meeting, 3, make_silence())
    found = scrape(client)
    assert found["studio_meetings", "status=recording"] == 1
    assert found["studio_chunks_waiting", ""] == 1
    assert found["studio_missing_chunks", ""] == 3
    assert found["studio_queue_jobs", "queue=live"] == 1
    assert found["studio_queue_age_seconds", "queue=live"] >= 0
    assert found["studio_workers", "queue=pipeline"] == 0
    assert found["studio_disk_free_bytes", ""] > 0


def test_work_of_engine_and_stages_is_counted_by_the_workers(
    client: Client, work_off: Callable[[], None]
) -> None:
    meeting = services.start_meeting()
    send_chunk(meeting, 0, cut_sample(1)[0])
    services.end_recording(meeting.pk, actor="client")
    work_off()
    found = scrape(client)
    assert found["studio_engine_seconds_total", "engine=pocketsphinx"] > 0
    assert found["studio_audio_seconds_total", "engine=pocketsphinx"] > 10
    assert found["studio_chunks_total", "state=transcribed"] == 1
    assert found["studio_stage_runs_total", "stage=summary,status=completed"] == 1


def test_requests_are_timed_under_their_route_and_unknown_ones_together(client: Client) -> None:
    meeting = services.start_meeting()
    client.get(f"/api/meetings/{meeting.pk}/status")
    client.get("/wp-login.php")
    names = {
        labels for name, labels in scrape(client) if name == "studio_http_request_seconds_count"
    }
    assert not any(meeting.pk in labels or "wp-login" in labels for labels in names)
    assert any("status=200" in labels and "pk" in labels for labels in names)
    assert any("route=(none)" in labels for labels in names)


def test_figures_of_the_database_are_there_while_redis_is_away(
    client: Client, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = Redis(port=1, socket_connect_timeout=0.2)
    monkeypatch.setattr(shared, "get_redis", lambda: away)
    found = scrape(client)
    assert found["studio_meetings", "status=completed"] == 0
    assert not any(name == "studio_engine_seconds_total" for name, _ in found)


def test_stranger_reads_nothing_where_a_login_is_required(
    client: Client, settings: LazySettings
) -> None:
    settings.AUTH_MODE = "required"
    assert client.get("/metrics").status_code == 401


def test_job_in_the_queue_grows_older(client: Client) -> None:
    dispatch.enqueue_chunk("m", "key", 0)
    assert scrape(client)["studio_queue_age_seconds", "queue=live"] < 5
