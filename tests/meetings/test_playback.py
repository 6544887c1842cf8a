import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from pytest_django.fixtures import Settings

from meetings import media, services
from meetings.models import Meeting

pytestmark = pytest.mark.django_db(transaction=True)
SOUND = bytes(range(256)) * 1000  # 256 000 bytes: several pieces, and each byte tells its place
SHA256 = hashlib.sha256(SOUND).hexdigest()
ETAG = f'"{SHA256}"'


def make_recording(data: bytes = SOUND, *, title: str = "Weekly", suffix: str = "flac") -> Meeting:
    meeting = services.start_meeting(title=title)
    sha256 = hashlib.sha256(data).hexdigest()
    name = f"{meeting.media_key}/recording-{sha256[:16]}.{suffix}"
    media.get_storage().save(name, ContentFile(data))
    Meeting.objects.filter(pk=meeting.pk).update(
        status=Meeting.Status.COMPLETED,
        recording_name=name,
        recording_sha256=sha256,
        duration_ms=8000,
    )
    return services.get_meeting(meeting.pk)


@pytest.fixture
def meeting() -> Meeting:
    return make_recording()


def fetch(client: Client, meeting: Meeting, query: str = "", **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get(f"/api/meetings/{meeting.pk}/audio{query}", headers=named)


def read_error(answer: Any) -> tuple[int, str, str]:
    body = answer.json()
    assert body["error"]
    return answer.status_code, body["code"], body["detail"]


@pytest.mark.parametrize("slash", ["", "/"])
def test_whole_recording_comes_with_all_that_a_player_needs(
    client: Client, meeting: Meeting, slash: str
) -> None:
    answer = fetch(client, meeting, slash)
    assert answer.status_code == 200
    assert answer.getvalue() == SOUND
    expected = {
        "Content-Type": "audio/flac",
        "Content-Length": "256000",
        "Content-Disposition": f'inline; filename="Weekly {meeting.created_at:%Y-%m-%d}.flac"',
        "Accept-Ranges": "bytes",
        "ETag": ETAG,
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
    }
    assert expected.items() <= dict(answer.headers).items()
    assert "Content-Range" not in answer.headers


@pytest.mark.parametrize(
    ("header", "start", "end"),
    [
        ("bytes=0-99", 0, 100),
        ("bytes=100-", 100, 256_000),
        ("bytes=-50", 255_950, 256_000),
        ("bytes=65535-200000", 65_535, 200_001),
    ],
)
def test_a_range_is_answered_with_exactly_its_bytes(
    client: Client, meeting: Meeting, header: str, start: int, end: int
) -> None:
    answer = fetch(client, meeting, range=header)
    assert answer.status_code == 206
    assert answer.getvalue() == SOUND[start:end]
    assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/256000"
    assert answer.headers["Content-Length"] == str(end - start)


def test_range_behind_the_end_is_416_with_the_size(client: Client, meeting: Meeting) -> None:
    answer = fetch(client, meeting, range="bytes=256000-")
    assert read_error(answer) == (416, "invalid", "Range not satisfiable")
    assert answer.headers["Content-Range"] == "bytes */256000"


@pytest.mark.parametrize(
    "header", ["bytes=9-1", "lines=1-2", "bytes=0-1,5-6", "bytes=" + "0-," * 1000]
)
def test_malformed_and_several_ranges_get_the_whole(
    client: Client, meeting: Meeting, header: str
) -> None:
    answer = fetch(client, meeting, range=header)
    assert (answer.status_code, answer.getvalue()) == (200, SOUND)


@pytest.mark.parametrize(
    ("validator", "status"),
    [
        (ETAG, 206),
        ('"other"', 200),
        (f"W/{ETAG}", 200),
        ("Sun, 22 Nov 2026 00:00:00 GMT", 200),
    ],
)
def test_range_of_another_recording_is_not_mixed_in(
    client: Client, meeting: Meeting, validator: str, status: int
) -> None:
    answer = fetch(client, meeting, range="bytes=0-9", if_range=validator)
    assert answer.status_code == status
    assert len(answer.getvalue()) == (10 if status == 206 else len(SOUND))


@pytest.mark.parametrize("validator", [ETAG, f'"x", W/{ETAG}', "*"])
def test_what_the_caller_has_already_is_304(
    client: Client, meeting: Meeting, validator: str
) -> None:
    answer = fetch(client, meeting, if_none_match=validator, range="bytes=0-9")
    assert (answer.status_code, answer.content) == (304, b"")
    assert (answer.headers["ETag"], answer.headers["Cache-Control"]) == (ETAG, "private, no-cache")


def test_another_recording_than_the_caller_has_is_sent(client: Client, meeting: Meeting) -> None:
    assert fetch(client, meeting, if_none_match='"other"').status_code == 200


def test_if_match_of_another_recording_is_412(client: Client, meeting: Meeting) -> None:
    answer = fetch(client, meeting, if_match='"other"')
    assert read_error(answer) == (412, "conflict", "Recording has changed")
    assert fetch(client, meeting, if_match=ETAG).status_code == 200


def test_a_date_says_nothing_because_we_name_none(client: Client, meeting: Meeting) -> None:
    date = "Sun, 22 Nov 2020 00:00:00 GMT"
    assert fetch(client, meeting, if_unmodified_since=date).status_code == 200
    assert fetch(client, meeting, if_modified_since=date).status_code == 200


def test_head_has_the_headers_of_the_whole_and_ignores_range(
    client: Client, meeting: Meeting
) -> None:
    url = f"/api/meetings/{meeting.pk}/audio"
    answer = client.head(url, headers={"range": "bytes=0-9"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert dict(answer.headers) == dict(client.get(url).headers)


def test_player_that_accepts_only_audio_is_served(client: Client, meeting: Meeting) -> None:
    assert fetch(client, meeting, accept="audio/flac").status_code == 200
    missing = client.get("/api/meetings/nobody/audio", headers={"accept": "audio/flac"})
    assert read_error(missing) == (404, "not_found", "Session not found")


def test_other_methods_are_refused(client: Client, meeting: Meeting) -> None:
    answer = client.post(f"/api/meetings/{meeting.pk}/audio")
    assert read_error(answer)[:2] == (405, "method_not_allowed")


def test_ogg_is_named_as_such(client: Client) -> None:
    answer = fetch(client, make_recording(suffix="ogg"))
    assert answer.headers["Content-Type"] == "audio/ogg"
    assert '.ogg"' in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Weekly", 'filename="Weekly {date}.flac"'),
        ("", 'filename="meeting {date}.flac"'),
        (" .. ", 'filename="meeting {date}.flac"'),
        ("../../etc/passwd", 'filename="etc passwd {date}.flac"'),
        ('a"; filename="b.exe', 'filename="a ; filename= b.exe {date}.flac"'),
        ("a\r\nSet-Cookie: x=1", 'filename="a Set-Cookie x=1 {date}.flac"'),
        ("Besprechung Öl", "filename*=utf-8''Besprechung%20%C3%96l%20{date}.flac"),
        ("会议", "filename*=utf-8''%E4%BC%9A%E8%AE%AE%20{date}.flac"),
        ("cod\u202ecalf", 'filename="cod calf {date}.flac"'),
    ],
)
def test_download_is_named_after_the_meeting_without_mischief(
    client: Client, title: str, name: str
) -> None:
    meeting = make_recording(title=title)
    answer = fetch(client, meeting, "?download=1")
    expected = name.format(date=f"{meeting.created_at:%Y-%m-%d}")
    if "utf-8''" not in name:
        assert answer.headers["Content-Disposition"] == f"attachment; {expected}"
    assert expected in answer.headers["Content-Disposition"]
    assert "Set-Cookie" not in answer.headers


def test_long_title_still_makes_a_name_that_can_be_saved(client: Client) -> None:
    meeting = make_recording(title="会" * 200)
    header = fetch(client, meeting).headers["Content-Disposition"]
    assert header.count("%E4%BC%9A") == 60


def test_meeting_without_recording_is_not_ready(client: Client) -> None:
    meeting = services.start_meeting()
    expected = (404, "not_ready", "Audio not yet available")
    assert read_error(fetch(client, meeting)) == expected
    services.end_recording(meeting.pk, actor="client")
    assert read_error(fetch(client, meeting)) == expected


def test_meeting_that_records_again_is_not_ready(client: Client, meeting: Meeting) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(status=Meeting.Status.RECORDING)
    assert read_error(fetch(client, meeting))[:2] == (404, "not_ready")


def test_meeting_processed_again_keeps_playing(client: Client, meeting: Meeting) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(status=Meeting.Status.PROCESSING)
    assert fetch(client, meeting).status_code == 200


def test_cancelled_meeting_has_no_audio(client: Client, meeting: Meeting) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(status=Meeting.Status.CANCELLED)
    assert read_error(fetch(client, meeting)) == (404, "not_found", "Audio not available")


def test_vanished_file_is_404(client: Client, meeting: Meeting) -> None:
    media.get_storage().delete(meeting.recording_name)
    assert read_error(fetch(client, meeting)) == (404, "not_found", "Audio not available")


def test_unreadable_file_is_503(client: Client, meeting: Meeting) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(recording_name=meeting.media_key)  # a folder
    assert read_error(fetch(client, meeting)) == (503, "storage_unavailable", "Storage unavailable")


def test_storage_without_paths_serves_as_well(client: Client, settings: Settings) -> None:
    memory = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    settings.STORAGES = {**settings.STORAGES, "media": memory}
    meeting = make_recording()
    assert not Path(media.get_storage().path(meeting.recording_name)).exists()
    answer = fetch(client, meeting, range="bytes=70000-140000")
    assert (answer.status_code, answer.getvalue()) == (206, SOUND[70_000:140_001])
    media.get_storage().delete(meeting.recording_name)
    assert fetch(client, meeting).status_code == 404
