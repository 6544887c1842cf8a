import io
import zipfile
from collections.abc import Callable

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from intellibooks.models import AuditEntry
from meetings import media, services
from meetings.desk.acts import ACTS, BY_NAME
from meetings.models import Meeting, Speaker, StageResult, WebhookDelivery, WebhookEndpoint
from tests.factories import make_tone, send_chunk
from tests.meetings.desk.conftest import HOSTILE, LIST, complete, log_in

pytestmark = pytest.mark.django_db
Act = Callable[..., str]
LISTED = [act.name for act in ACTS if act.is_listed]


def list_pending(meeting: Meeting) -> set[str]:
    pending = meeting.stages.filter(status=StageResult.Status.PENDING, is_asked=True)
    return set(pending.values_list("name", flat=True))


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("reprocess_speakers", {"diarize"}),
        ("again_mood", {"mood"}),
        (
            "reprocess_analyses",
            {"summary", "keywords", "mood", "agenda", "actions", "metrics"},
        ),
    ],
)
def test_only_the_stages_asked_for_run_again(
    reviewer: Client, meeting: Meeting, act: Act, name: str, asked: set[str]
) -> None:
    meeting.stages.create(name="gather", status="completed")
    meeting.stages.create(name="recording", status="completed")
    meeting.stages.create(name="segments", status="completed")
    act(reviewer, name, confirmed=True)
    assert services.get_meeting(meeting.pk).status == "processing"
    assert list_pending(meeting) == asked


def test_reprocessing_everything_listens_again(
    reviewer: Client, meeting: Meeting, act: Act
) -> None:
    act(reviewer, "reprocess", confirmed=True)
    assert {"transcript", "diarize", "summary"} <= list_pending(meeting)


def test_nothing_happens_before_it_is_confirmed(desk: Client, meeting: Meeting, act: Act) -> None:
    for name in LISTED:
        assert BY_NAME[name].label in act(desk, name)
    assert services.get_meeting(meeting.pk).status == "completed"
    assert not LogEntry.objects.exists()


def test_the_confirmation_says_what_will_happen_and_how_much(desk: Client, act: Act) -> None:
    shown = act(desk, "delete")
    for words in ("2 segments", "Gone for good", "<b>02:00</b> of audio", "cannot be undone"):
        assert words in shown


def test_a_hostile_title_is_text_on_the_confirmation(desk: Client) -> None:
    meeting = complete(HOSTILE)
    shown = desk.get(f"{LIST}{meeting.pk}/acts/reprocess/").content.decode()
    assert "&lt;script&gt;" in shown
    assert "<script>alert(1)" not in shown


def test_a_confirmation_for_fifty_asks_as_much_as_for_five(desk: Client) -> None:
    counts = []
    for number in (5, 45):
        for _ in range(number):
            complete()
        ids = list(Meeting.objects.values_list("pk", flat=True))
        with CaptureQueriesContext(connection) as queries:
            shown = desk.post(LIST, {"action": "reprocess", "_selected_action": ids})
        assert f"<b>{len(ids)}</b> meetings" in shown.content.decode()
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_recording_whose_client_is_gone_is_stopped(reviewer: Client) -> None:
    meeting = services.start_meeting()
    reviewer.post(f"{LIST}{meeting.pk}/acts/finish/", {"confirmed": "yes"})
    assert services.get_meeting(meeting.pk).status == "processing"


def test_a_failed_meeting_is_tried_again(reviewer: Client, meeting: Meeting, act: Act) -> None:
    Meeting.objects.update(status="failed")
    meeting.stages.filter(name="transcript").update(status="failed", error="OSError: full")
    act(reviewer, "retry", confirmed=True)
    assert services.get_meeting(meeting.pk).status == "processing"
    assert meeting.stages.get(name="transcript").status == "pending"


def test_names_are_taken_away(reviewer: Client, meeting: Meeting, act: Act) -> None:
    Speaker.objects.create(meeting=meeting, label="Speaker 1", name="Ana")
    meeting.segments.filter(speaker_label="Speaker 1").update(speaker="Ana")
    act(reviewer, "anonymise", confirmed=True)
    assert set(meeting.segments.values_list("speaker", flat=True)) == {"Speaker 1", "Speaker 2"}


def test_webhooks_are_sent_again(desk: Client, meeting: Meeting, act: Act) -> None:
    endpoint = WebhookEndpoint.objects.create(url="https://example.org/hook")
    sent = WebhookDelivery.objects.create(
        endpoint=endpoint, meeting=meeting, event="ping", body="{}", status="delivered"
    )
    act(desk, "resend_webhooks", confirmed=True)
    sent.refresh_from_db()
    assert sent.status == "pending"


@pytest.mark.django_db(transaction=True)  # the stream lets go of its connection
def test_meetings_are_exported_in_the_formats_chosen(reviewer: Client, meeting: Meeting) -> None:
    other = complete("Budget")
    answer = reviewer.post(
        LIST,
        {
            "action": "export",
            "_selected_action": [meeting.pk, other.pk],
            "confirmed": "yes",
            "formats": ["md", "vtt"],
        },
    )
    body = b"".join(answer.streaming_content)  # type: ignore[attr-defined] # Django's stubs call it a plain answer
    names = zipfile.ZipFile(io.BytesIO(body)).namelist()
    assert sorted(name.rpartition(".")[2] for name in names) == ["json", "md", "md", "vtt", "vtt"]
    assert AuditEntry.objects.filter(action="desk.export", actor="rita").count() == 2


def test_sound_goes_and_text_stays(desk: Client, meeting: Meeting, act: Act) -> None:
    send_chunk_of(meeting)
    act(desk, "delete_audio", confirmed=True)
    kept = services.get_meeting(meeting.pk)
    assert kept.audio_purged_at is not None
    assert kept.segments.count() == 2


def test_a_deleted_meeting_leaves_no_file(desk: Client, meeting: Meeting, act: Act) -> None:
    send_chunk_of(meeting)
    path = meeting.chunks.get().name
    act(desk, "delete", confirmed=True)
    assert not Meeting.objects.filter(pk=meeting.pk).exists()
    assert not media.get_storage().exists(path)


def send_chunk_of(meeting: Meeting) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(status="recording")
    send_chunk(meeting, 0, make_tone())
    Meeting.objects.filter(pk=meeting.pk).update(status="completed")


def test_the_delete_page_is_the_same_confirmation(desk: Client, meeting: Meeting) -> None:
    shown = desk.get(f"{LIST}{meeting.pk}/delete/").content.decode()
    assert "Gone for good" in shown
    desk.post(f"{LIST}{meeting.pk}/delete/", {"confirmed": "yes"})
    assert not Meeting.objects.exists()


def test_a_meeting_that_refuses_does_not_keep_the_others_back(
    desk: Client, meeting: Meeting
) -> None:
    recording = services.start_meeting()
    body = {"action": "delete", "_selected_action": [meeting.pk, recording.pk]}
    asked = desk.post(LIST, body).content.decode()
    assert "Left out." in asked
    shown = desk.post(LIST, {**body, "confirmed": "yes"}, follow=True).content.decode()
    assert "Stop it first" in shown
    assert list(Meeting.objects.all()) == [recording]


def test_every_act_leaves_its_traces(desk: Client, meeting: Meeting, act: Act) -> None:
    act(desk, "reprocess_speakers", confirmed=True)
    assert LogEntry.objects.get().object_id == meeting.pk
    entry = AuditEntry.objects.get(action="desk.reprocess_speakers")
    assert (entry.actor, entry.target) == ("root", meeting.pk)
    assert entry.facts == {"stages": ["diarize"]}


# --- Who may what ---------------------------------------------------------------------------


def test_reviewers_are_offered_no_deletion(reviewer: Client, page: str) -> None:
    for place in (LIST, page):
        shown = reviewer.get(place).content.decode()
        assert "Reprocess everything" in shown
        assert "Delete" not in shown


@pytest.mark.parametrize("name", ["delete", "delete_audio", "resend_webhooks"])
def test_reviewers_delete_nothing(reviewer: Client, meeting: Meeting, name: str) -> None:
    answer = reviewer.post(f"{LIST}{meeting.pk}/acts/{name}/", {"confirmed": "yes"})
    assert answer.status_code == 403
    listed = {"action": name, "_selected_action": [meeting.pk], "confirmed": "yes"}
    reviewer.post(LIST, listed)
    reviewer.post(LIST, {**listed, "action": "delete_selected", "post": "yes"})
    assert reviewer.post(f"{LIST}{meeting.pk}/delete/", {"confirmed": "yes"}).status_code == 403
    kept = services.get_meeting(meeting.pk)
    assert kept.audio_purged_at is None


@pytest.mark.parametrize("name", [act.name for act in ACTS])
def test_who_may_only_look_does_nothing(meeting: Meeting, reviewer: Client, name: str) -> None:
    viewer = User.objects.create_user("vera", is_staff=True)
    rights = Group.objects.get().permissions.filter(codename__startswith="view_")
    viewer.user_permissions.set(rights)
    client = log_in(viewer)
    answer = client.post(f"{LIST}{meeting.pk}/acts/{name}/", {"confirmed": "yes"})
    assert answer.status_code == 403
    voices = client.post(f"{LIST}{meeting.pk}/speakers/", {"change": "rename"})
    assert voices.status_code == 403
    assert "Rename" not in client.get(f"{LIST}{meeting.pk}/change/").content.decode()


def test_staff_without_rights_hears_and_sees_nothing(meeting: Meeting) -> None:
    client = log_in(User.objects.create_user("nora", is_staff=True))
    for place in ("change/", "acts/export/", "chunks/0/audio"):
        assert client.get(f"{LIST}{meeting.pk}/{place}").status_code == 403
