import pytest

from meetings.editing.reapplying import drop_edits
from meetings.editing.service import edit_segment, replace_text
from meetings.editing.undoing import undo_last
from meetings.models import FINAL_REV, Meeting, Segment
from meetings.segments import write_segments
from meetings.speakers import assign_segments
from tests.meetings.editing.conftest import build_rows, spread
from transcription.types import SpeakerTurn

pytestmark = pytest.mark.django_db(transaction=True)
FIRST, SECOND, THIRD = "t000000000", "t000004000", "t000010000"
WHOLE = "we open the knew shop the knew shop is in the old town thanks for watching"
ONE_VOICE = [SpeakerTurn(0, 12, "a")]


def hear_whole(meeting: Meeting) -> list[Segment]:
    """The same words as one long segment, by another engine."""
    words = [word for row in build_rows(meeting) for word in row.words]
    row = Segment(meeting=meeting, key="whole", start_ms=0, end_ms=12_000, text=WHOLE, words=words)
    row.engine, row.confidence = "whisper", 0.9
    return [row]


def write(meeting: Meeting, key: str, text: str) -> None:
    edit_segment(meeting, key, rev=meeting.segments.get(key=key).rev, text=text)


def list_rows(meeting: Meeting) -> list[tuple[str, str, bool]]:
    return list(meeting.segments.values_list("key", "text", "is_edited"))


def test_edit_survives_the_same_segments_built_anew(meeting: Meeting) -> None:
    write(meeting, SECOND, "the new shop is in the old town")
    words = meeting.segments.get(key=SECOND).words
    write_segments(meeting, build_rows(meeting), [], [])
    row = meeting.segments.get(key=SECOND)
    assert (row.text, row.is_edited) == ("the new shop is in the old town", True)
    assert (row.words, row.rev) == (words, FINAL_REV + 2)
    assert [edited for *_, edited in list_rows(meeting)] == [False, True, False]


def test_edit_survives_other_segments_of_another_engine(meeting: Meeting) -> None:
    write(meeting, SECOND, "the new shop is in Old Town")
    write_segments(meeting, hear_whole(meeting), ONE_VOICE, [])
    assert list_rows(meeting) == [
        ("whole", "we open the knew shop", False),
        (SECOND, "the new shop is in Old Town", True),
        ("whole.2", "thanks for watching", False),
    ]
    row = meeting.segments.get(key=SECOND)
    assert (row.engine, row.confidence, row.start_ms, row.end_ms) == ("whisper", 0.9, 4000, 10_000)


def test_edit_can_be_undone_after_it_was_applied_again(meeting: Meeting) -> None:
    write(meeting, SECOND, "the new shop")
    write_segments(meeting, hear_whole(meeting), [], [])
    undo_last(meeting)
    assert " ".join(text for _, text, _ in list_rows(meeting)) == WHOLE
    assert not meeting.segments.filter(is_edited=True).exists()


def test_undone_edit_is_not_applied_again(meeting: Meeting) -> None:
    write(meeting, SECOND, "the new shop")
    undo_last(meeting)
    write_segments(meeting, hear_whole(meeting), ONE_VOICE, [])
    assert list_rows(meeting) == [("whole", WHOLE, False)]


def test_edit_is_made_again_and_again_on_what_is_there(meeting: Meeting) -> None:
    write(meeting, SECOND, "the new shop")
    write_segments(meeting, hear_whole(meeting), [], [])
    replace_text(meeting, "shop", "store")
    write_segments(meeting, build_rows(meeting), [], [])
    assert [text for _, text, _ in list_rows(meeting)] == [
        "we open the knew store",
        "the new store",
        "thanks for watching",
    ]


def test_edit_where_nothing_is_heard_any_more_stays(meeting: Meeting) -> None:
    write(meeting, THIRD, "good bye")
    write_segments(meeting, build_rows(meeting)[:2], [], [])
    row = meeting.segments.get(key=THIRD)
    assert (row.text, row.speaker, row.position) == ("good bye", "Speaker 1", 2)


def test_missing_audio_keeps_its_place_between_edits(meeting: Meeting) -> None:
    write(meeting, THIRD, "good bye")
    hole = Segment(
        meeting=meeting, kind="missing", key="x-missing", start_ms=9000, end_ms=9500, text="[gap]"
    )
    write_segments(meeting, [*hear_whole(meeting), hole], ONE_VOICE, [])
    assert [key for key, *_ in list_rows(meeting)] == ["whole", "x-missing", THIRD]


def test_speaker_of_an_edit_is_who_talks_in_it_now(meeting: Meeting) -> None:
    write(meeting, SECOND, "the new shop")
    assign_segments(meeting, [THIRD], "Dora")
    turns = [SpeakerTurn(0, 4, "Speaker 1"), SpeakerTurn(4, 12, "Speaker 2")]
    write_segments(meeting, hear_whole(meeting), turns, [])
    shown = dict(meeting.segments.values_list("text", "speaker"))
    assert (shown["the new shop"], shown["thanks for watching"]) == ("Speaker 2", "Dora")


def test_dropped_edits_are_not_applied_again(meeting: Meeting) -> None:
    write(meeting, FIRST, "hello")
    replace_text(meeting, "knew", "new")
    assert drop_edits(meeting, "admin") == 2
    assert set(meeting.edits.values_list("undone_by", flat=True)) == {"admin"}
    write_segments(meeting, build_rows(meeting), [], [])
    assert " ".join(text for _, text, _ in list_rows(meeting)) == WHOLE


def test_words_of_the_other_engine_give_the_edit_its_times(meeting: Meeting) -> None:
    write(meeting, SECOND, "the new shop is in the old town")
    rows = hear_whole(meeting)
    rows[0].words[5:13] = spread("the knew shop is in the old town", 4.2, 9.8)
    write_segments(meeting, rows, [], [])
    words = meeting.segments.get(key=SECOND).words
    assert (words[0]["start"], words[-1]["end"]) == (4.2, 9.8)
