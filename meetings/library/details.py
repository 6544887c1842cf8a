"""What ``GET /api/meetings/{id}`` says beyond the session object of the old client."""

import builtins
from typing import Any

from django import db
from rest_framework import serializers

from chat import access
from chat.frames import format_utc
from intellibooks.identity import Identity
from meetings import upkeep
from meetings.failures import KINDS, UNKNOWN
from meetings.models import Meeting, StageResult
from meetings.speaker_roster import read_roster
from transcription.engines.base import EngineError

ACTS = ("view", "write", "edit", "manage")


class StageDetail(serializers.Serializer[Any]):
    name = serializers.CharField()
    status = serializers.ChoiceField(StageResult.Status.choices)
    engine = serializers.CharField(help_text="which made the result")
    duration_seconds = serializers.FloatField(allow_null=True)
    attempts = serializers.IntegerField()
    error = serializers.CharField(help_text="empty where it did not fail")
    hint = serializers.CharField(help_text="what to do about the error")


class SpeakerDetail(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment] # DRF takes it off the class
    name = serializers.CharField()
    share = serializers.FloatField()


def describe_meeting(identity: Identity, meeting: Meeting) -> dict[str, Any]:
    """Its stages, speakers and labels, and what this person may do with it."""
    acts = access.find_acts(identity, meeting.conversation)
    purged_at = meeting.audio_purged_at
    return {
        "tags": meeting.tags,
        "has_audio": upkeep.with_audio(Meeting.objects.filter(pk=meeting.pk)).exists(),
        "audio_purged_at": format_utc(purged_at) if purged_at else None,
        "can_resume": meeting.can_resume,
        "stages": list_stage_details(meeting),
        "speakers": [
            {"label": voice.label, "name": voice.name, "share": voice.share}
            for voice in read_roster(meeting).speakers
        ],
        "can": [act for act in ACTS if act in acts],
    }


def list_stage_details(meeting: Meeting) -> list[dict[str, Any]]:
    """Each stage that this processing has reached, with its error and what helps against it."""
    rows = meeting.stages.filter(generation=meeting.generation).defer("result")
    return [
        {
            "name": row.name,
            "status": row.status,
            "engine": row.engine,
            "duration_seconds": row.duration_seconds,
            "attempts": row.attempts,
            "error": row.error,
            "hint": find_hint(row.error) if row.error else "",
        }
        for row in rows
    ]


def find_hint(error: str) -> str:
    """What an operator can do about a stored error, which begins with the exception's name."""
    name = error.partition(":")[0]
    known = {EngineError.__name__: EngineError}
    kind = known.get(name) or getattr(db, name, None) or getattr(builtins, name, None)
    if not isinstance(kind, type):
        return UNKNOWN.hint
    return next((failure.hint for base, failure in KINDS if issubclass(kind, base)), UNKNOWN.hint)
