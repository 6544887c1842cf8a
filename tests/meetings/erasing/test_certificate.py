import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.db.models import Model
from redis import Redis

from chat import notifications
from chat.models import Conversation
from meetings import dispatch, live, media, services, spool
from meetings.erasing import traces
from meetings.models import Meeting, WebhookDelivery, WebhookEndpoint
from tests.factories import cut_sample, make_silence, make_tone, send_chunk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("data_dir")]

Run = Callable[..., int]


@pytest.fixture
def spoken(work_off: Callable[[], None]) -> Meeting:
    return leave_traces(work_off, cut_sample(1)[0])


@pytest.fixture
def meeting(work_off: Callable[[], None]) -> Meeting:
    return leave_traces(work_off, make_silence())


def leave_traces(work_off: Callable[[], None], sound: bytes) -> Meeting:
    """One in every place where a meeting leaves any."""
    started = services.start_meeting(title="Confidential", owner="alice")
    send_chunk(started, 0, sound)
    send_chunk(started, 0, make_tone())  # other bytes, kept aside
    spool.spool_chunk(started.pk, 1, ContentFile(make_tone(0.1), "c.wav"))
    services.end_recording(started.pk, actor="test")
    work_off()
    endpoint = WebhookEndpoint.objects.create(url="https://example.com")
    body = json.dumps({"session_id": started.pk})
    WebhookDelivery.objects.create(endpoint=endpoint, meeting=started, event="x", body=body)
    link = notifications.link_to(started.conversation)
    notifications.notify(["bob"], notifications.INVITATION, title="Come in", link=link)
    live.refresh(started)
    dispatch.enqueue_processing(started)
    media.get_storage().save(f"orphans/2026-01-01/{started.media_key}/x", ContentFile(b"old"))
    return services.get_meeting(started.pk)


def read_everything() -> Iterator[str]:
    """Each value of each row that holds text."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and model._meta.db_table not in traces.KEPT:  # noqa: SLF001
            for row in model._base_manager.values_list():  # noqa: SLF001
                yield from map(str, row)


def test_nothing_is_left_and_the_certificate_says_what_went(
    spoken: Meeting, data_dir: Path, run_command: Run, redis_server: Redis
) -> None:
    paper = data_dir / "certificate.json"
    assert run_command("erase", spoken.pk, "--yes", "--certificate", str(paper)) == 0
    said = json.loads(paper.read_text())
    assert said["is_complete"]
    assert said["left"] == {
        "rows": {}, "mentions": {}, "files": [], "spooled_chunks": 0, "redis_keys": []
    }  # fmt: skip
    removed = said["removed"]
    tables = removed["rows"]
    assert {"chat_event", "chat_membership", "meetings_audiochunk", "meetings_segment"} <= set(
        tables
    )
    assert (tables["meetings_meeting"], removed["webhook_bodies"]) == (1, 1)
    assert removed["mentions"] == {"chat_notification": 1}
    assert removed["search_entries"] > 0
    assert removed["spooled_chunks"] == 1
    assert removed["file_count"] == len(removed["files"]) == 4
    assert f"rq:job:{dispatch.name_processing_job(spoken.media_key)}" in removed["redis_keys"]
    assert live.state_key(spoken.pk) in removed["redis_keys"]
    for name in (spoken.pk, spoken.media_key):
        assert not [text for text in read_everything() if name in text]
        assert not [path for path in data_dir.rglob("*") if name in path.name]
        assert not list(redis_server.scan_iter(match=f"*{name}*"))
    assert dispatch.list_waiting_jobs("pipeline") == set()
    assert not [key for key in data_dir.rglob("*") if key.is_file() and key.parts[-2] == "spool"]


def test_every_model_with_a_key_to_a_room_is_looked_at() -> None:
    keys = {
        model: [one.related_model for one in model._meta.concrete_fields if one.is_relation]  # noqa: SLF001
        for model in apps.get_models(include_auto_created=True)
    }
    tied: set[type[Model]] = {Conversation}
    while more := {model for model, to in keys.items() if tied & set(to)} - tied:
        tied |= more
    assert set(traces.list_tied()) == tied
    assert len(tied) > 12


def test_without_yes_nothing_goes(meeting: Meeting, run_command: Run) -> None:
    assert run_command("erase", meeting.pk) == 0
    assert Meeting.objects.filter(pk=meeting.pk).exists()


def test_running_meeting_is_refused_unless_forced(run_command: Run) -> None:
    running = services.start_meeting()
    assert run_command("erase", running.pk, "--yes") == 2
    assert run_command("erase", running.pk, "--yes", "--force") == 0


def test_other_meetings_stay(meeting: Meeting, run_command: Run) -> None:
    other = services.start_meeting()
    send_chunk(other, 0, make_tone())
    run_command("erase", meeting.pk, "--yes")
    assert list(Meeting.objects.all()) == [other]
    assert run_command("verify", other.pk) == 0


def test_what_cannot_be_removed_is_told(
    meeting: Meeting, run_command: Run, capsys: pytest.CaptureFixture[str], data_dir: Path
) -> None:
    """A notification that somebody wrote by hand, about the room and not under its address."""
    notifications.notify(["bob"], "note", title=f"Look at {meeting.pk}")
    assert run_command("erase", meeting.pk, "--yes") == 1
    assert "chat_notification" in capsys.readouterr().err


def test_unknown_meeting_is_refused(run_command: Run) -> None:
    assert run_command("erase", "no-such-meeting", "--yes") == 2
