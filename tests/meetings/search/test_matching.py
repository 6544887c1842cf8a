import pytest
from django.test import Client

from tests.meetings.search.said import list_texts, make_meeting

pytestmark = pytest.mark.django_db
HOSTILE = [
    '"',
    "'",
    '"""',
    "budget AND",
    "NEAR(budget, 2)",
    "text:budget",
    "budget*",
    "^budget -plan",
    "(budget",
    "budget | !plan & <->",
    "budget:*",
    "{budget}",
    "\\budget",
    "bud\0get",
    "budget 😀",
    "%budget%",
    "budget; DROP TABLE meetings_meeting",
    "x" * 10_000,
    "budget " * 1_400,
    "हिन्दी 会議 résumé İstanbul ß",
    "²³¹ ¼ ™",
]


def test_all_words_have_to_be_there() -> None:
    make_meeting("budget for hiring")
    make_meeting("budget for tools")
    assert list_texts("hiring budget ") == ["budget for hiring"]


def test_a_quoted_phrase_is_found_side_by_side() -> None:
    make_meeting("the third quarter")
    make_meeting("a quarter of the third")
    assert list_texts('"third quarter"') == ["the third quarter"]


@pytest.mark.parametrize("typed", ["negotiatio", "negotiations ", "negotiate ", "NEGOTIA"])
def test_forms_and_beginnings_of_a_word_are_found(typed: str) -> None:
    make_meeting("the negotiation")
    assert list_texts(typed) == ["the negotiation"]


@pytest.mark.parametrize("typed", ["resume ", "RÉSUMÉ ", "re\u0301sume\u0301 "])
def test_accents_do_not_matter(typed: str) -> None:
    make_meeting("her résumé")
    assert list_texts(typed) == ["her résumé"]


@pytest.mark.parametrize("word", ["and/or", "3.5", "www.example.com", "a@b.org", "don't", "C++"])
def test_words_with_marks_in_them_are_found(word: str) -> None:
    make_meeting(f"say {word} again")
    assert list_texts(f"{word} ") == [f"say {word} again"]


def test_a_part_of_what_a_mark_joins_is_found() -> None:
    make_meeting("read and/or write to www.example.com")
    assert list_texts("or example ") == ["read and/or write to www.example.com"]


@pytest.mark.parametrize("typed", HOSTILE)
def test_nothing_typed_breaks_the_search(client: Client, typed: str) -> None:
    make_meeting("budget plan", title="budget")
    assert client.get("/api/search", {"q": typed}).status_code == 200


def test_operators_are_plain_words() -> None:
    make_meeting("budget or plan near here")
    assert list_texts("budget OR absent ") == []
    assert list_texts("NEAR budget ") == ["budget or plan near here"]
