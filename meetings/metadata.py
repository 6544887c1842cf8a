"""The results of a completed meeting in the shape the frontend reads."""

from datetime import datetime, timedelta
from typing import Any

from rest_framework import serializers

from chat.frames import format_utc
from meetings.editing.renaming import NameHistory, read_history, rename_speakers
from meetings.errors import MeetingNotCompleted, MetadataNotAvailable
from meetings.models import Meeting, StageResult, StageRevision
from meetings.reprocessing.revisions import read_earlier

# What each analysis hands over, with the value that stands where its stage failed.
EMPTY: dict[str, dict[str, Any]] = {
    "summary": {"summary": "", "key_points": [], "main_topics": []},
    "keywords": {"keywords": [], "main_theme": "", "domain": "general"},
    "mood": {
        "overall_mood": "neutral",
        "sentiment_score": 0.0,
        "emotional_tone": "neutral",
        "stress_level": "low",
        "engagement_level": "low",
    },
    "agenda": {"agenda_items": [], "meeting_purpose": "", "total_topics": 0},
    "actions": {"action_items": [], "decisions": [], "questions": []},
    "metrics": {
        "word_count": 0,
        "character_count": 0,
        "sentence_count": 0,
        "question_count": 0,
        "estimated_duration_minutes": 0.0,
        "average_words_per_sentence": 0.0,
        "engagement_score": 0.0,
    },
}


# Who made a result, and how many claims it dropped: told beside the results, not in them.
PROVENANCE = {"engine", "dropped"}
FAILED = StageResult.Status.FAILED


class MetadataAnswer(serializers.Serializer[Any]):
    transcript_length = serializers.IntegerField()
    word_count = serializers.IntegerField()
    processed_at = serializers.CharField()
    summary = serializers.CharField()
    key_points = serializers.ListField(child=serializers.CharField())
    main_topics = serializers.ListField(child=serializers.CharField())
    action_items = serializers.ListField(child=serializers.CharField())
    keywords = serializers.ListField(child=serializers.DictField())
    main_theme = serializers.CharField()
    domain = serializers.CharField()
    mood = serializers.DictField()
    agenda = serializers.DictField()
    metrics = serializers.DictField()
    decisions = serializers.ListField(child=serializers.DictField())
    questions = serializers.ListField(child=serializers.DictField())
    evidence = serializers.DictField()
    engines = serializers.DictField()
    failed_stages = serializers.ListField(child=serializers.CharField())
    processing = serializers.BooleanField(help_text="newer results are being made")


def read_metadata(meeting: Meeting) -> dict[str, Any]:
    """Everything the analyses found; while it is processed again, what they found before.

    Speakers are called as they are now, whatever they were called when it was found.
    Raises MeetingNotCompleted, MetadataNotAvailable.
    """
    if meeting.completed_at is None:
        raise MeetingNotCompleted(f"The meeting is {meeting.status}; its results come later.")
    rows = {row.name: row for row in meeting.stages.filter(name__in=EMPTY)}
    if not rows:
        raise MetadataNotAvailable("This meeting has no results yet.")
    earlier = read_earlier(meeting, rows.values())
    made: dict[str, StageResult | StageRevision] = {**rows, **earlier}
    names = read_history(meeting)
    found = {name: read_stage(made.get(name), empty, names) for name, empty in EMPTY.items()}
    return {
        "transcript_length": len(meeting.transcript),
        "word_count": found["metrics"]["word_count"],
        "processed_at": format_utc(meeting.completed_at),
        **flatten_claims(found),
        **found["keywords"],
        "mood": found["mood"],
        "agenda": found["agenda"],
        "metrics": found["metrics"],
        "decisions": found["actions"]["decisions"],
        "questions": found["actions"]["questions"],
        "evidence": {
            "key_points": found["summary"]["key_points"],
            "action_items": found["actions"]["action_items"],
        },
        "engines": {name: row.engine for name, row in made.items()},
        "failed_stages": [name for name, row in rows.items() if row.status == FAILED],
        "processing": meeting.status == Meeting.Status.PROCESSING,
    }


def read_stage(
    row: StageResult | StageRevision | None, empty: dict[str, Any], names: NameHistory
) -> dict[str, Any]:
    """What the stage last found; where it never did, values that a client can show."""
    if row is None or not row.result:
        return empty
    found = {name: value for name, value in row.result.items() if name not in PROVENANCE}
    return {**empty, **rename_speakers(found, names.find_renamed(find_begin(row)))}


def find_begin(row: StageResult | StageRevision) -> datetime | None:
    """When the stage read the transcript that its result is from."""
    if row.finished_at is None:
        return None
    took = row.duration_seconds if isinstance(row, StageResult) else None
    return row.finished_at - timedelta(seconds=took or 0.0)


def flatten_claims(found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Key points and action items as the plain sentences that the old client lists."""
    return {
        "summary": found["summary"]["summary"],
        "key_points": [point["text"] for point in found["summary"]["key_points"]],
        "main_topics": found["summary"]["main_topics"],
        "action_items": [phrase_action(item) for item in found["actions"]["action_items"]],
    }


def phrase_action(item: dict[str, Any]) -> str:
    """``Robert: call the supplier (by Monday)``."""
    owner = f"{item['owner']}: " if item.get("owner") else ""
    due = item.get("due")
    return f"{owner}{item['task']}" + (f" ({due})" if due and due not in item["task"] else "")
