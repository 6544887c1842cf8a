"""Edits taken back; later ones of the same segment first."""

from chat import events
from intellibooks.errors import Conflict, NotFound
from meetings.editing.writing import store_rows
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
    keys = [edit.segment_key for edit in edits]
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
