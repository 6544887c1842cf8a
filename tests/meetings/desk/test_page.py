import time

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from meetings import services
from meetings.models import Meeting, Segment, Speaker
from tests.factories import make_tone, send_chunk
from tests.meetings.desk.conftest import HOSTILE, LIST, complete
from tests.timing import check_seconds

pytestmark = pytest.mark.django_db


def test_what_people_said_and_are_called_is_shown_as_text(
    desk: Client, meeting: Meeting, page: str
) -> None:
    meeting.segments.update(text=HOSTILE, speaker=HOSTILE)
    Speaker.objects.create(meeting=meeting, label="Speaker 1", name=HOSTILE)
    meeting.stages.filter(name="summary").update(result={"summary": HOSTILE})
    answer = desk.get(page)
    shown = answer.content.decode()
    assert shown.count("&lt;script&gt;alert(1)") >= 4
    assert "<script>alert(1)" not in shown
    assert "<img src=x" not in shown
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


def test_a_meeting_of_two_thousand_segments_is_there_within_a_second(desk: Client) -> None:
    meeting = complete(lines=2000)
    started = time.thread_time()  # a busy machine is no reason to fail
    shown = desk.get(f"{LIST}{meeting.pk}/change/").content.decode()
    check_seconds(time.thread_time() - started, 1)
    assert shown.count('class="desk-line"') == 2000


def test_a_longer_transcript_has_pages(desk: Client) -> None:
    meeting = complete(lines=2001)
    shown = desk.get(f"{LIST}{meeting.pk}/change/?page=2").content.decode()
    assert shown.count('class="desk-line"') == 1
    assert "?page=1#transcript" in shown


def test_a_page_asks_as_much_for_many_segments_as_for_few(desk: Client) -> None:
    counts = []
    for lines in (5, 50):
        meeting = complete(lines=lines)
        with CaptureQueriesContext(connection) as queries:
            desk.get(f"{LIST}{meeting.pk}/change/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_missing_chunks_are_named_and_the_others_can_be_played(desk: Client) -> None:
    meeting = services.start_meeting()
    for index in (0, 2):
        send_chunk(meeting, index, make_tone(pitch=300 + index))
    shown = desk.get(f"{LIST}{meeting.pk}/change/").content.decode()
    assert "missing: nothing came for this place" in shown
    sound = desk.get(f"{LIST}{meeting.pk}/chunks/2/audio")
    assert (sound.status_code, sound.headers["Content-Type"]) == (200, "audio/wav")
    assert sound.content.startswith(b"RIFF")
    assert desk.get(f"{LIST}{meeting.pk}/chunks/1/audio").status_code == 404


def test_a_chunk_whose_audio_was_deleted_says_so(desk: Client) -> None:
    meeting = services.start_meeting()
    send_chunk(meeting, 0, make_tone())
    meeting.chunks.update(name="")
    answer = desk.get(f"{LIST}{meeting.pk}/chunks/0/audio")
    assert (answer.status_code, answer.content) == (404, b"The audio of this meeting was deleted.")


def test_a_failed_stage_tells_what_helps_and_can_be_retried(
    reviewer: Client, meeting: Meeting, page: str
) -> None:
    Meeting.objects.update(status="failed")
    failed = meeting.stages.filter(name="transcript")
    failed.update(status="failed", error="OSError: no space left")
    shown = reviewer.get(page).content.decode()
    for words in ("OSError: no space left", "Free space in DATA_DIR", "/acts/retry/", ">Retry<"):
        assert words in shown


def test_earlier_results_and_edits_are_listed(desk: Client, meeting: Meeting, page: str) -> None:
    revision = meeting.stage_revisions.create(name="mood", engine="local")
    meeting.edits.create(
        batch="b", start_ms=0, end_ms=900, old_text="knew shop", new_text="new shop", author="ana"
    )
    shown = desk.get(page).content.decode()
    for words in (f"/stagerevision/{revision.pk}/", "<del>knew shop</del>", "new shop", "ana"):
        assert words in shown


def test_title_tags_and_language_are_changed_as_the_api_does(
    desk: Client, meeting: Meeting, page: str
) -> None:
    desk.post(page, {"title": "Budget", "tags": "a, b,, a", "language": "pt-BR"})
    changed = services.get_meeting(meeting.pk)
    assert (changed.conversation.title, changed.tags) == ("Budget", ["a", "b"])
    assert changed.language == "pt-BR"
    assert changed.conversation.events.filter(type="session").count() == 1
    assert LogEntry.objects.get().object_id == meeting.pk


def test_a_language_that_is_none_is_refused(desk: Client, meeting: Meeting, page: str) -> None:
    answer = desk.post(page, {"title": "Budget", "tags": "", "language": "not a language"})
    assert b"errorlist" in answer.content
    assert services.get_meeting(meeting.pk).conversation.title == "Weekly"


def change_voices(client: Client, meeting: Meeting, **fields: object) -> str:
    answer = client.post(f"{LIST}{meeting.pk}/speakers/", fields, follow=True)
    return answer.content.decode()


def list_speakers(meeting: Meeting) -> list[str]:
    return list(Segment.objects.filter(meeting=meeting).values_list("speaker", flat=True))


def test_a_voice_gets_a_name(reviewer: Client, meeting: Meeting) -> None:
    change_voices(reviewer, meeting, change="rename", label="Speaker 1", name="Ana")
    assert list_speakers(meeting) == ["Ana", "Speaker 2"]
    assert "Ana" not in LogEntry.objects.get().change_message


def test_two_voices_become_one(reviewer: Client, meeting: Meeting) -> None:
    change_voices(reviewer, meeting, change="merge", label="Speaker 2", into="Speaker 1")
    assert list_speakers(meeting) == ["Speaker 1", "Speaker 1"]


def test_chosen_segments_get_a_speaker(reviewer: Client, meeting: Meeting) -> None:
    change_voices(reviewer, meeting, change="assign", segment=["t000000001"], speaker="Bob")
    assert list_speakers(meeting) == ["Speaker 1", "Bob"]


@pytest.mark.parametrize(
    "fields",
    [
        {"change": "rename", "label": "Speaker 9", "name": "Ana"},
        {"change": "assign", "speaker": "Ana"},
        {"change": "merge", "label": "Speaker 1", "into": ""},
        {"change": "invent"},
    ],
)
def test_a_change_that_cannot_be_says_why(
    reviewer: Client, meeting: Meeting, fields: dict[str, str]
) -> None:
    assert 'class="error"' in change_voices(reviewer, meeting, **fields)
    assert list_speakers(meeting) == ["Speaker 1", "Speaker 2"]
