from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from chat.models import Conversation, Message
from meetings import services, speakers, upkeep
from meetings.models import AudioChunk, Meeting, SearchEntry, Segment, StageResult
from meetings.search import schema
from tests.meetings.search.said import find, list_texts, make_meeting, say

pytestmark = pytest.mark.django_db(transaction=True)
EVIDENCE = [{"segment": 0, "start": 61.5, "end": 63.0}]


def test_edited_text_is_found_and_the_old_is_not() -> None:
    meeting = make_meeting("we hire an elephant")
    meeting.segments.update(text="we hire an engineer")
    assert list_texts("engineers ") == ["we hire an engineer"]
    assert list_texts("elephant ") == []


def test_segments_written_anew_are_found_once() -> None:
    meeting = make_meeting("budget")
    rows = list(meeting.segments.all())
    meeting.segments.all().delete()
    Segment.objects.bulk_create(rows)
    assert list_texts("budget") == ["budget"]


def test_missing_audio_is_not_found() -> None:
    meeting = make_meeting("hello")
    meeting.segments.update(kind="missing", text="[missing audio 00:00-00:10]")
    assert list_texts("missing") == []


def test_a_new_title_is_found_and_the_old_is_not() -> None:
    meeting = make_meeting(title="Elephant")
    Conversation.objects.filter(pk=meeting.pk).update(title="Giraffe")
    assert [result["snippet"] for result in find("giraffe ")] == ["Giraffe"]
    assert find("elephant ") == []


def test_results_of_the_stages_are_found_with_their_second() -> None:
    meeting = make_meeting()
    results: dict[str, Any] = {
        "summary": {
            "summary": "Ripe pomegranates.",
            "key_points": [{"text": "Pomegranates are ripe.", "evidence": EVIDENCE}, "odd", 7],
        },
        "actions": {
            "action_items": [{"task": "buy pomegranates", "owner": "Ana", "evidence": EVIDENCE}],
            "decisions": "none",
        },
        "agenda": {"agenda_items": [{"topic": "Pomegranates", "start": 5.25}]},
        "keywords": {"keywords": [{"text": "pomegranates"}]},
    }
    for name, result in results.items():
        StageResult.objects.create(meeting=meeting, name=name, status="running")
        StageResult.objects.filter(name=name).update(result=result, status="completed")
    found = {(hit["part"], hit["start_ms"], hit["speaker"]) for hit in find("pomegranate ")}
    assert found == {
        ("summary", None, None),
        ("key_point", 61_500, None),
        ("action_item", 61_500, "Ana"),
        ("topic", 5_250, None),
    }


def test_an_earlier_result_of_a_stage_is_not_found() -> None:
    meeting = make_meeting()
    stage = {"meeting": meeting, "name": "summary", "status": "completed"}
    StageResult.objects.create(**stage, result={"summary": "An elephant."})
    StageResult.objects.update(result={"summary": "A giraffe."})
    assert list_texts("elephant ") == []
    assert list_texts("giraffe ") == ["A giraffe."]


@pytest.mark.parametrize("result", [[], "text", 7, {"summary": None}, {"key_points": {}}])
def test_a_result_of_any_shape_can_be_stored(result: Any) -> None:
    meeting = make_meeting()
    StageResult.objects.create(meeting=meeting, name="summary", status="completed", result=result)
    StageResult.objects.create(meeting=meeting, name="actions", status="completed", result=result)
    assert [row.result for row in meeting.stages.all()] == [result, result]


def test_a_named_speaker_is_found_where_she_begins() -> None:
    meeting = make_meeting()
    say(meeting, "hello", at=4.0, speaker="Speaker 1")
    speakers.rename_speaker(meeting, "Speaker 1", "Rosalind")
    hit = next(hit for hit in find("rosalind ") if hit["kind"] == "speaker")
    assert (hit["session_id"], hit["start_ms"]) == (meeting.pk, 4000)


def test_messages_are_found_until_they_are_deleted() -> None:
    room = Conversation.objects.create(pk="room")
    message = Message.objects.create(
        conversation=room, role="user", user_id="ana", content="the elephant", at_ms=3000
    )
    hit = find("elephant ")[0]
    assert (hit["kind"], hit["session_id"], hit["message"], hit["speaker"], hit["start_ms"]) == (
        ("message", "room", str(message.pk), "ana", 3000)
    )
    Message.objects.update(deleted_at=datetime.now(UTC))
    assert find("elephant ") == []


def test_a_running_meeting_is_found_by_its_draft_until_it_is_completed() -> None:
    meeting = services.start_meeting()
    for index, text in enumerate(["hello", "the elephant"]):
        AudioChunk.objects.create(
            meeting=meeting, index=index, name="x", size=1, samples=160_000, text=text
        )
    hit = find("elephant ")[0]
    assert (hit["kind"], hit["segment"], hit["start_ms"]) == ("segment", None, 10_000)
    Meeting.objects.update(status="completed")
    assert find("elephant ") == []


def test_an_erased_meeting_leaves_nothing_behind() -> None:
    meeting = make_meeting("the elephant", title="Elephant")
    say(meeting, "another elephant")
    upkeep.erase_meeting(meeting)
    assert find("elephant ") == []
    assert not SearchEntry.objects.exists()


def test_every_trigger_is_there_after_all_migrations() -> None:
    if connection.vendor == "sqlite":
        sql = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
    else:
        sql = "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        present = set(cursor.fetchall())
    wanted = {(trigger.name, trigger.table) for trigger in schema.list_triggers(connection.vendor)}
    assert wanted <= present, "a migration remade a table: call schema.install at its end"


def test_the_index_can_be_made_anew_from_the_rows() -> None:
    meeting = make_meeting("the elephant", title="Elephant")
    results = {"summary": "An elephant.", "key_points": [{"text": "Elephant", "evidence": []}]}
    StageResult.objects.create(meeting=meeting, name="summary", status="completed", result=results)
    Message.objects.create(conversation_id=meeting.pk, role="user", content="elephants")
    AudioChunk.objects.create(meeting=meeting, index=0, name="x", size=1, text="elephant")
    before = {(row.kind, row.ref, row.part, row.text) for row in SearchEntry.objects.all()}
    with connection.schema_editor() as editor:
        schema.install(None, editor)  # type: ignore[arg-type] # it asks the state for nothing
    after = {(row.kind, row.ref, row.part, row.text) for row in SearchEntry.objects.all()}
    assert after == {row for row in before if row[0] != "draft"}
    assert len(find("elephant ")) == 5
