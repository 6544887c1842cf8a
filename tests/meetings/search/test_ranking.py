import pytest

from meetings.search.query import read_query
from meetings.search.ranking import SNIPPET_CHARACTERS, cut_snippet, weigh


def score(query: str, text: str, kind: str = "segment") -> float:
    return weigh(read_query(query), kind, text).score


def mark(query: str, text: str) -> list[str]:
    found = weigh(read_query(query), "segment", text)
    snippet = cut_snippet(text, found.spans)
    return [snippet.text[low:high] for low, high in snippet.highlights]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ("we plan the budget", "we plan the budgets"),
        ("budget", "the budget that we have been talking about since the spring of last year"),
        ("budget here and budget there", "budget here and nothing there"),
    ],
)
def test_the_better_answer_weighs_more(better: str, worse: str) -> None:
    assert score("budget ", better) > score("budget ", worse)


def test_words_that_stand_together_weigh_more() -> None:
    near = "the release plan is on my desk today"
    far = "the release is on my desk plan today"
    assert score("release plan ", near) > score("release plan ", far)


def test_a_title_weighs_more_than_what_was_said() -> None:
    assert score("budget", "budget", "title") > score("budget", "budget", "segment")


@pytest.mark.parametrize(
    ("query", "marked"),
    [
        ("engineer ", ["Engineers", "engineering"]),
        ("hir", ["hire"]),
        ("cafe ", ["café"]),
        ('"two more" ', ["two", "more"]),
        ("nothing ", []),
    ],
)
def test_what_was_found_is_marked(query: str, marked: list[str]) -> None:
    text = "Engineers of engineering: hire two more at the café; more or less."
    assert mark(query, text) == marked


def test_a_long_text_is_cut_around_the_word() -> None:
    text = f"{'before ' * 100}needle{' after' * 100}"
    snippet = cut_snippet(text, weigh(read_query("needle "), "segment", text).spans)
    low, high = snippet.highlights[0]
    assert snippet.text[low:high] == "needle"
    assert snippet.text.startswith("…before ")
    assert snippet.text.endswith(" after…")
    assert len(snippet.text) <= SNIPPET_CHARACTERS + 2


def test_a_long_text_without_blanks_is_cut_all_the_same() -> None:
    snippet = cut_snippet("x" * 10_000, ())
    assert snippet.text == "x" * SNIPPET_CHARACTERS + "…"


@pytest.mark.parametrize("text", ["", "one", "one two", "one two three four"])
def test_a_phrase_longer_than_the_text_is_not_in_it(text: str) -> None:
    found = weigh(read_query('"one two three four five six"'), "segment", text)
    assert (found.score, found.spans) == (0.0, ())
