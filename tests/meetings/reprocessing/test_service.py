import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from pytest_django import Settings

from chat.models import Event
from intellibooks.errors import InvalidRequest
from meetings import metadata, pipeline, services, transcripts, upkeep
from meetings.models import Meeting, StageResult, Transition
from meetings.reprocessing.service import (
    MeetingNotFinished,
    SoundGone,
    process_stuck_recording,
    reprocess_meeting,
)
from meetings.stages import ANALYSES, PAUSES_BEFORE_RETRY, Run, run_stage

pytestmark = pytest.mark.django_db(transaction=True)

Rows = Callable[[], dict[str, dict[str, Any]]]


def run_again(meeting: Meeting, *stages: str, **wishes: Any) -> Meeting:
    reprocess_meeting(meeting, stages=stages, **wishes)
    assert pipeline.process_meeting(meeting.pk)
    return services.get_meeting(meeting.pk)


def list_changed(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return {name for name in after if after[name] != before.get(name)}


def test_asking_for_mood_touches_only_mood(processed: Meeting, read_rows: Rows) -> None:
    before = read_rows()
    run_again(processed, "mood")
    after = read_rows()
    assert list_changed(before, after) == {"mood"}
    assert after["mood"]["finished_at"] > before["mood"]["finished_at"]
    assert (after["mood"]["attempts"], after["mood"]["is_asked"]) == (2, False)


def test_same_text_heard_again_leaves_the_analyses_alone(spoken: Meeting) -> None:
    meeting = run_again(spoken, "transcribe")
    before = {row["name"]: row for row in meeting.stages.values()}
    assert run_again(meeting, "transcribe").transcript == meeting.transcript
    after = {row["name"]: row for row in meeting.stages.values()}
    assert "good morning" in meeting.transcript
    assert list_changed(before, after) == {"transcript", "segments"}


def test_other_text_leads_to_other_analyses(processed: Meeting, read_rows: Rows) -> None:
    before = read_rows()
    meeting = run_again(processed, "transcribe")
    assert meeting.transcript == ""  # the engine hears no words in a tone
    assert list_changed(before, read_rows()) == {"transcript", "segments", *ANALYSES}
    assert metadata.read_metadata(meeting)["word_count"] == 0


def test_asked_analysis_runs_beside_one_that_has_nothing_new(
    processed: Meeting, read_rows: Rows
) -> None:
    before = read_rows()
    run_again(processed, "diarize", "summary")
    assert list_changed(before, read_rows()) == {"diarize", "segments", "summary"}


def test_asking_for_all_runs_everything_that_listens_or_reads(
    processed: Meeting, read_rows: Rows
) -> None:
    before = read_rows()
    run_again(processed, "all")
    assert read_rows().keys() - list_changed(before, read_rows()) == {"gather", "recording"}


def test_engine_and_language_are_remembered(processed: Meeting) -> None:
    wishes = {"engine": "pocketsphinx", "language": "en-US"}
    meeting = run_again(processed, "transcribe", **wishes)
    assert (meeting.engine, meeting.language) == ("pocketsphinx", "en-US")


def test_reader_meanwhile_gets_the_earlier_results_of_one_processing(processed: Meeting) -> None:
    earlier = metadata.read_metadata(processed)
    meeting = reprocess_meeting(processed, stages=["transcribe"])
    assert transcripts.read_text(meeting) == processed.transcript
    assert metadata.read_metadata(meeting) == {**earlier, "processing": True}
    # As if the worker had got this far: one analysis is new, the next is not.
    row = meeting.stages.get(name="summary")
    run = Run(meeting, meeting.lease_token, lambda: True)
    run_stage(run, row.name, lambda: {"summary": "new", "key_points": [], "engine": "x"})
    assert meeting.stages.get(name="summary").result["summary"] == "new"
    assert metadata.read_metadata(meeting) == {**earlier, "processing": True}


def test_failed_reprocessing_keeps_the_results_and_can_be_retried(
    spoken: Meeting, settings: Settings
) -> None:
    earlier = metadata.read_metadata(spoken)
    reprocess_meeting(spoken, stages=["transcribe"])
    settings.SPEECH_ENGINES, settings.WHISPER_PATH = ("whisper_cli",), "/nonexistent/whisper"
    rows = Meeting.objects.filter(pk=spoken.pk)
    for _ in range(len(PAUSES_BEFORE_RETRY) + 1):
        assert not pipeline.process_meeting(spoken.pk)
        rows.update(retry_at=None)
    failed = rows.get()
    assert (failed.status, failed.failure_code) == ("failed", "engine_unavailable")
    assert transcripts.read_text(failed) == spoken.transcript
    assert metadata.read_metadata(failed) == earlier
    settings.SPEECH_ENGINES = ("pocketsphinx",)
    services.retry_processing(failed, actor="operator")
    assert pipeline.process_meeting(spoken.pk)
    assert "good morning" in rows.get().transcript


def test_retry_tries_a_failed_analysis_again(processed: Meeting) -> None:
    Meeting.objects.update(status="failed", completed_at=None)
    processed.stages.filter(name="mood").update(status="failed", input_digest="", error="it broke")
    services.retry_processing(processed, actor="operator")
    assert pipeline.process_meeting(processed.pk)
    assert processed.stages.get(name="mood").status == "completed"


def test_a_failed_analysis_that_nobody_asked_for_stays_failed(
    processed: Meeting, read_rows: Rows
) -> None:
    processed.stages.filter(name="agenda").update(status="failed", error="it broke")
    before = read_rows()
    run_again(processed, "mood")
    assert list_changed(before, read_rows()) == {"mood"}


def test_killed_worker_takes_no_wish_along(
    processed: Meeting, read_rows: Rows, settings: Settings, data_dir: Path
) -> None:
    before = read_rows()
    reprocess_meeting(processed, stages=["summary", "mood", "metrics"])
    settings.FAILPOINTS = "stage.mood.before_checkpoint=kill"
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            pipeline.process_meeting(processed.pk)
        finally:
            os._exit(1)  # not reached
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    states = {name: row["status"] for name, row in read_rows().items()}
    assert (states["summary"], states["mood"], states["metrics"]) == (
        "completed",
        "running",
        "pending",
    )
    Meeting.objects.update(lease_until=None)  # as after LEASE_SECONDS
    summary = read_rows()["summary"]
    assert pipeline.process_meeting(processed.pk)
    assert list_changed(before, read_rows()) == {"summary", "mood", "metrics"}
    assert read_rows()["summary"] == summary


def test_of_two_that_ask_at_once_one_wins(processed: Meeting) -> None:
    def ask(stage: str) -> str:
        try:
            return reprocess_meeting(processed, stages=[stage]).status
        except MeetingNotFinished as error:
            return error.error
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(ask, ["mood", "summary"]))
    assert answers == ["The meeting is being processed already.", "processing"]
    assert processed.stages.filter(status="pending").count() == 1


@pytest.mark.parametrize("status", ["recording", "processing", "cancelled"])
def test_only_finished_meetings_are_reprocessed(processed: Meeting, status: str) -> None:
    Meeting.objects.update(status=status)
    with pytest.raises(MeetingNotFinished):
        reprocess_meeting(processed, stages=["mood"])
    assert not processed.stages.filter(status="pending").exists()


def test_without_sound_only_reading_stages_run(processed: Meeting, read_rows: Rows) -> None:
    upkeep.delete_meeting_media(processed)
    with pytest.raises(SoundGone, match="summary, keywords, mood, agenda, actions, metrics"):
        reprocess_meeting(processed, stages=["mood", "transcribe"])
    before = read_rows()
    run_again(processed, "summary")
    assert list_changed(before, read_rows()) == {"summary"}


def test_unknown_stage_is_refused_with_those_that_exist(processed: Meeting) -> None:
    with pytest.raises(InvalidRequest, match=r"transcribe, diarize, summary, .*, all"):
        reprocess_meeting(processed, stages=["moood"])


@pytest.mark.parametrize(
    ("wishes", "problem"),
    [
        ({"engine": "ears"}, "pocketsphinx"),
        ({"language": "e n"}, "en, pt-BR or auto"),
        ({"engine": "pocketsphinx", "stages": ["mood"]}, "transcribe"),
        ({"stages": []}, "at least one"),
    ],
)
def test_wishes_that_make_no_sense_are_refused(
    processed: Meeting, wishes: dict[str, Any], problem: str
) -> None:
    with pytest.raises(InvalidRequest, match=problem):
        reprocess_meeting(processed, **wishes)


def test_engine_that_is_not_set_up_is_refused(processed: Meeting, settings: Settings) -> None:
    settings.DEEPGRAM_API_KEY = ""
    with pytest.raises(InvalidRequest, match="deepgram cannot work here"):
        reprocess_meeting(processed, stages=["transcribe"], engine="deepgram")


def test_viewers_and_reviewers_are_told(processed: Meeting) -> None:
    seen = processed.conversation.last_seq
    run_again(processed, "mood", author="ana")
    moves = list(Transition.objects.filter(meeting=processed).values_list("old", "new", "actor"))
    assert moves[-2:] == [
        ("completed", "processing", "ana"),
        ("processing", "completed", "pipeline"),
    ]
    frames = Event.objects.filter(conversation_id=processed.pk, seq__gt=seen)
    texts = list(frames.order_by("seq").values_list("frame", flat=True))
    assert ['"asked":["mood"]' in texts[0], '"stage":"mood"' in texts[1]] == [True, True]
    assert '"state":"completed"' in texts[-1]


def test_named_speaker_keeps_its_name(processed: Meeting) -> None:
    processed.segments.update(speaker_label="Speaker 1", speaker="Ana")
    processed.speakers.create(label="Speaker 1", name="Ana")
    run_again(processed, "diarize")
    assert processed.segments.filter(speaker="Ana").count() == 3


def test_stuck_recording_is_stopped_and_processed() -> None:
    meeting = services.start_meeting()
    assert process_stuck_recording(meeting, author="ana").status == "processing"
    assert Transition.objects.filter(meeting=meeting).latest("id").actor == "ana"


def test_results_of_before_late_sound_are_put_away(processed: Meeting) -> None:
    Meeting.objects.update(generation=2, status="processing", completed_at=None)
    assert pipeline.process_meeting(processed.pk)
    assert set(processed.stages.values_list("generation", flat=True)) == {2}
    kept = processed.stage_revisions.values_list("name", "generation")
    assert set(kept) == {(name, 1) for name in ("transcript", "diarize", *ANALYSES)}
    assert StageResult.objects.get(name="mood").status == "completed"
