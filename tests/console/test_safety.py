"""Words stay words; nothing is fetched from elsewhere."""

from playwright.sync_api import Page, expect

from tests.console.conftest import Studio
from tests.console.stage import HOSTILE


def test_policy_allows_no_inline_script_and_no_other_host(studio: Studio) -> None:
    for path in ("/console/", "/console/m/any", "/console/never"):
        policy = studio.http.get(path).headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy


def test_markup_of_strangers_is_shown_as_text(page: Page, studio: Studio) -> None:
    meeting = studio.stage("hostile")
    said = {"content": HOSTILE, "user_id": HOSTILE[:60]}
    assert studio.http.post(f"/api/sessions/{meeting}/messages", json=said).is_success
    page.goto(f"/console/m/{meeting}")
    expect(page.get_by_role("heading", level=1)).to_have_text(HOSTILE)
    expect(page.get_by_test_id("seg").first).to_contain_text(HOSTILE)
    expect(page.locator("#panel-notes .summary")).to_have_text(HOSTILE)
    page.get_by_test_id("tab-chat").click()
    expect(page.get_by_test_id("chat-message")).to_contain_text(HOSTILE)
    page.get_by_test_id("tab-people").click()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/console/")
    expect(page.locator(f"[data-id='{meeting}']")).to_contain_text(HOSTILE)
    excess = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
    assert excess <= 0
    page.goto("/console/search?q=onerror")
    expect(page.get_by_test_id("hit").first).to_contain_text("onerror")
    assert page.locator("img[onerror]").count() == 0
    assert "owned" not in page.title()
    studio.http.delete(f"/api/meetings/{meeting}")


def test_next_of_a_login_leads_nowhere_else(page: Page) -> None:
    page.route("**/api/auth/login", lambda route: route.fulfill(json={}))
    page.goto("/console/login?next=https://elsewhere.example/console/")
    page.get_by_label("User name").fill("ana")
    page.get_by_label("Password").fill("secret")
    with page.expect_navigation():
        page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url("/console/")
