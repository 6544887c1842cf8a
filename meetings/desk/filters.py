"""By what a reviewer narrows the list down. None asks a query per choice."""

from collections import Counter
from itertools import chain
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest

from meetings import upkeep
from meetings.library.filters import MOODS, match_mood, match_tag
from meetings.models import Meeting, Segment, StageResult
from meetings.stages import STAGE_NAMES
from transcription.engines.base import ENGINES

Choices = list[tuple[str, str]]
Meetings = QuerySet[Meeting]
MINUTE_MS = 60_000
LENGTHS: dict[str, tuple[int, int | None]] = {  # name -> from, to below; minutes
    "under 1 min": (0, 1),
    "1 to 10 min": (1, 10),
    "10 to 60 min": (10, 60),
    "over an hour": (60, None),
}
RECENT_MEETINGS, MOST_TAGS = 500, 30
YES, NO = "yes", "no"


class ChoiceFilter(admin.SimpleListFilter):
    """A filter whose choices are the same whatever is in the database."""

    names: tuple[str, ...] = ()

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(name, name) for name in self.names]

    def queryset(self, request: HttpRequest, queryset: Meetings) -> Meetings:
        value = self.value()
        return self.narrow(queryset, value) if value else queryset

    def narrow(self, queryset: Meetings, value: str) -> Meetings:
        raise NotImplementedError


class AudioFilter(ChoiceFilter):
    title, parameter_name, names = "has audio", "audio", (YES, NO)

    def narrow(self, queryset: Meetings, value: str) -> Meetings:
        has_audio = Q(pk__in=upkeep.with_audio(Meeting.objects.all()).values("pk"))
        return queryset.filter(has_audio if value == YES else ~has_audio)


class MoodFilter(ChoiceFilter):
    title, parameter_name, names = "mood", "mood", MOODS

    def narrow(self, queryset: Meetings, value: str) -> Meetings:
        return queryset.filter(match_mood(value))


class EngineFilter(ChoiceFilter):
    title, parameter_name, names = "engine", "heard_by", tuple(sorted(ENGINES))

    def narrow(self, queryset: Meetings, value: str) -> Meetings:
        heard = Segment.objects.filter(meeting=OuterRef("pk"), engine=value)
        return queryset.filter(Exists(heard))


class FailedStageFilter(ChoiceFilter):
    title, parameter_name, names = "failed stage", "failed", ("any", *STAGE_NAMES)

    def narrow(self, queryset: Meetings, value: str) -> Meetings:
        failed = StageResult.objects.filter(
            meeting=OuterRef("pk"), status=StageResult.Status.FAILED
        )
        return queryset.filter(Exists(failed if value == "any" else failed.filter(name=value)))


class LengthFilter(ChoiceFilter):
    title, parameter_name, names = "length", "length", tuple(LENGTHS)

    def narrow(self, queryset: Meetings, value: str) -> Meetings:
        shortest, longest = LENGTHS.get(value, (0, None))
        found = queryset.filter(duration_ms__gte=shortest * MINUTE_MS)
        return found if longest is None else found.filter(duration_ms__lt=longest * MINUTE_MS)


class TagFilter(ChoiceFilter):
    """The tags that the latest meetings have most."""

    title, parameter_name = "tag", "tag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        tagged = Meeting.objects.exclude(tags=[]).order_by("-created_at")
        tags = chain.from_iterable(tagged.values_list("tags", flat=True)[:RECENT_MEETINGS])
        common = Counter(str(tag) for tag in tags).most_common(MOST_TAGS)
        return [(tag, tag) for tag, _ in common]

    def narrow(self, queryset: Meetings, value: str) -> Meetings:
        return queryset.filter(match_tag(value))


class OwnerFilter(ChoiceFilter):
    """Those who made the latest meetings."""

    title, parameter_name = "owner", "owner"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        latest = Meeting.objects.order_by("-created_at")
        owners = latest.values_list("conversation__created_by", flat=True)[:RECENT_MEETINGS]
        return [(name, name) for name in sorted(set(owners)) if name]

    def narrow(self, queryset: Meetings, value: str) -> Meetings:
        return queryset.filter(conversation__created_by=value)
