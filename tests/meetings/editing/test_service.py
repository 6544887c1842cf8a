import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.models import Event
from meetings import exporting, services
from meetings.editing.service import SegmentConflict, edit_segment, replace_text
from meetings.editing.undoing import EditConflict, redo_last, undo_edit, undo_last
from meetings.models import FINAL_REV, Meeting, Segment, SegmentEdit
from meetings.transcripts import read_text

pytestmark = pytest.mark.django_db(transaction=True)
FIRST, SECOND, THIRD = "t000000000", "t000004000", "t000010000"


def read_row(meeting: Meeting, key: str) -> dict[str, Any]:
    return dict(meeting.segments.values().get(key=key))


def list_texts(meeting: Meeting) -> list[str]:
    return list(meeting.segments.values_list("text", flat=True))


def write(meeting: Meeting, key: str, text: str) -> Segment:
    rev = meeting.segments.get(key=key).rev
    return edit_segment(meeting, key, rev=rev, text=text, author="ana")


def list_frames(meeting: Meeting) -> list[dict[str, Any]]:
    rows = Event.objects.filter(conversation_id=meeting.pk, type="segment").order_by("seq")
    return [json.loads(row.frame) for row in rows]


def test_edited_segment_has_its_text_and_a_new_revision(meeting: Meeting) -> None:
    row = write(meeting, FIRST, " We open the new\nshop. ")
    assert (row.text, row.rev, row.is_edited) == ("We open the new shop.", FINAL_REV + 1, True)
    assert read_row(meeting, FIRST)["text"] == "We open the new shop."


def test_words_follow_the_edit(meeting: Meeting) -> None:
    row = write(meeting, FIRST, "we open the new shop")
    assert [word["text"] for word in row.words] == ["we", "open", "the", "new", "shop"]
    assert row.words[4] == {"text": "shop", "start": 3.2, "end": 4.0, "probability": 0.5}
    assert row.words[3] == {"text": "new", "start": 2.4, "end": 3.2, "probability": None}


def test_viewers_get_a_revised_frame(meeting: Meeting) -> None:
    write(meeting, FIRST, "hello")
    (frame,) = list_frames(meeting)
    found = (frame["state"], frame["id"], frame["rev"], frame["text"])
    assert found == ("revised", FIRST, FINAL_REV + 1, "hello")


def test_whole_text_and_exports_follow_the_edit(meeting: Meeting) -> None:
    write(meeting, FIRST, "good morning")
    stored = services.get_meeting(meeting.pk)
    assert read_text(stored).startswith("good morning the knew shop")
    assert b"good morning" in exporting.export_text(stored, "txt").content


def test_same_text_again_is_no_edit(meeting: Meeting) -> None:
    row = write(meeting, FIRST, "we open  the knew shop")
    assert (row.rev, row.is_edited) == (FINAL_REV, False)
    assert not meeting.edits.exists()


def test_stale_revision_is_refused_and_changes_nothing(meeting: Meeting) -> None:
    write(meeting, FIRST, "hello")
    with pytest.raises(SegmentConflict) as refused:
        edit_segment(meeting, FIRST, rev=FINAL_REV, text="mine")
    assert refused.value.segment["text"] == "hello"
    assert read_row(meeting, FIRST)["text"] == "hello"


def test_text_and_speaker_change_together_or_not_at_all(meeting: Meeting) -> None:
    row = edit_segment(meeting, THIRD, rev=FINAL_REV, text="bye", speaker="Dora")
    assert (row.text, row.speaker) == ("bye", "Dora")
    with pytest.raises(Exception, match="control characters"):
        edit_segment(meeting, FIRST, rev=FINAL_REV, text="bye", speaker="a\tb")
    assert read_row(meeting, FIRST)["text"] == "we open the knew shop"
    seqs = list(Event.objects.filter(conversation_id=meeting.pk).values_list("seq", flat=True))
    assert seqs == list(range(1, len(seqs) + 1))


def test_of_two_editors_at_once_one_wins(meeting: Meeting) -> None:
    def compete(name: str) -> str:
        try:
            return edit_segment(meeting, FIRST, rev=FINAL_REV, text=f"by {name}").text
        except SegmentConflict as lost:
            return f"lost to {lost.segment['text']}"
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(compete, "abcd"))
    text = read_row(meeting, FIRST)["text"]
    assert sorted(answers) == sorted([text, *[f"lost to {text}"] * 3])
    assert meeting.edits.count() == 1


def test_replacement_is_one_batch_everywhere(meeting: Meeting) -> None:
    changes = replace_text(meeting, "knew", "new", author="ana")
    assert [(change.before, change.text) for change in changes] == [
        ("we open the knew shop", "we open the new shop"),
        ("the knew shop is in the old town", "the new shop is in the old town"),
    ]
    assert meeting.edits.values("batch").distinct().count() == 1
    assert "knew" not in read_text(services.get_meeting(meeting.pk))


def test_rehearsed_replacement_writes_nothing(meeting: Meeting) -> None:
    with CaptureQueriesContext(connection) as asked:
        changes = replace_text(meeting, "the", "a", is_rehearsal=True)
    assert [query["sql"].split()[0] for query in asked] == ["SELECT"]  # and holds nothing
    assert [change.matches for change in changes] == [1, 2]
    assert "knew" in list_texts(meeting)[0]
    assert not meeting.edits.exists()
    assert not list_frames(meeting)


def test_undo_gives_back_everything_but_the_revision(meeting: Meeting) -> None:
    before = read_row(meeting, FIRST)
    write(meeting, FIRST, "hello")
    undo_last(meeting, author="ana")
    assert read_row(meeting, FIRST) == {**before, "rev": FINAL_REV + 2}
    assert list_frames(meeting)[-1]["text"] == before["text"]
    assert services.get_meeting(meeting.pk).transcript == " ".join(list_texts(meeting))


def test_batch_is_undone_at_once(meeting: Meeting) -> None:
    before = list_texts(meeting)
    replace_text(meeting, "knew", "new")
    edit = meeting.edits.first()
    assert edit is not None
    assert len(undo_edit(meeting, edit.pk)) == 2
    assert list_texts(meeting) == before


def test_edit_under_a_later_one_is_not_undone(meeting: Meeting) -> None:
    replace_text(meeting, "knew", "new")
    write(meeting, FIRST, "hello")
    with pytest.raises(EditConflict):
        undo_edit(meeting, meeting.edits.earliest("id").pk)
    assert not meeting.edits.exclude(undone_at=None).exists()


def test_edits_are_undone_one_after_the_other(meeting: Meeting) -> None:
    write(meeting, FIRST, "hello")
    write(meeting, FIRST, "hello there")
    undo_last(meeting, author="ana")
    assert read_row(meeting, FIRST)["text"] == "hello"
    assert read_row(meeting, FIRST)["is_edited"]
    undo_last(meeting, author="ana")
    assert not read_row(meeting, FIRST)["is_edited"]
    assert SegmentEdit.objects.get(new_text="hello there").undone_by == "ana"
    with pytest.raises(EditConflict):
        undo_last(meeting, author="ana")


def test_undone_edit_is_not_undone_again(meeting: Meeting) -> None:
    write(meeting, FIRST, "hello")
    (edit,) = undo_last(meeting, author="ana")
    with pytest.raises(EditConflict):
        undo_edit(meeting, edit.pk)


def test_redo_gives_back_the_edit_with_its_words(meeting: Meeting) -> None:
    write(meeting, FIRST, "we open the new shop")
    after = read_row(meeting, FIRST)
    undo_last(meeting, author="ana")
    redo_last(meeting, author="ana")
    assert read_row(meeting, FIRST) == {**after, "rev": FINAL_REV + 3}
    assert list_frames(meeting)[-1]["text"] == after["text"]
    assert services.get_meeting(meeting.pk).transcript == " ".join(list_texts(meeting))


def test_edits_are_made_again_in_their_order(meeting: Meeting) -> None:
    for text in ("one", "two", "three"):
        write(meeting, FIRST, text)
    for _ in range(3):
        undo_last(meeting, author="ana")
    found = []
    for _ in range(3):
        redo_last(meeting, author="ana")
        found.append(read_row(meeting, FIRST)["text"])
    assert found == ["one", "two", "three"]
    with pytest.raises(EditConflict):
        redo_last(meeting, author="ana")


def test_replacement_is_made_again_at_once(meeting: Meeting) -> None:
    replace_text(meeting, "knew", "new", author="ana")
    after = list_texts(meeting)
    undo_last(meeting, author="ana")
    assert len(redo_last(meeting, author="ana")) == 2
    assert list_texts(meeting) == after
    undo_last(meeting, author="ana")
    assert "knew" in " ".join(list_texts(meeting))


def test_whoever_edits_after_an_undo_has_nothing_to_redo(meeting: Meeting) -> None:
    write(meeting, FIRST, "hello")
    undo_last(meeting, author="ana")
    write(meeting, SECOND, "goodbye")
    with pytest.raises(EditConflict, match="nothing of yours"):
        redo_last(meeting, author="ana")
    with pytest.raises(EditConflict, match="nothing of yours"):
        redo_last(meeting, author="ben")


def test_redo_writes_over_nobody(meeting: Meeting) -> None:
    write(meeting, FIRST, "hello")
    undo_last(meeting, author="ana")
    rev = meeting.segments.get(key=FIRST).rev
    edit_segment(meeting, FIRST, rev=rev, text="Ben was here", author="ben")
    with pytest.raises(EditConflict, match="has changed since"):
        redo_last(meeting, author="ana")
    assert read_row(meeting, FIRST)["text"] == "Ben was here"
