"""Highlights and markers: each person has their own in a meeting, and nobody else's."""

from django.db.models import QuerySet

from intellibooks.errors import Conflict, NotFound
from intellibooks.identity import Identity
from meetings.models import Highlight, Meeting

MOST_HIGHLIGHTS = 500  # of one person in one meeting: every page that opens it reads them all


class HighlightNotFound(NotFound):
    detail = "Highlight not found"


class TooManyHighlights(Conflict):
    code = "too_many"  # the console advises to load the page again on a plain conflict
    detail = "Too many highlights"


def list_highlights(meeting: Meeting, identity: Identity) -> QuerySet[Highlight]:
    """That person's own, in the order of the meeting.

    Those who claim no name in open mode are one person, as when corrections are undone.
    """
    return Highlight.objects.filter(meeting=meeting, user_id=identity.user_id)


def add_highlight(
    meeting: Meeting,
    identity: Identity,
    *,
    start_ms: int,
    end_ms: int | None = None,
    note: str = "",
) -> Highlight:
    """The highlight; the same stretch again keeps what is there.

    Without ``end_ms`` it is a marker. Raises TooManyHighlights.
    """
    own = list_highlights(meeting, identity)
    stretch = {"start_ms": start_ms, "end_ms": start_ms if end_ms is None else end_ms}
    # Counted without a lock: two tabs at once may end one above the bound, which harms nobody.
    if own.count() >= MOST_HIGHLIGHTS and not own.filter(**stretch).exists():
        raise TooManyHighlights(
            f"You have {MOST_HIGHLIGHTS} highlights in this meeting. Take one away first."
        )
    highlight, _ = Highlight.objects.get_or_create(
        meeting=meeting, user_id=identity.user_id, **stretch, defaults={"note": note}
    )
    return highlight


def change_note(meeting: Meeting, identity: Identity, highlight_id: int, note: str) -> Highlight:
    """Raises HighlightNotFound, also for somebody else's."""
    highlight = list_highlights(meeting, identity).filter(pk=highlight_id).first()
    if highlight is None:
        raise describe_missing(highlight_id)
    highlight.note = note
    highlight.save(update_fields=["note"])
    return highlight


def remove_highlight(meeting: Meeting, identity: Identity, highlight_id: int) -> None:
    """Raises HighlightNotFound, also for somebody else's."""
    removed, _ = list_highlights(meeting, identity).filter(pk=highlight_id).delete()
    if not removed:
        raise describe_missing(highlight_id)


def describe_missing(highlight_id: int) -> HighlightNotFound:
    return HighlightNotFound(f"You have no highlight {highlight_id} in this meeting.")
