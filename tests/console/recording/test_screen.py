"""The record screen for everybody: both themes, every width, screen readers."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.console.conftest import NARROW, WIDE, Studio
from tests.console.recording.conftest import Booth, open_context
from tests.console.test_accessibility import find_serious
from tests.console.test_screenshots import FOLDER


@pytest.fixture(scope="module")
def running(hearing: Browser, studio: Studio) -> Iterator[Booth]:
    """A recording in which something has been said."""
    context = open_context(hearing, studio)
    booth = Booth(context.new_page(), studio).open()
    booth.page.get_by_test_id("rec-title").fill("Weekly team meeting")
    booth.page.get_by_test_id("rec-start").click()
    booth.wait_recording()
    booth.page.get_by_test_id("seg").nth(2).wait_for(timeout=60_000)
    yield booth
    booth.ask("recorder.cancel()")
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1280", "390"])
def test_running_recording_is_drawn(running: Booth, size: Any, theme: Any) -> None:
    page = running.page
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=theme)
    if size == NARROW:
        page.get_by_test_id("tab-transcript").click()
    expect(page.get_by_test_id("seg").first).to_be_visible()
    FOLDER.mkdir(parents=True, exist_ok=True)
    target = FOLDER / f"record-{size['width']}-{theme}.png"
    page.screenshot(path=target)
    assert target.stat().st_size > 10_000
    assert find_serious(page) == []


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 2560])
def test_nothing_scrolls_sideways(running: Booth, width: int) -> None:
    running.page.set_viewport_size({"width": width, "height": 800})
    excess = "document.documentElement.scrollWidth - innerWidth"
    assert running.page.evaluate(excess) <= 0
    for name in ("rec-pause", "rec-stop", "rec-time", "rec-title-live"):
        expect(running.page.get_by_test_id(name)).to_be_in_viewport()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_choice_before_it_is_for_everybody(booth: Booth, theme: Any) -> None:
    booth.page.emulate_media(color_scheme=theme)
    booth.open()
    booth.page.get_by_text("More", exact=True).click()
    assert find_serious(booth.page) == []


def test_choices_are_remembered(booth: Booth) -> None:
    booth.open()
    booth.page.get_by_text("More", exact=True).click()
    booth.page.get_by_label("Language").select_option("de")
    booth.page.get_by_label("Names and terms").fill("Susan, Kubernetes")
    booth.page.get_by_test_id("rec-start").click()
    booth.wait_recording()
    assert booth.studio.read(f"/api/meetings/{booth.meeting_id}")["language"] == "de"
    booth.ask("recorder.cancel()")
    booth.page.wait_for_url("**/console/")
    booth.open()
    expect(booth.page.locator("#rec-language")).to_have_value("de")
