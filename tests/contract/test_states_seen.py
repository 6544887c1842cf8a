"""What a meeting can go through beside the usual: its frames too are as the file describes them."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pytest_django import Settings

from chat.models import Event
from chat.server_frames import MeetingFrame, SegmentFrame
from meetings import services
from meetings.editing.service import edit_segment
from meetings.models import Meeting, Segment
from meetings.reprocessing.service import reprocess_meeting
from tests.contract.frames import verify_told
from tests.factories import cut_sample, make_silence, send_chunk

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_media(settings: Settings, tmp_path: Path) -> None:
    media = {**settings.STORAGES["media"], "OPTIONS": {"location": tmp_path / "media"}}
    settings.DATA_DIR = tmp_path
    settings.STORAGES = {**settings.STORAGES, "media": media}


def read_frames() -> Iterator[dict[str, Any]]:
    for text in Event.objects.values_list("frame", flat=True):
        frame = json.loads(text)
        verify_told(frame)
        yield frame


def list_states(shape: Any) -> set[str]:
    return set(get_args(shape.__annotations__["state"]))


def live_through(work_off: Callable[[], None]) -> None:
    """An abrupt end, a late chunk, a stop, an edit, a name, and all of it once more."""
    meeting = services.start_meeting()
    send_chunk(meeting, 0, cut_sample(1)[0])
    send_chunk(meeting, 1, b"no sound at all")
    services.end_recording(meeting.pk, actor="watchdog", after_idle_seconds=0)
    send_chunk(meeting, 2, make_silence(1.5))
    work_off()
    services.end_recording(meeting.pk, actor="client")
    work_off()
    done = services.get_meeting(meeting.pk)
    heard = done.segments.filter(kind=Segment.Kind.SPEECH)[0]
    edit_segment(done, heard.key, rev=heard.rev, text="Good morning to all.", speaker="Alice")
    reprocess_meeting(done, stages=("all",))
    work_off()


def fail() -> None:
    meeting = services.start_meeting()
    services.end_recording(meeting.pk, actor="client")
    Meeting.objects.filter(pk=meeting.pk).update(lease_token="t")
    assert services.fail_meeting(meeting, "t", code="internal", reason="The disk is full.")


def test_every_state_of_a_meeting_is_as_described(work_off: Callable[[], None]) -> None:
    live_through(work_off)
    fail()
    services.cancel_meeting(services.start_meeting(), actor="client")
    frames = list(read_frames())
    seen = {frame["state"] for frame in frames if frame["type"] == "meeting"}
    assert seen == list_states(MeetingFrame)
    seen = {frame["state"] for frame in frames if frame["type"] == "segment"}
    assert seen == list_states(SegmentFrame)
