import pytest

from meetings.search.query import MOST_WORDS, Phrase, read_query


def test_words_are_found_each_for_itself() -> None:
    assert read_query("Budget for hiring ") == (
        Phrase(("Budget",)),
        Phrase(("for",)),
        Phrase(("hiring",)),
    )


def test_of_the_word_being_typed_the_beginning_is_enough() -> None:
    assert read_query("the budg") == (Phrase(("the",)), Phrase(("budg",), is_prefix=True))


def test_one_letter_is_no_beginning_yet() -> None:
    assert read_query("b") == (Phrase(("b",)),)


@pytest.mark.parametrize("typed", ['"third quarter"', "“third quarter”"])
def test_words_in_quotes_stand_side_by_side(typed: str) -> None:
    assert read_query(typed) == (Phrase(("third", "quarter")),)


@pytest.mark.parametrize(
    ("typed", "words"), [("don't ", ("don", "t")), ("follow-up ", ("follow", "up"))]
)
def test_what_is_joined_by_a_mark_stays_together(typed: str, words: tuple[str, ...]) -> None:
    assert read_query(typed) == (Phrase(words),)


def test_an_open_quote_is_no_quote() -> None:
    assert read_query('"third quarter ') == (Phrase(("third",)), Phrase(("quarter",)))


@pytest.mark.parametrize("typed", ["", "  ", '""', "*", "-- () \0 😀", "\ud800"])
def test_without_a_letter_there_is_nothing_to_find(typed: str) -> None:
    assert read_query(typed) == ()


def test_a_very_long_query_is_cut() -> None:
    assert len(read_query("word " * 2000)) == MOST_WORDS
