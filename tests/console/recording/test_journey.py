"""One meeting from the first word to the replay, as a person and a second viewer see it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.console.conftest import Studio, Watch
from tests.console.recording.conftest import Booth, open_context
from tests.console.recording.sound import Samples, check_unbroken, list_offsets
from transcription.audio import SAMPLE_RATE

SEGMENT = "[data-testid=seg] .seg-text"
LIVE_WORD_MS = 45_000


@dataclass
class Journey:
    """What was seen on the way; the page stands at the review screen in the end."""

    booth: Booth
    watch: Watch
    seconds: float = 0.0
    levels: set[str] = field(default_factory=set)
    tab_title: str = ""
    heard_live: str = ""
    second_viewer: str = ""
    stage: str = ""
    offsets: list[int] = field(default_factory=list)


@pytest.fixture(scope="module")
def journey(hearing: Browser, studio: Studio, played: Samples) -> Iterator[Journey]:
    context = open_context(hearing, studio)
    watch = Watch(studio)
    page, other = context.new_page(), context.new_page()
    watch.follow(page)
    watch.follow(other)
    journey = Journey(Booth(page, studio).open(), watch)
    page.get_by_test_id("rec-title").fill("Weekly meeting")
    page.get_by_test_id("rec-start").click()
    journey.booth.wait_recording()
    follow_live(journey, page, other)
    journey.booth.wait_recorded(11)
    journey.booth.stop()
    journey.seconds = float(journey.booth.ask("recorder.recordedMs")) / 1000
    journey.stage = page.get_by_test_id("stages").locator("summary").inner_text()
    page.wait_for_url("**/console/m/*", timeout=90_000)
    journey.offsets = [
        offset for _, offset in list_offsets(journey.booth.fetch_recording(), played)
    ]
    check_unbroken(journey.offsets)  # here, where another try begins with another recording
    yield journey
    context.close()


def follow_live(journey: Journey, page: Page, other: Page) -> None:
    other.goto(f"/console/m/{journey.booth.meeting_id}")
    page.locator(SEGMENT).first.wait_for(timeout=LIVE_WORD_MS)
    journey.heard_live = page.locator(SEGMENT).first.inner_text()
    journey.tab_title = page.title()
    journey.levels.add(str(page.get_by_test_id("rec-level").get_attribute("aria-valuenow")))
    other.locator(SEGMENT).first.wait_for(timeout=LIVE_WORD_MS)
    journey.second_viewer = other.locator(SEGMENT).first.inner_text()


def test_words_appear_while_they_are_being_said(journey: Journey) -> None:
    assert "good morning" in journey.heard_live.lower()


def test_second_viewer_sees_the_same_words(journey: Journey) -> None:
    assert "good morning" in journey.second_viewer.lower()


def test_tab_says_that_it_records(journey: Journey) -> None:
    assert journey.tab_title.startswith("● 0:")
    assert "Weekly meeting" in journey.tab_title


def test_stages_are_shown_after_the_stop(journey: Journey) -> None:
    assert "of 11" in journey.stage


def test_slices_are_of_equal_length(journey: Journey) -> None:
    *whole, last = [chunk["size"] for chunk in journey.booth.list_chunks()]
    assert set(whole) == {128_044}
    assert last <= 128_044


def test_recording_is_the_sound_that_was_played(journey: Journey) -> None:
    recorded = journey.booth.fetch_recording()
    assert len(recorded) / SAMPLE_RATE == pytest.approx(journey.seconds, abs=0.01)
    assert len(journey.offsets) > 10


def test_click_on_a_word_plays_from_there(journey: Journey) -> None:
    page = journey.booth.page
    page.wait_for_function("() => document.querySelector('audio')?.readyState > 0")
    row = page.locator(SEGMENT).nth(1)
    second = float(
        page.evaluate("() => document.querySelectorAll('[data-testid=seg]')[1].row.words[0].start")
    )
    row.click(position={"x": 12, "y": 12})
    page.wait_for_function("() => !document.querySelector('audio').paused")
    assert page.evaluate("document.querySelector('audio').currentTime") == pytest.approx(
        second, abs=1
    )
    expect(page.get_by_role("heading", level=1)).to_have_text("Weekly meeting")


def test_nothing_went_wrong_on_the_way(journey: Journey) -> None:
    journey.watch.check()
