"""What people change about a meeting as a whole."""

from typing import Any

from chat import events
from intellibooks import audit
from intellibooks.identity import Identity
from meetings import playback, services, upkeep
from meetings.models import Meeting


def change_meeting(
    meeting: Meeting,
    *,
    title: str | None = None,
    tags: list[str] | None = None,
    language: str | None = None,
) -> Meeting:
    """The meeting with another title, tags or language; what is None stays.

    The language counts from the next processing on.
    """
    changes: dict[str, Any] = {}
    if tags is not None:
        changes["tags"] = list(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))
    if language is not None:
        changes["language"] = language
    with events.record(meeting.pk) as log:
        if changes:
            Meeting.objects.filter(pk=meeting.pk).update(**changes)
        if title is not None:
            rename(log, title)
    return services.get_meeting(meeting.pk)


def rename(log: events.EventLog, title: str) -> None:
    """Viewers are told; a title that says the same is no news."""
    cleaned = clean_title(title)
    if cleaned == log.conversation.title:
        return
    log.conversation.title = cleaned
    log.conversation.save(update_fields=["title"])
    log.append("session", state="renamed", title=cleaned)


def clean_title(title: str) -> str:
    """On one line, without characters that nobody sees."""
    kept = (" " if is_hidden(letter) else letter for letter in title)
    return " ".join("".join(kept).split())


def is_hidden(letter: str) -> bool:
    return not letter.isprintable() and letter not in playback.JOINERS


def erase(identity: Identity, meeting: Meeting, *, is_forced: bool = False) -> int:
    """The meeting with everything in it; bytes freed. Raises MeetingInUse unless forced."""
    freed = upkeep.erase_meeting(meeting, is_forced=is_forced)
    audit.record("meeting_erased", actor=identity.user_id, target=meeting.pk, freed_bytes=freed)
    return freed


def purge_audio(identity: Identity, meeting: Meeting) -> int:
    """The meeting without its sound; bytes freed. Raises MeetingInUse."""
    freed = upkeep.delete_meeting_media(meeting)
    audit.record("audio_deleted", actor=identity.user_id, target=meeting.pk, freed_bytes=freed)
    return freed
