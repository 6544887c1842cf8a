import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcription.scoring import WordErrors, normalise_words, rtf, wer

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
