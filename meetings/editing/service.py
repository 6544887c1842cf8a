"""Correcting a transcript: one segment, or all of them at once.

Each change is one transaction that holds the room's row: the segments, the history, the whole
text of a completed meeting and a revised ``segment`` frame for every viewer agree.
"""

from collections.abc import Iterable

from django.db import transaction

from chat import events
from intellibooks.errors import Conflict, ErrorBody, InvalidRequest
from meetings import speakers
from meetings.editing.rules import BadText, clean_text, compile_finder, replace_all
from meetings.editing.writing import Change, encode_segment, write_changes
from meetings.models import Meeting, Segment


class SegmentConflict(Conflict):
    """Somebody changed the segment meanwhile; the answer carries it as it is now."""

    detail = "Segment was changed"

    def __init__(self, row: Segment) -> None:
        super().__init__("Somebody else changed this segment meanwhile.")
        self.segment = encode_segment(row)

    def body(self) -> ErrorBody:
        return {**super().body(), "segment": self.segment}  # type: ignore[typeddict-unknown-key] # only here


def edit_segment(
    meeting: Meeting,
    key: str,
    *,
    rev: int,
    text: str | None = None,
    speaker: str | None = None,
    author: str = "",
) -> Segment:
    """The segment with its new text and speaker; an empty text says that nothing was said.

    ``rev`` is the revision that the author saw. Raises SegmentNotFound, SegmentConflict,
    InvalidRequest.
    """
    with events.turn_to_write(), transaction.atomic():
        with events.record(meeting.pk) as log:
            row = find_segment(meeting, key)
            if row.rev != rev:
                raise SegmentConflict(row)
            cleaned = row.text if text is None else require_text("text", text)
            if cleaned != row.text:
                write_changes(log, meeting, [Change(row, row.text, cleaned)], author)
        if speaker is not None:  # after the block: it records frames of its own
            speakers.assign_segments(meeting, [key], speaker)
        return find_segment(meeting, key)


def replace_text(
    meeting: Meeting,
    find: str,
    replacement: str,
    *,
    match_case: bool = False,
    whole_word: bool = False,
    author: str = "",
    is_rehearsal: bool = False,
) -> list[Change]:
    """Every segment in which the text was found, as it is now; a rehearsal writes nothing.

    All of it is one batch, undone at once. Raises InvalidRequest.
    """
    if is_rehearsal:  # asked for at every key that is pressed: it holds nobody up
        return list(find_changes(meeting, find, replacement, match_case, whole_word))
    with events.record(meeting.pk) as log:
        changes = list(find_changes(meeting, find, replacement, match_case, whole_word))
        write_changes(log, meeting, changes, author)
    return changes


def find_changes(
    meeting: Meeting, find: str, replacement: str, match_case: bool, whole_word: bool
) -> Iterable[Change]:
    try:
        finder = compile_finder(find, match_case=match_case, whole_word=whole_word)
        for row in meeting.segments.filter(kind=Segment.Kind.SPEECH):
            text, matches = replace_all(finder, replacement, row.text)
            if text != row.text:
                yield Change(row, row.text, text, matches)
    except BadText as error:
        raise refuse("replace", str(error)) from error


def find_segment(meeting: Meeting, key: str) -> Segment:
    row = meeting.segments.filter(key=key, kind=Segment.Kind.SPEECH).first()
    if row is None:
        raise speakers.SegmentNotFound(f"No segment {key[:32]} of this meeting is speech.")
    return row


def require_text(name: str, text: str) -> str:
    try:
        return clean_text(text)
    except BadText as error:
        raise refuse(name, str(error)) from error


def refuse(name: str, problem: str) -> InvalidRequest:
    return InvalidRequest(
        f"{name}: {problem}", [{"field": name, "detail": problem, "code": "invalid"}]
    )
