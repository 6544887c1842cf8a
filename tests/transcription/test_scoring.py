from itertools import accumulate, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcription.scoring import (
    CharacterErrors,
    SpeakerErrors,
    WordErrors,
    cer,
    der,
    normalise_words,
    rtf,
    wer,
)
from transcription.types import SpeakerTurn

SENTENCES = st.lists(st.sampled_from(["one", "two", "three", "four"]), max_size=12).map(" ".join)


def test_same_words_have_no_errors() -> None:
    assert wer("We meet on Friday.", "we meet on friday") == WordErrors(0.0, 0, 0, 0, 4)


def test_each_kind_of_error_is_counted() -> None:
    assert wer("a b c d", "a x c d") == WordErrors(0.25, 1, 0, 0, 4)
    assert wer("a b c d", "a c d") == WordErrors(0.25, 0, 1, 0, 4)
    assert wer("a b c d", "a b y c d") == WordErrors(0.25, 0, 0, 1, 4)


def test_nothing_heard_loses_every_word() -> None:
    assert wer("a b c", "") == WordErrors(1.0, 0, 3, 0, 3)


def test_words_invented_in_silence_are_errors() -> None:
    assert wer("", "thank you") == WordErrors(1.0, 0, 0, 2, 0)
    assert wer("", "").rate == 0


def test_invented_words_can_exceed_the_said_ones() -> None:
    assert wer("yes", "yes and no and so on").rate == 5


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don\u2019t stop - it's 5 o'clock!", ["don't", "stop", "it's", "5", "o'clock"]),
        ("'Quoted' words", ["quoted", "words"]),
        ("Stra\u00dfe, na\u00efve; e-mail", ["strasse", "na\u00efve", "e", "mail"]),
        (" ... ", []),
    ],
)
def test_words_are_compared_as_they_sound(text: str, words: list[str]) -> None:
    assert normalise_words(text) == words


@given(said=SENTENCES, heard=SENTENCES)
def test_counts_explain_the_difference_in_length(said: str, heard: str) -> None:
    errors = wer(said, heard)
    assert errors.words == len(said.split())
    assert errors.words - errors.deletions + errors.insertions == len(heard.split())


@given(said=SENTENCES, heard=SENTENCES)
def test_deletions_of_one_way_are_insertions_of_the_other(said: str, heard: str) -> None:
    there, back = wer(said, heard), wer(heard, said)
    total = there.substitutions + there.deletions + there.insertions
    assert total == back.substitutions + back.deletions + back.insertions


def test_real_time_factor_is_work_per_second_of_sound() -> None:
    assert rtf(2.0, 10.0) == 0.2
    assert rtf(1.0, 0.0) == 0.0


def test_letters_forgive_a_word_that_is_nearly_right() -> None:
    assert cer("The plan.", "the plans") == CharacterErrors(1 / 8, 1, 8)
    assert cer("a b", "") == CharacterErrors(1.0, 3, 3)
    assert cer("", "you") == CharacterErrors(1.0, 3, 0)
    assert cer("", "").rate == 0


@given(said=SENTENCES, heard=SENTENCES)
def test_letters_wrong_are_as_many_both_ways(said: str, heard: str) -> None:
    assert cer(said, heard).errors == cer(heard, said).errors


def turns(*spoken: tuple[float, float, str]) -> list[SpeakerTurn]:
    return [SpeakerTurn(*turn) for turn in spoken]


TALK = turns((0, 10, "Ann"), (10, 20, "Bob"))


def test_names_of_the_labels_do_not_matter() -> None:
    assert der(TALK, turns((0, 10, "2"), (10, 20, "1"))) == SpeakerErrors(0, 0, 0, 0, 20)


def test_each_kind_of_speaker_error_is_measured_in_seconds() -> None:
    assert der(TALK, turns((0, 12, "1"), (12, 20, "2"))) == SpeakerErrors(0.1, 0, 0, 2, 20)
    assert der(TALK, turns((0, 10, "1"), (11, 20, "2"))) == SpeakerErrors(0.05, 1, 0, 0, 20)
    assert der(TALK, turns((0, 10, "1"), (10, 24, "2"))) == SpeakerErrors(0.2, 0, 4, 0, 20)
    assert der(TALK, []) == SpeakerErrors(1.0, 20, 0, 0, 20)


def test_one_label_for_everybody_is_right_for_the_one_who_talks_most() -> None:
    assert der(turns((0, 5, "Ann"), (5, 20, "Bob")), turns((0, 20, "1"))).confusion == 5


def test_names_are_given_so_that_most_is_right_in_all() -> None:
    # Label 1 shares most with Ann, but giving it to Bob is better in all.
    said = turns((0, 10, "Ann"), (10, 19, "Bob"), (19, 28, "Ann"))
    heard = turns((0, 19, "1"), (19, 28, "2"))
    assert der(said, heard).confusion == 10


def test_people_who_speak_at_once_count_twice() -> None:
    both = turns((0, 10, "Ann"), (5, 10, "Bob"))
    assert der(both, turns((0, 10, "1"))) == SpeakerErrors(5 / 15, 5, 0, 0, 15)


def test_time_around_a_change_of_speaker_is_not_judged_on_wish() -> None:
    heard = turns((0, 10.2, "1"), (10.2, 20, "2"))
    assert der(TALK, heard).confusion == pytest.approx(0.2)
    assert der(TALK, heard, collar=0.25) == SpeakerErrors(0, 0, 0, 0, 19)


def test_speakers_where_nobody_spoke_are_errors() -> None:
    assert der([], turns((0, 5, "1"))) == SpeakerErrors(1.0, 0, 5, 0, 0)
    assert der([], []).rate == 0


OVERLAPS = st.lists(st.lists(st.integers(0, 9), min_size=4, max_size=4), min_size=4, max_size=4)


@given(overlaps=OVERLAPS)
def test_no_other_names_would_be_better(overlaps: list[list[int]]) -> None:
    lengths = [(row, column, overlaps[row][column]) for row in range(4) for column in range(4)]
    ends = list(accumulate(length for *_, length in lengths))
    spans = list(zip([0, *ends], ends, lengths, strict=False))
    said = turns(*((start, end, f"said {row}") for start, end, (row, *_) in spans))
    heard = turns(*((start, end, f"heard {column}") for start, end, (_, column, _) in spans))
    best = max(
        sum(overlaps[row][order[row]] for row in range(4)) for order in permutations(range(4))
    )
    assert der(said, heard).confusion == pytest.approx(sum(map(sum, overlaps)) - best)
