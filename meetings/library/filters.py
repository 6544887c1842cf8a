"""Which meetings of the library are asked for, and in which order."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import BooleanField, Exists, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Lower

from meetings import upkeep
from meetings.models import Meeting, MeetingQuerySet, SearchEntry, Segment, StageResult
from meetings.search.matching import match_entries
from meetings.search.query import read_query

MOODS = ("positive", "neutral", "negative", "mixed")
ORDERS: dict[str, tuple[str | Lower, ...]] = {
    "newest": ("-created_at", "-pk"),
    "oldest": ("created_at", "pk"),
    "title": (Lower("conversation__title"), "pk"),
    "longest": ("-duration_ms", "-pk"),
}
HAS_TAG = {
    "sqlite": "EXISTS (SELECT 1 FROM json_each(meetings_meeting.tags) WHERE value = %s)",
    "postgresql": "meetings_meeting.tags ? %s",
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What a meeting must be to be listed; what is empty or None does not matter.

    ``text`` is in its title, or found in it as the search finds. ``status`` is applied apart,
    so that the meetings of each status can be counted.
    """

    text: str = ""
    speaker: str = ""
    mood: str = ""
    tag: str = ""
    language: str = ""
    engine: str = ""
    since: datetime | None = None
    until: datetime | None = None
    has_audio: bool | None = None
    ended_abruptly: bool | None = None


def apply_filters(meetings: MeetingQuerySet, wanted: Filters) -> MeetingQuerySet:
    chosen = meetings.filter(*list_conditions(wanted))
    if wanted.has_audio is None:
        return chosen
    with_audio = upkeep.with_audio(Meeting.objects.all()).values("pk")
    is_with = Q(pk__in=with_audio)
    return chosen.filter(is_with if wanted.has_audio else ~is_with)


def list_conditions(wanted: Filters) -> list[Q | Exists | RawSQL]:
    spoken = Segment.objects.filter(meeting=OuterRef("pk"))
    conditions: list[tuple[object, Q | Exists | RawSQL]] = [
        (wanted.text, match_text(wanted.text)),
        (wanted.speaker, Exists(spoken.filter(speaker__iexact=wanted.speaker))),
        (wanted.mood, match_mood(wanted.mood)),
        (wanted.tag, match_tag(wanted.tag)),
        (wanted.language, Q(language__iexact=wanted.language)),
        (wanted.engine, Exists(spoken.filter(engine=wanted.engine)) | Q(engine=wanted.engine)),
        (wanted.since, Q(created_at__gte=wanted.since)),
        (wanted.until, Q(created_at__lte=wanted.until)),
        (wanted.ended_abruptly is not None, Q(ended_abruptly=bool(wanted.ended_abruptly))),
    ]
    return [condition for is_wanted, condition in conditions if is_wanted]


def match_text(text: str) -> Q:
    in_title = Q(conversation__title__icontains=text)
    phrases = read_query(text)
    if not phrases:
        return in_title
    entries = match_entries(SearchEntry.objects.order_by(), phrases)
    return in_title | Q(pk__in=entries.values("conversation"))


def match_mood(mood: str) -> Exists:
    readings = StageResult.objects.filter(meeting=OuterRef("pk"), name="mood")
    return Exists(readings.filter(result__overall_mood=mood))


def match_tag(tag: str) -> RawSQL:
    # Not __contains: SQLite has no such lookup on JSON.
    return RawSQL(HAS_TAG[connection.vendor], [tag], output_field=BooleanField())  # noqa: S611 - constants and a parameter
