"""What a review found, each shown by what went wrong."""

import ipaddress
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import Settings

from chat.models import Membership, Notification
from intellibooks.asgi import application
from intellibooks.auth.credentials import find_session, is_current
from intellibooks.errors import DomainError
from intellibooks.limits.requests import find_kind
from meetings import drafting, pipeline, services, spool, upkeep
from meetings.desk.reviewers import NAME as REVIEWERS
from meetings.desk.reviewers import set_up_reviewers
from meetings.models import AudioChunk, Meeting
from meetings.webhooks import guard
from tests.factories import make_tone, read_sample, send_chunk
from tests.intellibooks.auth.people import bearing, make_token, make_user
from tests.timing import check_seconds
from transcription.audio import encode_wav

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("required")]
MOST_PIECES = 50
TOO_DEEP = "[" * 100_000 + "]" * 100_000


@pytest.fixture
def required(settings: Settings, tmp_path: Path) -> None:
    settings.AUTH_MODE, settings.LIMITS = "required", {}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    media = {**settings.STORAGES["media"], "OPTIONS": {"location": tmp_path / "media"}}
    settings.DATA_DIR = tmp_path
    settings.STORAGES = {**settings.STORAGES, "media": media}


def make_member(meeting: Meeting, name: str, role: str) -> Client:
    meeting.conversation.memberships.create(user_id=name, role=role)
    return bearing(make_token(name), raise_request_exception=False)


def make_recording() -> Meeting:
    meeting = services.start_meeting(owner="alice")
    send_chunk(meeting, 0, make_tone())
    return meeting


def test_editor_cannot_discard_what_the_owner_records() -> None:
    meeting = make_recording()
    bob = make_member(meeting, "bob", Membership.Role.EDITOR)
    bob.post(f"/api/meetings/{meeting.pk}/cancel")
    assert meeting.chunks.count() == 1


def test_reviewer_cannot_discard_a_recording() -> None:
    meeting = make_recording()
    reviewer = make_user("rita")
    reviewer.is_staff = True
    reviewer.save()
    set_up_reviewers(apps)
    reviewer.groups.add(Group.objects.get(name=REVIEWERS))
    bearing(make_token("rita", scopes=["admin"])).post(f"/api/meetings/{meeting.pk}/cancel")
    assert meeting.chunks.count() == 1


def refuse(*args: Any) -> Any:
    raise OperationalError("the database is away")


@pytest.mark.parametrize("role", ["stranger", Membership.Role.VIEWER])
def test_outage_does_not_let_anybody_record_into_a_meeting(role: str) -> None:
    meeting = services.start_meeting(owner="alice")
    if role == "stranger":
        other = bearing(make_token("bob"), raise_request_exception=False)
    else:
        other = make_member(meeting, "bob", role)
    path = f"/api/meetings/{meeting.pk}/chunks/0"
    sound = make_tone()
    other.get("/api/meetings")  # the service knows them now
    with connection.execute_wrapper(refuse):
        other.put(path, sound, content_type="application/octet-stream")
    spool.hand_over()
    assert not AudioChunk.objects.exists()


def cut_speech(start: int) -> bytes:
    """Four seconds of the sample meeting."""
    return encode_wav(read_sample().slice(start, start + 4.0))


@pytest.mark.parametrize("ended_abruptly", [False, True])
def test_text_of_a_meeting_without_audio_survives_a_late_chunk(
    settings: Settings, *, ended_abruptly: bool
) -> None:
    settings.MISSING_WAIT_SECONDS = 0
    meeting = services.start_meeting()
    send_chunk(meeting, 0, cut_speech(1))
    send_chunk(meeting, 2, make_tone())
    services.end_recording(meeting.pk, actor="client", expected_chunks=3)
    pipeline.process_meeting(meeting.pk)
    said = set(meeting.segments.filter(kind="speech").values_list("text", flat=True))
    assert said
    Meeting.objects.update(ended_abruptly=ended_abruptly)
    upkeep.delete_meeting_media(meeting)
    with suppress(DomainError):
        send_chunk(meeting, 1, make_tone(pitch=660))
        drafting.transcribe_chunk(meeting.pk, 1)
    with suppress(DomainError):
        services.end_recording(meeting.pk, actor="client")
    pipeline.process_meeting(meeting.pk)
    assert said <= set(meeting.segments.values_list("text", flat=True))


def test_staff_that_is_staff_no_more_loses_the_open_socket() -> None:
    client, root = Client(), make_user("root", is_staff=True)
    client.force_login(root)
    identity = find_session(str(client.session.session_key))
    root.is_staff = root.is_superuser = False
    root.save()
    assert identity.is_staff
    assert not is_current(identity)


def test_removed_member_is_not_told_what_a_message_says_later() -> None:
    meeting = services.start_meeting(owner="alice")
    make_member(meeting, "bob", Membership.Role.VIEWER)
    alice = bearing(make_token("alice"))
    said = f"/api/sessions/{meeting.pk}/messages"
    message = alice.post(said, {"content": "hello @bob"}, content_type="application/json").json()
    alice.delete(f"/api/conversations/{meeting.pk}/collaborators/bob")
    path = f"{said}/{message['message_id']}"
    alice.patch(path, {"content": "the secret number is 7"}, content_type="application/json")
    told = Notification.objects.filter(user_id="bob").values_list("content", flat=True)
    assert not any("secret" in content for content in told)


@pytest.mark.parametrize("what", ["edits", "revisions", "chunks"])
def test_public_link_does_not_show_what_was_corrected(what: str) -> None:
    meeting = services.start_meeting(owner="alice")
    alice = bearing(make_token("alice"))
    token = alice.post(f"/api/meetings/{meeting.pk}/share").json()["share_token"]
    answer = Client().get(f"/api/meetings/{meeting.pk}/{what}?share={token}")
    assert answer.status_code in {401, 403, 404}


def test_messages_over_rest_are_limited_as_over_the_socket() -> None:
    assert find_kind("POST", "/api/sessions/room-1/messages") == "messages"


def test_webhook_receiver_that_dribbles_does_not_hold_the_courier() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=dribble, args=(server,), daemon=True).start()
        begun = time.monotonic()
        with suppress(Exception):  # how it ends does not matter, only when
            guard.post(
                f"http://127.0.0.1:{server.getsockname()[1]}/",
                b"{}",
                {"host": "x"},
                timeout_seconds=0.3,
                allowed=[ipaddress.ip_network("127.0.0.0/8")],
            )
        check_seconds(time.monotonic() - begun, 1.0)


def dribble(server: socket.socket) -> None:
    """Headers, one every 0.2 s, for 2 s."""
    peer, _ = server.accept()
    with peer, suppress(OSError):
        peer.recv(9999)
        peer.sendall(b"HTTP/1.1 200 OK\r\n")
        for number in range(10):
            peer.sendall(f"X-{number}: a\r\n".encode())
            time.sleep(0.2)
        peer.sendall(b"Content-Length: 1\r\n\r\na")


def test_token_without_the_scope_of_staff_cannot_redirect_what_all_meetings_tell() -> None:
    root = bearing(make_token("root", scopes=["admin"], is_staff=True))
    narrow = bearing(make_token("root", scopes=["write"], is_staff=True))
    body = {"url": "https://example.com/"}
    made = root.post("/api/webhooks", body, content_type="application/json").json()
    stolen = {"url": "https://example.org/"}
    path = f"/api/webhooks/{made['id']}"
    assert narrow.patch(path, stolen, content_type="application/json").status_code in {403, 404}


def test_deeply_nested_body_is_refused() -> None:
    alice = bearing(make_token("alice"), raise_request_exception=False)
    answer = alice.post("/api/sessions", TOO_DEEP, content_type="application/json")
    assert answer.status_code == 422


def test_half_a_character_is_refused_as_the_name_of_an_engine() -> None:
    alice = bearing(make_token("alice"), raise_request_exception=False)
    body = '{"engine": "\\ud800"}'
    answer = alice.post("/api/meetings/start", body, content_type="application/json")
    assert answer.status_code == 422


def test_console_has_no_page_of_a_very_long_name() -> None:
    answer = Client(raise_request_exception=False).get(f"/console/{'a' * 5000}")
    assert answer.status_code < 500


def test_segments_after_the_end_of_time_are_refused() -> None:
    meeting = services.start_meeting(owner="alice")
    meeting.segments.create(key="s1", position=0, start_ms=0, end_ms=9, text="said")
    Meeting.objects.update(status=Meeting.Status.COMPLETED)
    alice = bearing(make_token("alice"), raise_request_exception=False)
    answer = alice.get(f"/api/meetings/{meeting.pk}/segments?after={'9' * 40}")
    assert answer.status_code < 500


def test_backup_is_for_its_owner_alone(tmp_path: Path) -> None:
    target = tmp_path / "backup.tar"
    with suppress(SystemExit):
        call_command("backup", str(target))
    assert target.stat().st_mode & 0o077 == 0


def test_undo_takes_back_ones_own_edit_and_not_that_of_another() -> None:
    meeting = services.start_meeting(owner="alice")
    bob = make_member(meeting, "bob", Membership.Role.EDITOR)
    alice = bearing(make_token("alice"))
    for key, client in (("s1", alice), ("s2", bob)):
        meeting.segments.create(key=key, position=int(key[1]), start_ms=0, end_ms=9, text="was")
        path = f"/api/meetings/{meeting.pk}/segments/{key}"
        edit = {"rev": meeting.segments.get(key=key).rev, "text": f"by {key}"}
        client.patch(path, edit, content_type="application/json")
    alice.post(f"/api/meetings/{meeting.pk}/undo")
    assert meeting.segments.get(key="s2").text == "by s2"


def test_backup_takes_away_nothing_that_is_not_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "usb"
    folder.mkdir()
    (folder / "thesis.txt").write_text("precious")
    with suppress(SystemExit):
        call_command("backup", str(folder))
    assert (folder / "thesis.txt").read_text() == "precious"


async def test_body_of_a_stranger_is_not_read() -> None:
    read = 0

    async def receive() -> dict[str, Any]:
        nonlocal read
        if read == MOST_PIECES:
            return {"type": "http.disconnect"}
        read += 1
        return {"type": "http.request", "body": b"x" * 1024, "more_body": read < MOST_PIECES}

    async def send(message: Any) -> None:
        pass

    headers = [(b"host", b"127.0.0.1:8004"), (b"content-type", b"multipart/form-data; boundary=x")]
    path = "/api/meetings/import"
    scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode()}
    scope |= {"query_string": b"", "headers": headers, "client": ("127.0.0.1", 1), "root_path": ""}
    scope |= {"scheme": "http", "http_version": "1.1", "server": ("127.0.0.1", 8004)}
    service: Any = application
    await service(scope, receive, send)
    assert read <= 1
