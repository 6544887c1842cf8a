"""Which meetings an answer may come from, and the reading of them."""

from collections import Counter
from collections.abc import Sequence
from functools import cache, partial
from math import log
from typing import Any

from django.db.models import QuerySet

from chat import access
from chat.models import Conversation
from intellibooks.identity import Identity
from meetings.analysis.registry import ANALYSES
from meetings.analysis.text import is_content
from meetings.assistant.questions import Question
from meetings.assistant.types import Document, Passage
from meetings.errors import MeetingNotCompleted, MetadataNotAvailable
from meetings.library.transcript import read_segments
from meetings.metadata import read_metadata
from meetings.models import Meeting, SearchEntry, Segment
from meetings.search.matching import match_entries
from meetings.search.query import Phrase, read_query
from meetings.transcripts import read_language
from transcription.types import Segment as Spoken
from transcription.types import Transcript

MOST_PASSAGES = 20_000  # of a meeting; two days of talk
MOST_MEETINGS, MOST_HITS, MOST_WORDS = 3, 400, 8
MOST_READERS = 20  # of a room, before nothing but its own meeting is quoted in it
Kind = SearchEntry.Kind
SEARCHED = (Kind.SEGMENT, Kind.DRAFT, Kind.SUMMARY, Kind.TITLE)


def read_here(identity: Identity, session_id: str) -> Document | None:
    """The meeting of the room, if it is one; None where that person may not see it."""
    found = list_meetings(Conversation.objects.filter(pk=session_id)).first()
    if found is None or not access.allows(identity, found.conversation, "view"):
        return None
    return read_document(found)


def read_others(identity: Identity, session_id: str, question: Question) -> list[Document]:
    """Other meetings that the question may be about: by its words, else the newest one."""
    readable = list_readable(identity, session_id)
    ids = find_meetings(readable, question)
    meetings = list_meetings(readable.filter(pk__in=ids)).in_bulk()
    documents = (read_document(meetings[pk], is_here=False) for pk in ids if pk in meetings)
    return [document for document in documents if document.passages]


def list_readable(identity: Identity, session_id: str) -> QuerySet[Conversation]:
    """The other rooms that the asker, and everybody who will read the answer, may see.

    What is said in a room is shown to all of it: an answer must not carry a private meeting there.
    """
    readable = access.visible_rooms(identity).exclude(pk=session_id)
    room = Conversation.objects.filter(pk=session_id).first()
    if room is None:
        return readable.none()
    readers = list_readers(identity, room)
    if len(readers) > MOST_READERS:
        return readable.none()
    for reader in readers:
        readable = readable.filter(pk__in=access.visible_rooms(reader).values("pk"))
    return readable


def list_readers(identity: Identity, room: Conversation) -> list[Identity]:
    """Everybody but the asker; a stranger stands for whoever may come without being a member."""
    members = set(room.memberships.values_list("user_id", flat=True))
    others = sorted(members - {identity.user_id})
    readers = [Identity(user_id=user_id, is_verified=True) for user_id in others]
    is_public = not members or bool(room.share_token)
    return [*readers, Identity()] if is_public else readers


def list_meetings(rooms: QuerySet[Conversation]) -> QuerySet[Meeting]:
    meetings = Meeting.objects.select_related("conversation").filter(conversation__in=rooms)
    return meetings.exclude(status=Meeting.Status.CANCELLED)


def find_meetings(readable: QuerySet[Conversation], question: Question) -> list[str]:
    """Ids, the best first: a rare word of the question weighs more than one that many have."""
    words = [word for word in question.words if is_content(word)] or list(question.words)
    if not words:
        newest = list_meetings(readable).order_by("-created_at").exclude(total_chunks=0)
        return list(newest.values_list("pk", flat=True)[:1])
    entries = SearchEntry.objects.filter(
        conversation__in=list_meetings(readable).values("pk"), kind__in=SEARCHED
    )
    scores: Counter[str] = Counter()
    for word in words[:MOST_WORDS]:
        phrases = tuple(Phrase(phrase.words) for phrase in read_query(word))
        if not phrases:
            continue
        hits = match_entries(entries, phrases).order_by("-pk")
        rooms = Counter(hits.values_list("conversation_id", flat=True)[:MOST_HITS])
        rarity = log(1 + MOST_HITS / max(1, rooms.total()))
        for room, count in rooms.items():
            scores[room] += round(1000 * rarity * (1 + log(count)))
    return [pk for pk, _ in scores.most_common(MOST_MEETINGS)]


def read_document(meeting: Meeting, *, is_here: bool = True) -> Document:
    """As it stands now: what was heard seconds ago is in it."""
    told = read_segments(meeting, after=0, limit=MOST_PASSAGES, words=False)
    passages = tuple(
        Passage(
            key=row["id"],
            start=row["start_ms"] / 1000,
            end=row["end_ms"] / 1000,
            speaker=row["speaker"],
            text=row["text"],
        )
        for row in told["segments"]
        if row["kind"] == Segment.Kind.SPEECH and row["text"].strip()
    )
    language = read_language(meeting)
    return Document(
        session_id=meeting.pk,
        title=meeting.conversation.title or f"Meeting of {meeting.created_at:%Y-%m-%d %H:%M} UTC",
        passages=passages,
        find=cache(partial(find_stage, meeting, passages, language)),
        language=language,
        is_live=told["is_draft"],
        is_here=is_here,
    )


def find_stage(
    meeting: Meeting, passages: Sequence[Passage], language: str, stage: str
) -> dict[str, Any]:
    """What the pipeline found; of a meeting that still runs, what our own analysis finds now."""
    stored = read_stored(meeting)
    if stage in stored:
        return stored[stage]
    segments = tuple(Spoken(p.start, p.end, p.text, speaker=p.speaker) for p in passages)
    duration = max((p.end for p in passages), default=0.0)
    found: dict[str, Any] = ANALYSES[stage](Transcript(segments, duration, language))
    return found


def read_stored(meeting: Meeting) -> dict[str, dict[str, Any]]:
    """Stage -> result, of those that have one."""
    try:
        told = read_metadata(meeting)
    except (MeetingNotCompleted, MetadataNotAvailable):
        return {}
    evidence = told["evidence"]
    stages = {
        "summary": {"summary": told["summary"], "key_points": evidence["key_points"]},
        "actions": {
            "action_items": evidence["action_items"],
            "decisions": told["decisions"],
            "questions": told["questions"],
        },
        "agenda": told["agenda"],
        "keywords": {name: told[name] for name in ("keywords", "main_theme", "domain")},
        "mood": told["mood"],
    }
    return {
        name: found
        for name, found in stages.items()
        if name in told["engines"] and name not in told["failed_stages"]
    }
