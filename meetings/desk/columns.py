"""The cells of the list of meetings; what they say was read for the whole page at once."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, FloatField, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html

from meetings.library.listing import annotate, encode_rows
from meetings.models import Meeting, MeetingQuerySet, SearchEntry, Segment, StageResult
from meetings.search.matching import match_entries
from meetings.search.query import read_query
from meetings.timeline import format_clock

NOTHING = "-"
MOST_FOUND = 20_000  # entries of the search index


class DeskList(ChangeList):
    """A page of meetings, each with its ``facts`` as the library shows them."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows = list(self.result_list)
        for row, facts in zip(rows, encode_rows(rows), strict=True):
            row.facts = facts
        self.result_list = rows


def annotate_list(meetings: MeetingQuerySet) -> MeetingQuerySet:
    """With what the columns are ordered by; only the rows of a page pay for what they show."""
    results = StageResult.objects.filter(meeting=OuterRef("pk"))
    spoken = Segment.objects.filter(meeting=OuterRef("pk")).exclude(speaker="")
    voices = spoken.order_by().values("meeting").annotate(n=Count("speaker", distinct=True))
    told: MeetingQuerySet = annotate(meetings).annotate(
        words_said=pick(results.filter(name="metrics"), "word_count"),
        mood_score=pick(results.filter(name="mood"), "sentiment_score"),
        audio_bytes=pick(results.filter(name="recording"), "bytes"),
        voices=Coalesce(Subquery(voices.values("n"), output_field=IntegerField()), 0),
    )
    return told


def pick(results: QuerySet[StageResult], key: str) -> Subquery:
    """A number of a stage's result; read as text first, because a JSON null is no number."""
    return Subquery(results.values(n=Cast(KT(f"result__{key}"), FloatField()))[:1])


def search(meetings: QuerySet[Meeting], text: str) -> QuerySet[Meeting]:
    """Those whose title, id, speakers or words hold the text, as the library's search finds."""
    wanted = text.strip()
    if not wanted:
        return meetings
    found = Q(conversation__title__icontains=wanted) | Q(conversation__id__icontains=wanted)
    return meetings.filter(found | Q(pk__in=find_spoken(wanted)))


def find_spoken(text: str) -> list[str]:
    """Ids of meetings in which the text is said; at most MOST_FOUND, the latest entries first.

    Read apart from the list: the match on Postgres names its table, which has another name
    within a query.
    """
    phrases = read_query(text)
    if not phrases:
        return []
    entries = match_entries(SearchEntry.objects.order_by("-pk"), phrases)
    return list(dict.fromkeys(entries.values_list("conversation_id", flat=True)[:MOST_FOUND]))


class MeetingColumns:
    @admin.display(description="status", ordering="status")
    def state(self, meeting: Any) -> str:
        progress = meeting.facts["progress"]
        shown = f"{progress:.0%}" if progress is not None else ""
        return format_html(
            '<span class="desk-pill desk-{}">{} {}</span>{}',
            meeting.status,
            meeting.status,
            shown,
            format_html('<span class="desk-badge">{}</span>', "ended abruptly")
            if meeting.ended_abruptly
            else "",
        )

    @admin.display(description="title", ordering="conversation__title")
    def title(self, meeting: Any) -> str:
        return meeting.conversation.title or NOTHING

    @admin.display(description="meeting", ordering="conversation__title")
    def name(self, meeting: Any) -> str:
        facts = meeting.facts
        below = facts["failure"]["reason"] if facts["failure"] else ", ".join(facts["tags"])
        return format_html(
            '<a href="{}">{}</a><small class="{}">{}</small>',
            reverse("admin:meetings_meeting_change", args=[meeting.pk]),
            facts["title"] or "untitled",
            "desk-bad" if facts["failure"] else "desk-quiet",
            below[:120],
        )

    @admin.display(description="started", ordering="created_at")
    def started(self, meeting: Meeting) -> str:
        day, clock = f"{meeting.created_at:%Y-%m-%d %H:%M}".split()
        owner = meeting.conversation.created_by
        below = f"{clock} by {owner}" if owner else clock
        return format_html('{}<small class="desk-quiet">{}</small>', day, below)

    @admin.display(description="length", ordering="duration_ms")
    def length(self, meeting: Any) -> str:
        return format_html(
            '{}<small class="desk-quiet">{}</small>',
            format_clock(meeting.facts["duration_ms"] / 1000),
            filesizeformat(meeting.audio_bytes) if meeting.audio_bytes else "",
        )

    @admin.display(description="chunks", ordering="total_chunks")
    def chunk_counts(self, meeting: Any) -> str:
        gaps = meeting.facts["gaps"]
        return format_html(
            '{}/{}<small class="desk-bad">{}</small>',
            meeting.chunks_processed,
            meeting.chunk_count,
            f"{gaps} {'gap' if gaps == 1 else 'gaps'}" if gaps else "",
        )

    @admin.display(description="words", ordering="words_said")
    def words(self, meeting: Any) -> str:
        words = meeting.facts["words"]
        return NOTHING if words is None else f"{words:,}"

    @admin.display(description="speakers", ordering="voices")
    def speakers(self, meeting: Any) -> str:
        voices = meeting.facts["speakers"]
        names = ", ".join(voice["name"] for voice in voices[:3])
        return format_html(
            '{}<small class="desk-quiet">{}</small>', len(voices) or NOTHING, names[:60]
        )

    @admin.display(description="mood", ordering="mood_score")
    def mood(self, meeting: Any) -> str:
        mood = meeting.facts["mood"]
        if mood is None:
            return NOTHING
        score = mood["sentiment_score"]
        return format_html(
            '<span class="desk-mood desk-mood-{}">{}</span><small class="desk-quiet">{}</small>',
            mood["overall_mood"],
            mood["overall_mood"],
            "" if score is None else f"{score:+.2f}",
        )

    @admin.display(description="heard by", ordering="heard_by")
    def heard(self, meeting: Any) -> str:
        return format_html(
            '{}<small class="desk-quiet">{}</small>',
            meeting.facts["engine"] or NOTHING,
            meeting.language,
        )
