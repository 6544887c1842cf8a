from typing import Any

import pytest
from pytest_django import Settings

from meetings import metadata, pipeline, services
from meetings.models import Meeting
from meetings.reprocessing.restoring import restore_revision
from meetings.reprocessing.revisions import RevisionNotFound
from meetings.reprocessing.service import MeetingNotFinished, reprocess_meeting
from tests.meetings.reprocessing.conftest import SAID

pytestmark = pytest.mark.django_db(transaction=True)


def run_again(meeting: Meeting, *stages: str, **wishes: Any) -> Meeting:
    reprocess_meeting(meeting, stages=stages, **wishes)
    assert pipeline.process_meeting(meeting.pk)
    return services.get_meeting(meeting.pk)


def test_replaced_result_is_kept_with_its_times(processed: Meeting) -> None:
    before = processed.stages.get(name="mood")
    run_again(processed, "mood")
    kept = processed.stage_revisions.get()
    assert (kept.name, kept.engine, kept.result) == ("mood", "local", before.result)
    assert (kept.started_at, kept.finished_at) == (before.started_at, before.finished_at)


def test_replaced_transcript_is_kept_as_people_saw_it(processed: Meeting) -> None:
    run_again(processed, "transcribe")
    kept = processed.stage_revisions.get(name="transcript")
    assert [line["text"] for line in kept.result["shown"]] == list(SAID)
    assert kept.result["segments"] is None  # the draft had been kept


def test_only_the_latest_revisions_of_a_stage_stay(processed: Meeting, settings: Settings) -> None:
    settings.STAGE_REVISIONS = 2
    times = []
    for _ in range(4):
        times.append(processed.stages.get(name="mood").finished_at)
        run_again(processed, "mood", "summary")
    kept = processed.stage_revisions.filter(name="mood")
    assert list(kept.values_list("finished_at", flat=True)) == [times[3], times[2]]
    assert processed.stage_revisions.count() == 4


def test_restored_analysis_changes_places_with_the_present_one(processed: Meeting) -> None:
    run_again(processed, "mood")
    processed.stages.filter(name="mood").update(result={"overall_mood": "gloomy"}, engine="llm")
    kept = processed.stage_revisions.get()
    meeting = restore_revision(processed, kept.pk)
    row = processed.stages.get(name="mood")
    assert (meeting.status, row.status, row.engine) == ("completed", "completed", "local")
    assert (row.result, row.finished_at) == (kept.result, kept.finished_at)
    assert processed.stage_revisions.get().result == {"overall_mood": "gloomy"}


def test_restored_transcript_brings_its_text_and_analyses_back(processed: Meeting) -> None:
    said = metadata.read_metadata(processed)
    assert run_again(processed, "transcribe").transcript == ""
    kept = processed.stage_revisions.get(name="transcript")
    assert restore_revision(processed, kept.pk, author="ana").status == "processing"
    assert pipeline.process_meeting(processed.pk)
    meeting = services.get_meeting(processed.pk)
    assert meeting.transcript == processed.transcript
    found = metadata.read_metadata(meeting)
    assert {**found, "processed_at": said["processed_at"]} == said


def test_nothing_is_restored_while_the_meeting_is_processed(processed: Meeting) -> None:
    run_again(processed, "mood")
    reprocess_meeting(processed, stages=["summary"])
    with pytest.raises(MeetingNotFinished):
        restore_revision(processed, processed.stage_revisions.get().pk)


def test_revision_of_another_meeting_is_unknown(processed: Meeting) -> None:
    run_again(processed, "mood")
    other = services.end_recording(services.start_meeting().pk, actor="client")
    assert pipeline.process_meeting(other.pk)
    with pytest.raises(RevisionNotFound):
        restore_revision(other, processed.stage_revisions.get().pk)
