"""Whatever is sent as sound: stored, heard or refused with a reason, and never a crash."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import example, given
from hypothesis import strategies as st
from pytest_django import Settings

from meetings import jobs, services
from meetings.models import AudioChunk
from tests.contract.frames import verify_told
from tests.contract.limits import limit_fuzz
from tests.factories import make_tone
from transcription.audio import AudioError, decode

State = AudioChunk.State
FORM = "multipart/form-data; boundary=x"
TYPES = (
    "audio/wav",
    "audio/webm;codecs=opus",
    "audio/mpeg",
    "text/html",
    "",
    "x" * 200,
    "a/b\r\nc",
)
NAMES = st.sampled_from(("chunk.wav", "../../etc/passwd", "", "a" * 300, "x.webm", "\x00"))


def encode_with(container: str, codec: str) -> bytes:
    """A tone of half a second in that container."""
    file = BytesIO()
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=48_000)
        with av.open(BytesIO(make_tone(0.5))) as sound:
            for frame in sound.decode(audio=0):
                output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return file.getvalue()


WHOLE = [make_tone(0.5), encode_with("webm", "libopus"), encode_with("flac", "flac")]


@st.composite
def damage(draw: st.DrawFn) -> bytes:
    """A real file with some bytes changed, cut off at some place, or with junk behind it."""
    data = bytearray(draw(st.sampled_from(WHOLE)))
    for _ in range(draw(st.integers(0, 8))):
        near_the_header = st.integers(0, min(200, len(data) - 1))
        data[draw(near_the_header | st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    end = draw(st.integers(1, len(data)))
    return bytes(data[:end]) + draw(st.binary(max_size=64))


SOUNDS = st.binary(max_size=512) | damage()


@pytest.fixture
def client(settings: Settings, tmp_path: Path) -> Client:
    media = {**settings.STORAGES["media"], "OPTIONS": {"location": tmp_path / "media"}}
    settings.DATA_DIR = tmp_path
    settings.STORAGES = {**settings.STORAGES, "media": media}
    settings.MISSING_WAIT_SECONDS = 0
    return Client()


@limit_fuzz(25)
@given(data=SOUNDS)
@example(b"RIFF\xff\xff\xff\xffWAVEfmt \x10\x00\x00\x00")
@example(b"\x1aE\xdf\xa3")
@example(b"")
def test_every_file_is_sound_or_an_error_that_says_why(data: bytes) -> None:
    try:
        assert 0 <= decode(data).duration <= 60
    except AudioError as error:
        assert error.error  # noqa: PT017 - both outcomes are right, if they are whole


@pytest.mark.django_db
def test_no_upload_breaks_the_ingest_or_the_worker(client: Client) -> None:
    meeting = services.start_meeting()
    indexes = iter(range(10**6))

    @limit_fuzz(15)
    @given(data=SOUNDS, kind=st.sampled_from(TYPES), name=NAMES)
    def send(data: bytes, kind: str, name: str) -> None:
        index = next(indexes)
        upload = SimpleUploadedFile(name or "x", data, content_type=kind)
        body: dict[str, Any] = {"audio_chunk": upload, "chunk_index": str(index)}
        answer = client.post(f"/api/meetings/{meeting.pk}/chunk", body)
        assert answer.status_code in {200, 400, 422}, answer.content
        assert answer.json().keys() >= ({"success"} if answer.status_code == 200 else {"error"})
        if answer.status_code == 200:
            jobs.transcribe_chunk(meeting.pk, index)
            chunk = meeting.chunks.get(index=index)
            assert chunk.state in {State.TRANSCRIBED, State.SILENT, State.FAILED, State.STORED}
            assert chunk.error or chunk.state != State.FAILED

    send()
    assert meeting.chunks.count() > 5
    for event in meeting.conversation.events.all():
        verify_told(json.loads(event.frame))


@limit_fuzz(15)
@given(body=st.binary(max_size=400), kind=st.sampled_from((FORM, "")))
@example(b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n', FORM)
@pytest.mark.django_db
def test_a_broken_form_is_refused(body: bytes, kind: str) -> None:
    meeting_id = "00000000-0000-4000-8000-000000000000"
    for path in (f"/api/meetings/{meeting_id}/chunk", "/api/transcription/transcribe"):
        answer = Client().post(path, body, content_type=kind or "application/octet-stream")
        assert 400 <= answer.status_code < 500, answer.content
