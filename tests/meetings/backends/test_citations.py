"""A quote counts where its words stand in the cited segments, near each other."""

import pytest

from meetings.backends.citations import check_quote, clean_text
from transcription.types import Segment, Transcript

SAID = Transcript(
    (
        Segment(0, 4, "Um, so we\u2019ve decided to open the new web-site on the first of March."),
        Segment(5, 6, "Agreed."),
        Segment(7, 9, "\u4eca\u5929\u6211\u4eec\u8ba8\u8bba\u9884\u7b97"),
        Segment(10, 90, " ".join(f"word{n} open" for n in range(200)) + " the shop new doors"),
    ),
    90.0,
)


@pytest.mark.parametrize(
    ("number", "quote"),
    [
        (0, "decided to open the new website on the first"),  # a word mended
        (0, "WE'VE DECIDED, to open the new web-site"),
        (1, "agreed"),
        (2, "\u6211\u4eec\u8ba8\u8bba\u9884\u7b97"),
    ],
)
def test_quote_is_found(number: int, quote: str) -> None:
    assert [entry["segment"] for entry in check_quote(SAID, [number], quote)] == [number]


@pytest.mark.parametrize(
    ("number", "quote"),
    [
        (0, ""),
        (0, "the new"),
        (0, "we decided to close the old office on the last of May"),
        (1, "agreed to pay Mallory"),
        (3, "word3 word90 word150 shop"),  # scattered
    ],
)
def test_quote_is_not_found(number: int, quote: str) -> None:
    assert check_quote(SAID, [number], quote) == []


def test_citation_of_endless_text_is_checked_in_time() -> None:
    endless = Transcript((Segment(0, 1, "budget " * 100_000),), 1.0)
    assert check_quote(endless, [0], "budget " * 1_000)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("See [the plan](https://x.example/a?b=c).", "See the plan."),
        ("![alt](data:image/png;base64,AAAA) done", "done"),
        ("a <script>b</script>\x00\u202e c", "a b c"),
        ("www.x.example is down", "is down"),
        ("5 < 6 and 7 > 3", "5 < 6 and 7 > 3"),
    ],
)
def test_markup_is_taken_out_of_text(text: str, clean: str) -> None:
    assert clean_text(text) == clean
