"""What an erasure removed, counted before, and what is left, looked for after."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from chat.frames import format_utc
from intellibooks import audit
from meetings import upkeep
from meetings.erasing.traces import KEPT, Traces, find_traces, remove_keys
from meetings.models import Meeting

SEARCH, WEBHOOKS = "meetings_searchentry", "meetings_webhookdelivery"


@dataclass(frozen=True, slots=True)
class Certificate:
    meeting_id: str
    erased_at: str
    removed: Traces
    left: Traces

    @property
    def is_complete(self) -> bool:
        return self.left.is_empty

    def describe(self) -> dict[str, Any]:
        """As JSON; it holds no word of what was said."""
        return {
            "certificate": "erasure",
            "service_version": settings.VERSION,
            "meeting": self.meeting_id,
            "erased_at": self.erased_at,
            "removed": {
                "rows": self.removed.rows,
                "row_count": sum(self.removed.rows.values()),
                "search_entries": self.removed.rows.get(SEARCH, 0),
                "webhook_bodies": self.removed.rows.get(WEBHOOKS, 0),
                "mentions": drop_kept(self.removed.mentions),
                "files": self.removed.files,
                "file_count": len(self.removed.files),
                "file_bytes": sum(self.removed.files.values()),
                "spooled_chunks": self.removed.spooled,
                "redis_keys": self.removed.redis,
            },
            "kept": {
                "rows": {table: n for table, n in self.left.mentions.items() if table in KEPT},
                "why": "the audit log names the id and who acted on it, never what was said",
            },
            "left": {
                "rows": self.left.rows,
                "mentions": drop_kept(self.left.mentions),
                "files": sorted(self.left.files),
                "spooled_chunks": self.left.spooled,
                "redis_keys": self.left.redis,
            },
            "is_complete": self.is_complete,
            "not_covered": "backups made before, and what was exported or sent to webhooks",
        }


def drop_kept(mentions: dict[str, int]) -> dict[str, int]:
    return {table: count for table, count in mentions.items() if table not in KEPT}


def erase(meeting: Meeting, *, actor: str, is_forced: bool = False) -> Certificate:
    """The meeting is gone; what of it was there, and what, if anything, still is.

    Raises MeetingInUse unless forced; OSError, DatabaseError; RedisError before anything was
    touched, because without Redis nobody could say that nothing is left.
    """
    removed = find_traces(meeting)
    freed = upkeep.erase_meeting(meeting, is_forced=is_forced)
    remove_keys(meeting)
    audit.record("meeting_erased", actor=actor, target=meeting.pk, freed_bytes=freed)
    return Certificate(meeting.pk, format_utc(datetime.now(UTC)), removed, find_traces(meeting))
