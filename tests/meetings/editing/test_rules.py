import pytest

from meetings.editing.rules import LONGEST_TEXT, BadText, clean_text, compile_finder, replace_all


def replace(text: str, find: str, replacement: str, **options: bool) -> tuple[str, int]:
    wishes = {"match_case": False, "whole_word": False, **options}
    return replace_all(compile_finder(find, **wishes), replacement, text)


def test_text_is_composed_on_one_line() -> None:
    assert clean_text("  Zoe\u0308 \r\n\n said\tso ") == "Zo\u00eb said so"


def test_markup_stays_text() -> None:
    text = "<script>alert('&')</script> \\1 {{x}}"
    assert clean_text(text) == text


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "a\x1bb", "x" * (LONGEST_TEXT + 1)])
def test_text_that_cannot_stand_is_refused(text: str) -> None:
    with pytest.raises(BadText):
        clean_text(text)


def test_every_occurrence_is_replaced_whatever_its_case() -> None:
    assert replace("Web shop, web SHOP", "web shop", "store") == ("store, store", 2)


def test_case_counts_where_asked_for() -> None:
    assert replace("Web web", "web", "net", match_case=True) == ("Web net", 1)


def test_whole_word_leaves_longer_words_alone() -> None:
    assert replace("cat cats concat cat.", "cat", "dog", whole_word=True) == (
        "dog cats concat dog.",
        2,
    )


def test_pattern_characters_are_plain_text() -> None:
    assert replace("a.c abc (x)*", "a.c", r"\g<0>\1") == (r"\g<0>\1 abc (x)*", 1)
    assert replace("a.c abc (x)*", "(x)*", "y") == ("a.c abc y", 1)


def test_nothing_found_changes_nothing() -> None:
    assert replace("one  two", "three", "four") == ("one  two", 0)


def test_blank_is_nothing_to_find() -> None:
    with pytest.raises(BadText):
        compile_finder(" \t", match_case=False, whole_word=False)


def test_text_that_grows_too_long_is_refused() -> None:
    with pytest.raises(BadText):
        replace("a" * 100, "a", "b" * 101)
