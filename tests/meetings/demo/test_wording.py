"""Text for a terminal."""

import pytest

from meetings.demo.wording import clean_text, count, format_time


def test_escape_sequences_lose_their_power() -> None:
    assert clean_text("be\x1b[2Jware\x07 \x9b31m") == "be[2Jware 31m"


def test_text_cannot_change_its_direction() -> None:
    assert clean_text("a\u202eb\u2066c") == "abc"


def test_line_breaks_become_blanks() -> None:
    assert clean_text("one\r\ntwo\tthree\u2028four") == "one two three four"


def test_joined_letters_stay_joined() -> None:
    assert clean_text("क\u200dष") == "क\u200dष"


def test_what_the_terminal_cannot_say_is_replaced() -> None:
    assert clean_text("Grüße 你", "latin-1") == "Grüße ?"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0:00"), (59.99, "0:59"), (139.483, "2:19"), (3600, "1:00:00"), (-0.2, "0:00")],
)
def test_times_are_minutes_and_seconds(seconds: float, shown: str) -> None:
    assert format_time(seconds) == shown


def test_one_is_singular() -> None:
    assert [count(number, "chunk") for number in (0, 1, 2)] == ["0 chunks", "1 chunk", "2 chunks"]
