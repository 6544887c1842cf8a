import json

import pytest
from pytest_django import Settings

from chat.models import Event
from meetings import drafting, pipeline, services
from meetings.models import Meeting, StageResult
from tests.factories import cut_sample, send_chunk

pytestmark = pytest.mark.django_db(transaction=True)


def record(*chunks: bytes) -> Meeting:
    """A stopped meeting of which every chunk was heard live."""
    meeting = services.start_meeting()
    for index, data in enumerate(chunks):
        send_chunk(meeting, index, data)
        drafting.transcribe_chunk(meeting.pk, index)
    return services.end_recording(meeting.pk, actor="client")


def read_result() -> dict[str, object]:
    result: dict[str, object] = StageResult.objects.get(name="transcript").result
    return result


def test_finished_segments_come_from_the_whole_recording() -> None:
    meeting = record(*cut_sample(2))
    assert pipeline.process_meeting(meeting.pk)
    assert read_result()["engine"] == "pocketsphinx"
    segments = list(meeting.segments.all())
    assert all(segment.key.startswith("t") for segment in segments)
    assert all(segment.engine == "pocketsphinx" and segment.words for segment in segments)
    assert any(one.start_ms < 10_240 < one.end_ms for one in segments)  # across the cut


def test_viewers_are_told_which_drafts_are_gone() -> None:
    meeting = record(*cut_sample(1))
    pipeline.process_meeting(meeting.pk)
    newest: dict[str, dict[str, object]] = {}
    for event in Event.objects.filter(type="segment").order_by("seq"):
        frame = json.loads(event.frame)
        assert frame["rev"] >= newest.get(frame["id"], frame)["rev"]
        newest[frame["id"]] = frame
    shown = {key for key, frame in newest.items() if frame["state"] == "final"}
    assert shown == set(meeting.segments.values_list("key", flat=True))
    assert {frame["state"] for frame in newest.values()} == {"final", "removed"}


@pytest.mark.parametrize("setting", ["never", "better"])
def test_a_draft_that_is_as_good_is_kept_by_setting(settings: Settings, setting: str) -> None:
    settings.FINAL_TRANSCRIPTION = setting
    meeting = record(*cut_sample(1))
    pipeline.process_meeting(meeting.pk)
    assert read_result()["segments"] is None
    assert read_result()["reason"]
    assert meeting.segments.first().key == "000000-00"  # type: ignore[union-attr]


def test_draft_is_kept_where_no_engine_can_hear_the_whole(settings: Settings) -> None:
    meeting = record(*cut_sample(1))
    settings.SPEECH_ENGINES = ()
    assert pipeline.process_meeting(meeting.pk)
    assert "no engine" in str(read_result()["reason"])
    assert services.get_meeting(meeting.pk).transcript.startswith("good morning")


def replay(meeting: Meeting) -> dict[str, str]:
    """What a viewer shows who believes of each segment the frame with the highest rev."""
    newest: dict[str, dict[str, object]] = {}
    for event in Event.objects.filter(type="segment").order_by("seq"):
        frame = json.loads(event.frame)
        known = newest.get(frame["id"])
        if known is None or frame["rev"] > known["rev"]:
            newest[frame["id"]] = frame
    shown = (frame for frame in newest.values() if frame["state"] != "removed")
    return {str(frame["id"]): str(frame["text"]) for frame in shown}


def test_finals_that_vanish_are_told_and_may_come_again(settings: Settings) -> None:
    meeting = record(*cut_sample(1))
    seen = []
    for generation, setting in enumerate(("always", "never", "always"), start=1):
        settings.FINAL_TRANSCRIPTION = setting
        Meeting.objects.filter(pk=meeting.pk).update(status="processing", generation=generation)
        assert pipeline.process_meeting(meeting.pk)
        seen.append(replay(meeting))
        assert seen[-1] == dict(meeting.segments.values_list("key", "text"))
    assert seen[0] == seen[2]
    assert not seen[0].keys() & seen[1].keys()
