"""The wire shapes of the library, in and out."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from meetings.library.details import SpeakerDetail, StageDetail
from meetings.library.filters import MOODS, ORDERS, Filters
from meetings.library.moments import MomentField
from meetings.models import Meeting
from meetings.serializers import MeetingAnswer, StartRequest

MOST_MEETINGS, USUAL_MEETINGS, LAST_PAGE = 100, 20, 10_000
CHANGED = ("title", "tags", "language")


@extend_schema_field(OpenApiTypes.STR)
class StatusesField(serializers.Field[list[str], Any, str, Any]):
    """Statuses with commas between."""

    default_error_messages = {  # noqa: RUF012 - DRF reads it as a class attribute
        "invalid": f"Name statuses of {', '.join(Meeting.Status.values)}, with commas between."
    }

    def to_internal_value(self, data: Any) -> list[str]:
        names = [name for part in str(data).split(",") if (name := part.strip())]
        if set(names) - set(Meeting.Status.values):
            self.fail("invalid")
        return list(dict.fromkeys(names))

    def to_representation(self, value: list[str]) -> str:
        return ",".join(value)


class ListQuery(serializers.Serializer[Any]):
    status = StatusesField(required=False, help_text="one or several, with commas between")
    q = serializers.CharField(
        required=False, allow_blank=True, max_length=1000, help_text="in its title or its words"
    )
    speaker = serializers.CharField(required=False, allow_blank=True, max_length=100)
    mood = serializers.ChoiceField(MOODS, required=False, allow_blank=True)
    tag = serializers.CharField(required=False, allow_blank=True, max_length=200)
    language = serializers.CharField(required=False, allow_blank=True, max_length=16)
    engine = serializers.CharField(required=False, allow_blank=True, max_length=32)
    has_audio = serializers.BooleanField(required=False, allow_null=True, default=None)
    ended_abruptly = serializers.BooleanField(required=False, allow_null=True, default=None)
    sort = serializers.ChoiceField(list(ORDERS), default="newest")
    page = serializers.IntegerField(default=1, min_value=1, max_value=LAST_PAGE)
    limit = serializers.IntegerField(default=USUAL_MEETINGS, min_value=1, max_value=MOST_MEETINGS)

    def get_fields(self) -> dict[str, Any]:
        # "from" is a word of the language, so it cannot be an attribute.
        since = MomentField(required=False, help_text="meetings from this day or moment on")
        until = MomentField(
            required=False, is_end=True, help_text="meetings until this day (whole) or moment"
        )
        return {**super().get_fields(), "from": since, "to": until}


def read_filters(asked: dict[str, Any]) -> Filters:
    """From what ListQuery found valid."""
    return Filters(
        text=asked.get("q", ""),
        since=asked.get("from"),
        until=asked.get("to"),
        has_audio=asked["has_audio"],
        ended_abruptly=asked["ended_abruptly"],
        **{name: asked.get(name, "") for name in ("speaker", "mood", "tag", "language", "engine")},
    )


class RowMood(serializers.Serializer[Any]):
    overall_mood = serializers.ChoiceField(MOODS)
    sentiment_score = serializers.FloatField()


class RowFailure(serializers.Serializer[Any]):
    code = serializers.CharField()
    reason = serializers.CharField()


class MeetingRow(serializers.Serializer[Any]):
    session_id = serializers.CharField()
    title = serializers.CharField()
    status = serializers.ChoiceField(Meeting.Status.choices)
    created_at = serializers.CharField()
    ended_at = serializers.CharField(allow_null=True)
    duration_ms = serializers.IntegerField()
    tags = serializers.ListField(child=serializers.CharField())
    speakers = SpeakerDetail(many=True)
    mood = RowMood(allow_null=True)
    keywords = serializers.ListField(child=serializers.CharField())
    words = serializers.IntegerField(allow_null=True)
    engine = serializers.CharField(help_text="which heard it, else the one asked for")
    language = serializers.CharField()
    gaps = serializers.IntegerField(help_text="how many holes the recording has")
    progress = serializers.FloatField(allow_null=True, help_text="0..1 while it is processed")
    stage = serializers.CharField(allow_null=True)
    failure = RowFailure(allow_null=True)
    ended_abruptly = serializers.BooleanField()
    can_resume = serializers.BooleanField()
    has_audio = serializers.BooleanField()
    preview = serializers.CharField(help_text="of the summary; the last words while it records")


@extend_schema_serializer(many=False)  # one object, which holds the list
class ListAnswer(serializers.Serializer[Any]):
    results = MeetingRow(many=True)
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    limit = serializers.IntegerField()
    counts = serializers.DictField(
        child=serializers.IntegerField(), help_text="of each status, whatever status is asked for"
    )


class DetailAnswer(MeetingAnswer):
    tags = serializers.ListField(child=serializers.CharField())
    has_audio = serializers.BooleanField()
    audio_purged_at = serializers.CharField(allow_null=True)
    can_resume = serializers.BooleanField()
    stages = StageDetail(many=True)
    speakers = SpeakerDetail(many=True)
    can = serializers.ListField(
        child=serializers.CharField(), help_text="what whoever asks may do: view, write, ..."
    )


class ChangeRequest(serializers.Serializer[Any]):
    """What is left out stays as it is."""

    def get_fields(self) -> dict[str, Any]:
        fields = StartRequest().get_fields()
        return {name: fields[name] for name in CHANGED}


class EraseQuery(serializers.Serializer[Any]):
    force = serializers.BooleanField(
        default=False, help_text="although it records or is being processed"
    )


class ErasedAnswer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    session_id = serializers.CharField()
    freed_bytes = serializers.IntegerField()


class ShareAnswer(serializers.Serializer[Any]):
    session_id = serializers.CharField()
    share_token = serializers.CharField(allow_null=True)
    share_url = serializers.CharField(allow_null=True)
