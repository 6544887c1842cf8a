"""Edits taken back, later ones of the same segment first; and made again, in their order."""

from chat import events
from intellibooks.errors import Conflict, NotFound
from meetings.editing.writing import rewrite, store_rows
from meetings.models import Meeting, SegmentEdit


class EditNotFound(NotFound):
    detail = "Edit not found"


class EditConflict(Conflict):
    detail = "Edit conflict"


def undo_edit(meeting: Meeting, edit_id: int, *, author: str = "") -> list[SegmentEdit]:
    """That edit undone, and all that were made with it. Raises EditNotFound, EditConflict."""
    with events.record(meeting.pk) as log:
        edit = meeting.edits.filter(pk=edit_id).first()
        if edit is None:
            raise EditNotFound(f"There is no edit {edit_id} of this meeting.")
        if edit.undone_at is not None:
            raise EditConflict("This edit was undone already.")
        return undo_batch(log, meeting, edit.batch, author)


def undo_last(meeting: Meeting, *, author: str = "") -> list[SegmentEdit]:
    """What that person edited last undone. Raises EditConflict where nothing is left."""
    with events.record(meeting.pk) as log:
        edit = meeting.edits.standing().filter(author=author).last()
        if edit is None:
            raise EditConflict("There is nothing of yours to undo.")
        return undo_batch(log, meeting, edit.batch, author)


def undo_batch(
    log: events.EventLog, meeting: Meeting, batch: str, author: str
) -> list[SegmentEdit]:
    edits = list(meeting.edits.standing().filter(batch=batch))
    keys = list_keys(edits)
    others = meeting.edits.standing().exclude(batch=batch).filter(segment_key__in=keys)
    latest = dict(others.order_by("id").values_list("segment_key", "id"))
    if any(latest.get(edit.segment_key, 0) > edit.pk for edit in edits):
        raise EditConflict("The segment was edited again since. Undo the later edit first.")
    meeting.edits.filter(batch=batch).undo(author)
    rows = {row.key: row for row in meeting.segments.filter(key__in=keys)}
    restored = []
    for edit in edits:
        row = rows.get(edit.segment_key)
        # Where the segments were cut anew without the edit, there is nothing to restore.
        if row is not None and row.text == edit.new_text:
            row.text, row.words = edit.old_text, edit.old_words
            row.is_edited = row.key in latest
            restored.append(row)
    store_rows(log, meeting, restored)
    return edits


def redo_last(meeting: Meeting, *, author: str = "") -> list[SegmentEdit]:
    """What that person undid last made again.

    Raises EditConflict where nothing is left, where that person has edited since, or where the
    text is no longer the one that the edit replaced.
    """
    with events.record(meeting.pk) as log:
        undone = meeting.edits.exclude(undone_at=None).filter(undone_by=author)
        # Of two that were undone at one moment, the earlier was undone later.
        edit = undone.order_by("-undone_at", "pk").first()
        own = meeting.edits.standing().filter(author=author)
        if edit is None or own.filter(created_at__gt=edit.undone_at).exists():
            raise EditConflict("There is nothing of yours to redo.")
        return redo_batch(log, meeting, edit.batch)


def redo_batch(log: events.EventLog, meeting: Meeting, batch: str) -> list[SegmentEdit]:
    edits = list(meeting.edits.filter(batch=batch).exclude(undone_at=None))
    rows = {row.key: row for row in meeting.segments.filter(key__in=list_keys(edits))}
    shown = {key: row.text for key, row in rows.items()}
    if any(shown.get(edit.segment_key) != edit.old_text for edit in edits):
        raise EditConflict("The text has changed since. Correct it anew.")
    meeting.edits.filter(batch=batch).redo()
    for edit in edits:
        rewrite(rows[edit.segment_key], edit.new_text)
    store_rows(log, meeting, list(rows.values()))
    return edits


def list_keys(edits: list[SegmentEdit]) -> list[str]:
    return [edit.segment_key for edit in edits]
