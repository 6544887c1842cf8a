"""The screens as people see them, written to var/screenshots to be looked at."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import NARROW, WIDE, Studio

FOLDER = Path(__file__).resolve().parents[2] / "var" / "screenshots"
SCREENS = {
    "library": ("/console/", ".meeting"),
    "review": ("/console/m/{id}?t=49.5", ".seg.now"),
    "search": ("/console/search?q=website", "[data-testid=hit]"),
    "status": ("/console/status", ".part"),
}


@pytest.fixture(scope="module")
def told_apart(studio: Studio, sample: str) -> str:
    """The sample with its speakers named, as a person would by hand."""
    names = ("Robert", "Susan", "David")
    segments = studio.read(f"/api/meetings/{sample}/segments", limit=1000)["segments"]
    for at, name in enumerate(names):
        chosen = [segment["id"] for segment in segments[at::3]]
        studio.recorder.post(
            f"/api/meetings/{sample}/speakers/assign", json={"speaker": name, "segments": chosen}
        )
    return sample


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1280", "390"])
@pytest.mark.parametrize("name", SCREENS)
def test_screen_is_drawn(page: Page, told_apart: str, name: str, size: Any, theme: Any) -> None:
    path, settled = SCREENS[name]
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=theme)
    page.goto(path.format(id=told_apart), wait_until="networkidle")
    expect(page.locator(settled).first).to_be_visible()
    FOLDER.mkdir(parents=True, exist_ok=True)
    target = FOLDER / f"{name}-{size['width']}-{theme}.png"
    page.screenshot(path=target)
    assert target.stat().st_size > 10_000
