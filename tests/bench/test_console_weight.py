"""The console stays light: what a screen can load, and all of it over the wire."""

import pytest

from bench.console_weight import (
    list_at_first,
    list_in_all,
    list_screens,
    list_scripts,
    weigh,
    weigh_sent,
)
from intellibooks.console_modules import STATIC

MOST_BYTES = 150_000


@pytest.mark.parametrize("screen", list_screens())
def test_whatever_a_screen_loads_is_little_script(screen: str) -> None:
    assert weigh(list_at_first(screen)) <= weigh(list_in_all(screen)) < MOST_BYTES


def test_the_whole_console_is_little_over_the_wire() -> None:
    assert weigh_sent(list_scripts()) < MOST_BYTES


def test_what_is_fetched_later_is_counted() -> None:
    later = {path.relative_to(STATIC).as_posix() for path in list_in_all("record")}
    assert {
        "record/desk.js",
        "review/chat.js",
        "recorder/worklet.js",
        "recorder/resampler.js",
    } <= later
    assert "pages/review.js" not in later


def test_no_module_is_left_that_no_screen_loads() -> None:
    used = set().union(*(list_in_all(screen) for screen in [*list_screens(), "missing"]))
    assert list_scripts() - used == {STATIC / "theme.js"}  # a script of the page itself
