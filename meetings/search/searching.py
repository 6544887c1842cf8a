"""The search: candidates from the database, ranked, and a page of them told in full."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from django.db.models import Min, QuerySet
from django.db.models.functions import Coalesce

from chat import access
from chat.frames import format_utc
from intellibooks.identity import Identity
from meetings.models import Meeting, SearchEntry, Segment
from meetings.recording import place_meeting
from meetings.search.matching import match_entries
from meetings.search.query import Phrase, read_query
from meetings.search.ranking import Found, cut_snippet, weigh

Kind = SearchEntry.Kind
TAKEN_AT = Coalesce("conversation__meeting__created_at", "conversation__created_at")
KINDS = (Kind.SEGMENT, Kind.TITLE, Kind.SUMMARY, Kind.MESSAGE, Kind.SPEAKER)
MOST_FOUND = 1000  # the newest; more are neither ranked nor counted


@dataclass(frozen=True, slots=True)
class Wishes:
    """What to search for, and where; ``offset`` counts results already seen."""

    text: str
    meeting_id: str = ""
    speaker: str = ""
    kinds: Sequence[str] = KINDS
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 20
    offset: int = 0


class Result(TypedDict):
    """``segment`` and ``message`` are ids to open it at; ``part`` is of a summary."""

    kind: str
    part: str | None
    session_id: str
    title: str
    created_at: str
    start_ms: int | None
    segment: str | None
    message: str | None
    speaker: str | None
    snippet: str
    highlights: list[list[int]]
    score: float


class Page(TypedDict):
    """``total`` counts no further than MOST_FOUND; ``next`` is the cursor of the next page."""

    results: list[Result]
    total: int
    is_capped: bool
    next: str | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry by its key, and how well it answers."""

    pk: int
    found: Found


def search(identity: Identity, wishes: Wishes) -> Page:
    """What of everything that this person may see answers the query, the best first."""
    phrases = read_query(wishes.text)
    if not phrases:
        return Page(results=[], total=0, is_capped=False, next=None)
    entries = match_entries(select_entries(identity, wishes), phrases)
    candidates = rank(phrases, entries.order_by("-pk")[: MOST_FOUND + 1])
    is_capped = len(candidates) > MOST_FOUND
    end = wishes.offset + wishes.limit
    kept = candidates[:MOST_FOUND]
    return Page(
        results=tell_results(kept[wishes.offset : end]),
        total=len(kept),
        is_capped=is_capped,
        next=str(end) if end < len(kept) else None,
    )


def select_entries(identity: Identity, wishes: Wishes) -> QuerySet[SearchEntry]:
    rooms = access.visible_rooms(identity)
    entries = SearchEntry.objects.filter(conversation__in=rooms.values("pk"))
    kinds = [str(kind) for kind in wishes.kinds]
    if Kind.SEGMENT in kinds:
        kinds.append(Kind.DRAFT)
    if set(kinds) != set(Kind.values):
        entries = entries.filter(kind__in=kinds)
    if wishes.meeting_id:
        entries = entries.filter(conversation=wishes.meeting_id)
    if wishes.speaker:
        entries = entries.filter(speaker__iexact=wishes.speaker)
    return limit_time(entries, wishes) if wishes.since or wishes.until else entries


def limit_time(entries: QuerySet[SearchEntry], wishes: Wishes) -> QuerySet[SearchEntry]:
    dated = entries.alias(taken_at=TAKEN_AT)
    if wishes.since:
        dated = dated.filter(taken_at__gte=wishes.since)
    return dated.filter(taken_at__lte=wishes.until) if wishes.until else dated


def rank(phrases: Sequence[Phrase], entries: QuerySet[SearchEntry]) -> list[Candidate]:
    """The best first; of equals the newest, then in the order they were said."""
    rows = entries.values_list("pk", "kind", "text")
    candidates = [Candidate(pk, weigh(phrases, kind, text)) for pk, kind, text in rows]
    return sorted(candidates, key=lambda candidate: (-candidate.found.score, -candidate.pk))


def tell_results(candidates: Sequence[Candidate]) -> list[Result]:
    rows = SearchEntry.objects.select_related("conversation").annotate(taken_at=TAKEN_AT)
    entries = rows.in_bulk([candidate.pk for candidate in candidates])
    starts = find_starts(list(entries.values()))
    return [
        tell_result(entries[candidate.pk], candidate.found, starts)
        for candidate in candidates
        if candidate.pk in entries  # or it was erased a moment ago
    ]


def tell_result(entry: Any, found: Found, starts: dict[int, int]) -> Result:
    """``entry`` is a SearchEntry with its ``taken_at``."""
    snippet = cut_snippet(entry.text, found.spans)
    return Result(
        kind=Kind.SEGMENT if entry.kind == Kind.DRAFT else entry.kind,
        part=entry.part or None,
        session_id=entry.conversation_id,
        title=entry.conversation.title,
        created_at=format_utc(entry.taken_at),
        start_ms=starts.get(entry.pk, entry.start_ms),
        segment=entry.ref if entry.kind == Kind.SEGMENT else None,
        message=str(uuid.UUID(entry.ref)) if entry.kind == Kind.MESSAGE else None,
        speaker=entry.speaker or None,
        snippet=snippet.text,
        highlights=snippet.highlights,
        score=found.score,
    )


def find_starts(entries: Sequence[SearchEntry]) -> dict[int, int]:
    """Entry -> ms, of those whose place is not stored: drafts, and where a speaker begins."""
    return {
        **place_drafts([entry for entry in entries if entry.kind == Kind.DRAFT]),
        **place_speakers([entry for entry in entries if entry.kind == Kind.SPEAKER]),
    }


def place_drafts(drafts: Sequence[SearchEntry]) -> dict[int, int]:
    """A hole before a draft may still move it, so its place is worked out when it is shown."""
    starts: dict[int, int] = {}
    for meeting in Meeting.objects.filter(pk__in={draft.conversation_id for draft in drafts}):
        places = {place.index: place.start_seconds for place in place_meeting(meeting)}
        for draft in drafts:
            if draft.conversation_id == meeting.pk and int(draft.ref) in places:
                starts[draft.pk] = round(places[int(draft.ref)] * 1000)
    return starts


def place_speakers(speakers: Sequence[SearchEntry]) -> dict[int, int]:
    if not speakers:
        return {}
    rows = Segment.objects.filter(
        meeting__in={entry.conversation_id for entry in speakers},
        speaker__in={entry.text for entry in speakers},
    )
    grouped = rows.order_by().values_list("meeting", "speaker").annotate(first=Min("start_ms"))
    firsts = {(meeting, name): first for meeting, name, first in grouped}
    places = {entry.pk: firsts.get((entry.conversation_id, entry.text)) for entry in speakers}
    return {pk: first for pk, first in places.items() if first is not None}
