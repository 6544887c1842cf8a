from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcription.diarization.alignment import (
    NEAR_SECONDS,
    align_segments,
    find_speakers,
    keep_labels,
    name_speakers,
)
from transcription.types import Segment, SpeakerTurn, Word

ANA, BOB = "Ana", "Bob"


def make_words(text: str, *, start: float = 0.0, length: float = 1.0) -> tuple[Word, ...]:
    """A word a second (or ``length``), one after another."""
    return tuple(
        Word(word, start + place * length, start + (place + 1) * length)
        for place, word in enumerate(text.split())
    )


def make_segment(text: str, *, start: float = 0.0, length: float = 1.0) -> Segment:
    words = make_words(text, start=start, length=length)
    return Segment(words[0].start, words[-1].end, text, words=words)


def describe(parts: tuple[Segment, ...]) -> list[tuple[str | None, str]]:
    return [(part.speaker, part.text) for part in parts]


def test_segment_of_one_speaker_stays_whole() -> None:
    (parts,) = align_segments([make_segment("Good morning.")], [SpeakerTurn(0, 2, ANA)])
    assert describe(parts) == [(ANA, "Good morning.")]


def test_segment_is_cut_where_the_speaker_changes() -> None:
    turns = [SpeakerTurn(0, 2.4, ANA), SpeakerTurn(2.4, 5, BOB)]
    (parts,) = align_segments([make_segment("Shall we? Yes, let us.")], turns)
    assert describe(parts) == [(ANA, "Shall we?"), (BOB, "Yes, let us.")]
    assert [(part.start, part.end) for part in parts] == [(0, 2), (2, 5)]


def test_text_of_the_segment_wins_over_the_spelling_of_the_words() -> None:
    words = make_words("shall we yes")
    segment = Segment(0, 3, "Shall we? Yes.", words=words)
    (parts,) = align_segments([segment], [SpeakerTurn(0, 2, ANA), SpeakerTurn(2, 3, BOB)])
    assert describe(parts) == [(ANA, "Shall we?"), (BOB, "Yes.")]


def test_words_make_the_text_where_it_has_other_words() -> None:
    segment = Segment(0, 2, "twenty-two is ok", words=make_words("22 ok"))
    (parts,) = align_segments([segment], [SpeakerTurn(0, 1, ANA), SpeakerTurn(1, 2, BOB)])
    assert describe(parts) == [(ANA, "22"), (BOB, "ok")]


def test_segment_without_words_goes_to_who_talks_most_in_it() -> None:
    turns = [SpeakerTurn(0, 1, ANA), SpeakerTurn(1, 2.5, BOB), SpeakerTurn(2.5, 3.5, ANA)]
    (parts,) = align_segments([Segment(0, 3.5, "no words here")], turns)
    assert describe(parts) == [(ANA, "no words here")]


def test_word_in_a_pause_goes_to_the_nearest_turn() -> None:
    turns = [SpeakerTurn(0, 1, ANA), SpeakerTurn(4, 5, BOB)]
    words = [Word("a", 1.2, 1.4), Word("b", 3.5, 3.7), Word("c", 2.4, 2.6)]
    assert find_speakers(words, turns, near_seconds=1.0) == [ANA, BOB, None]


def test_nearest_turn_is_the_one_that_ended_last() -> None:
    turns = [SpeakerTurn(0, 9, ANA), SpeakerTurn(1, 2, BOB)]
    assert find_speakers([Word("late", 9.2, 9.4)], turns) == [ANA]


def test_word_of_no_length_belongs_to_the_turn_around_it() -> None:
    turns = [SpeakerTurn(0, 9, ANA), SpeakerTurn(9, 10, BOB)]
    assert find_speakers([Word("uh", 5, 5)], turns) == [ANA]


def test_word_far_from_every_turn_goes_with_the_words_before_it() -> None:
    words = (Word("yes", 0, 1), Word("but", 30, 31), Word("no", 60, 61))
    turns = [SpeakerTurn(0, 1, ANA), SpeakerTurn(60, 61, BOB)]
    (parts,) = align_segments([Segment(0, 61, "yes but no", words=words)], turns)
    assert describe(parts) == [(ANA, "yes but"), (BOB, "no")]


def test_without_turns_segments_stay_as_they_are() -> None:
    segments = [make_segment("hello there"), Segment(3, 4, "again", speaker=BOB)]
    assert align_segments(segments, []) == [(segment,) for segment in segments]


@pytest.mark.parametrize("time", [float("nan"), float("inf"), float("-inf"), -5.0, 1e300])
def test_times_that_are_none_break_nothing(time: float) -> None:
    words = (Word("a", time, time), Word("b", 1, 2))
    (parts,) = align_segments([Segment(time, 2, "a b", words=words)], [SpeakerTurn(1, 2, ANA)])
    assert " ".join(part.text for part in parts) == "a b"


def test_speakers_are_numbered_in_order_of_first_speech() -> None:
    turns = [SpeakerTurn(5, 6, "S0"), SpeakerTurn(1, 2, "S7"), SpeakerTurn(8, 9, "S7")]
    assert name_speakers(turns) == [
        SpeakerTurn(1, 2, "Speaker 1"),
        SpeakerTurn(5, 6, "Speaker 2"),
        SpeakerTurn(8, 9, "Speaker 1"),
    ]


def test_voices_keep_their_labels_when_heard_again() -> None:
    earlier = [SpeakerTurn(0, 5, "Speaker 1"), SpeakerTurn(5, 9, "Speaker 2")]
    again = [SpeakerTurn(0, 1, "x"), SpeakerTurn(1, 5, "y"), SpeakerTurn(5, 9, "z")]
    assert [turn.speaker for turn in keep_labels(again, earlier)] == [
        "Speaker 3",
        "Speaker 1",
        "Speaker 2",
    ]


def test_new_voice_never_gets_a_label_that_is_reserved() -> None:
    earlier = [SpeakerTurn(0, 5, "Speaker 1")]
    again = [SpeakerTurn(0, 5, "x"), SpeakerTurn(7, 9, "y")]
    labels = [turn.speaker for turn in keep_labels(again, earlier, reserved=["Speaker 2"])]
    assert labels == ["Speaker 1", "Speaker 3"]


MOMENTS = st.integers(0, 60_000)
TURNS = st.lists(
    st.builds(
        lambda start, length, speaker: SpeakerTurn(start / 1000, (start + length) / 1000, speaker),
        MOMENTS,
        st.integers(0, 8000),
        st.sampled_from("ABCD"),
    ),
    max_size=25,
)
WORDS = st.lists(
    st.builds(
        lambda text, start, length: Word(text, start / 1000, (start + length) / 1000),
        st.sampled_from(("yes", "no", "well", "meeting", "and")),
        MOMENTS,
        st.integers(0, 2000),
    ),
    max_size=12,
)
SEGMENTS = st.lists(
    st.builds(
        lambda words, start, length: Segment(
            start / 1000,
            (start + length) / 1000,
            " ".join(word.text for word in words) or "only text",
            words=tuple(words),
        ),
        WORDS,
        MOMENTS,
        st.integers(0, 9000),
    ),
    max_size=8,
)


def count_common_milliseconds(word: Word, turns: list[SpeakerTurn], speaker: str) -> int:
    """The slow way: every millisecond of the word in which this speaker has a turn."""
    heard: set[int] = set()
    first, last = round(word.start * 1000), round(word.end * 1000)
    for turn in turns:
        if turn.speaker == speaker:
            start, end = max(first, round(turn.start * 1000)), min(last, round(turn.end * 1000))
            heard |= set(range(start, end))
    return len(heard)


@given(SEGMENTS, TURNS)
def test_every_word_keeps_its_order_and_text(
    segments: list[Segment], turns: list[SpeakerTurn]
) -> None:
    for segment, parts in zip(segments, align_segments(segments, turns), strict=True):
        assert tuple(word for part in parts for word in part.words) == segment.words
        assert " ".join(part.text for part in parts) == segment.text
        assert (parts[0].start, parts[-1].end >= parts[-1].start) == (segment.start, True)


@given(SEGMENTS, TURNS)
def test_neighbouring_parts_have_different_speakers(
    segments: list[Segment], turns: list[SpeakerTurn]
) -> None:
    for parts in align_segments(segments, turns):
        assert all(one.speaker != other.speaker for one, other in pairwise(parts))


@given(WORDS, TURNS)
def test_no_other_speaker_overlaps_a_word_more(words: list[Word], turns: list[SpeakerTurn]) -> None:
    for word, speaker in zip(words, find_speakers(words, turns), strict=True):
        common = {name: count_common_milliseconds(word, turns, name) for name in "ABCD"}
        if any(common.values()):
            assert speaker is not None
            assert common[speaker] == max(common.values())


@given(WORDS, TURNS)
def test_word_without_overlap_goes_to_a_nearest_turn(
    words: list[Word], turns: list[SpeakerTurn]
) -> None:
    for word, speaker in zip(words, find_speakers(words, turns), strict=True):
        if any(count_common_milliseconds(word, turns, name) for name in "ABCD"):
            continue
        gaps = [
            (max(turn.start - word.end, word.start - turn.end, 0), turn.speaker) for turn in turns
        ]
        near = {name for gap, name in gaps if gap <= min(gaps)[0] + 1e-6 and gap <= NEAR_SECONDS}
        assert speaker in near if near else speaker is None


@given(TURNS, TURNS)
def test_labels_stay_one_to_one(turns: list[SpeakerTurn], earlier: list[SpeakerTurn]) -> None:
    again = keep_labels(turns, earlier)
    assert [(turn.start, turn.end) for turn in again] == sorted(
        (turn.start, turn.end) for turn in turns
    )
    assert len({turn.speaker for turn in again}) == len({turn.speaker for turn in turns})
