"""For everybody: screen readers, narrow and wide screens, both themes."""

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped] # has none
from playwright.sync_api import Browser, Page, expect

from tests.console.conftest import Studio

PAGES = ("/console/", "/console/m/{id}?t=40", "/console/search?q=website", "/console/status")
SETTLED = ".meeting, [data-testid=seg], [data-testid=hit], .part, .login"


def find_serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        for one in found
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", [*PAGES, "/console/login"])
def test_axe_finds_nothing_serious(page: Page, sample: str, path: str, theme: str) -> None:
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type] # a literal of ours
    page.goto(path.format(id=sample))
    page.wait_for_selector(SETTLED)
    assert find_serious(page) == []


def test_axe_finds_nothing_serious_in_panels_menus_and_dialogs(page: Page, sample: str) -> None:
    page.goto(f"/console/m/{sample}")
    page.wait_for_selector("[data-testid=seg]")
    for step in ("tab-people", "tab-chat", "export"):
        page.get_by_test_id(step).click()
        assert find_serious(page) == [], step
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert find_serious(page) == []


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 2560])
def test_no_page_scrolls_sideways(
    browser: Browser, studio: Studio, sample: str, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, base_url=studio.url)
    page = context.new_page()
    for path in PAGES:
        page.goto(path.format(id=sample))
        page.wait_for_selector(SETTLED)
        excess = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        assert excess <= 0, path
    context.close()


def test_only_settled_words_are_read_aloud(page: Page, sample: str) -> None:
    page.goto(f"/console/m/{sample}")
    log = page.get_by_role("log")
    expect(log).to_have_attribute("aria-live", "polite")
    expect(log).to_be_empty()
