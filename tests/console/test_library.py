"""Finding one's way: library, search, keys, status, import, delete."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.console.conftest import Studio, Watch

SAMPLE_FILE = Path(__file__).resolve().parents[2] / "meetings" / "sample" / "meeting.opus"
TIME = "() => document.querySelector('audio')?.currentTime"


def test_front_door_leads_to_the_library(page: Page, sample: str) -> None:
    page.goto("/")
    expect(page).to_have_url(re.compile("/console/$"))
    row = page.locator(f"[data-id='{sample}']")
    expect(row.get_by_test_id("state-completed")).to_be_visible()
    expect(row).to_contain_text("2 min 19 s")
    expect(row).to_contain_text("website")
    row.get_by_role("link", name="Weekly team meeting").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Weekly team meeting (sample)")


def test_filters_stay_in_the_address(page: Page, sample: str) -> None:
    page.goto("/console/")
    page.get_by_test_id("filter-title").fill("nothing is called so")
    expect(page.get_by_text("No meeting matches.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("No meeting matches.")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(page.locator(f"[data-id='{sample}']")).to_be_visible()


def test_empty_library_offers_three_ways_to_begin(page: Page, studio: Studio) -> None:
    nothing = {"results": [], "total": 0, "page": 1, "pages": 0, "limit": 30, "counts": {}}
    page.route("**/api/meetings?*", lambda route: route.fulfill(json=nothing))
    page.goto("/console/")
    expect(page.get_by_text("No meetings yet.")).to_be_visible()
    expect(page.get_by_role("link", name="Record a meeting")).to_be_visible()
    expect(page.get_by_role("button", name="Import a file")).to_be_visible()
    expect(page.get_by_test_id("load-sample")).to_be_visible()


def test_import_of_a_known_file_leads_to_it(page: Page, sample: str) -> None:
    page.goto("/console/")
    page.get_by_test_id("import-file").set_input_files(SAMPLE_FILE)
    expect(page.get_by_test_id("toast")).to_contain_text("in the library already")
    page.get_by_test_id("toast-action").click()
    expect(page).to_have_url(re.compile(f"/console/m/{sample}"))


def test_file_that_is_no_sound_is_told_with_its_remedy(page: Page, watch: Watch) -> None:
    watch.expected.append("422")
    page.goto("/console/")
    empty = {"name": "empty.wav", "mimeType": "audio/wav", "buffer": b""}
    page.get_by_test_id("import-file").set_input_files(empty)  # type: ignore[arg-type] # its TypedDict
    watch.expected.append("400")
    expect(page.locator("#alerts").get_by_test_id("toast")).to_contain_text("The file is empty.")


def test_service_that_is_away_is_told_with_a_retry(page: Page, sample: str, watch: Watch) -> None:
    watch.expected.append("ERR_FAILED")
    page.route("**/api/meetings?*", lambda route: route.abort())
    page.goto("/console/")
    expect(page.get_by_role("alert").first).to_contain_text("The service does not answer.")
    page.unroute("**/api/meetings?*")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(f"[data-id='{sample}']")).to_be_visible()


def test_search_opens_at_the_second(page: Page, sample: str) -> None:
    page.goto("/console/")
    page.keyboard.press("/")
    page.keyboard.type("second supplier")
    page.keyboard.press("Enter")
    page.get_by_label("Where to search").select_option("segment")
    hit = page.get_by_test_id("hit").first
    expect(hit.locator("mark").first).to_be_visible()
    expect(page.get_by_test_id("search-count")).to_have_text("1 hit")
    page.get_by_test_id("search-input").press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_function(f"() => ({TIME})() > 60")
    expect(page.get_by_test_id("find-count")).to_have_text("1 of 1")


def test_meeting_is_heard_and_read_by_keyboard_alone(page: Page, sample: str) -> None:
    page.goto("/console/")
    link = page.locator(f"[data-id='{sample}'] .meeting-title")
    expect(link).to_be_visible()
    for _ in range(40):
        page.keyboard.press("Tab")
        if link.evaluate("(link) => link === document.activeElement"):
            break
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('audio')?.readyState > 0")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.keyboard.press("k")
    page.wait_for_function("() => !document.querySelector('audio').paused")
    page.keyboard.press("Space")
    page.wait_for_function("() => document.querySelector('audio').paused")
    page.keyboard.press("0")
    page.keyboard.press("l")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(TIME) == 15
    page.keyboard.press("ArrowDown")
    expect(page.get_by_test_id("seg").nth(1)).to_be_focused()
    page.keyboard.press("f")
    expect(page.get_by_test_id("find")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_test_id("key-sheet")).to_contain_text("Play or pause")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("l")
    expect(page).to_have_url(re.compile("/console/$"))


def test_status_page_names_every_part(page: Page, studio: Studio) -> None:
    page.goto("/console/status")
    for name in ("database", "redis", "workers"):
        expect(page.get_by_test_id(f"part-{name}")).to_contain_text("Works")


def test_theme_is_chosen_and_kept(page: Page) -> None:
    page.goto("/console/")
    page.get_by_role("button", name="Light or dark").click()
    page.reload()
    assert page.evaluate("() => document.documentElement.dataset.theme") == "dark"


def test_delete_asks_first(page: Page, studio: Studio) -> None:
    meeting = studio.stage("hostile")
    page.goto(f"/console/m/{meeting}")
    page.get_by_test_id("more").click()
    page.get_by_test_id("delete").click()
    page.get_by_role("button", name="Cancel").click()
    assert studio.http.get(f"/api/meetings/{meeting}").status_code == 200
    page.get_by_test_id("more").click()
    page.get_by_test_id("delete").click()
    page.get_by_test_id("confirm").click()
    expect(page).to_have_url(re.compile("/console/$"))
    assert studio.http.get(f"/api/meetings/{meeting}").status_code == 404


def test_discarded_recording_is_no_longer_listed(page: Page, studio: Studio, sample: str) -> None:
    meeting = studio.recorder.start(title="Thrown away")
    studio.recorder.post(f"/api/meetings/{meeting}/cancel")
    page.goto("/console/")
    expect(page.locator(f"[data-id='{sample}']")).to_be_visible()
    expect(page.locator(f"[data-id='{meeting}']")).to_have_count(0)
