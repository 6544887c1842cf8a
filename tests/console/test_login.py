"""Where the service asks who comes."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.console.conftest import Studio
from tests.intellibooks.serve_process import ServeProcess
from tests.live_service import own_stores


@pytest.fixture(scope="module")
def guarded() -> Iterator[Studio]:
    with own_stores() as env, ServeProcess(AUTH_MODE="required", **env) as serve:
        yield Studio(serve.wait_until_ready())


@pytest.fixture
def visitor(browser: Browser, guarded: Studio) -> Iterator[Page]:
    context = browser.new_context(base_url=guarded.url)
    yield context.new_page()
    context.close()


def log_in(page: Page, name: str, password: str) -> None:
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def test_stranger_is_asked_and_led_back(visitor: Page, guarded: Studio) -> None:
    visitor.goto("/console/search?q=budget")
    expect(visitor).to_have_url(re.compile("/console/login"))
    password = (guarded.serve.data_dir / "admin_password").read_text().strip()
    log_in(visitor, "admin", password)
    expect(visitor).to_have_url(re.compile(r"/console/search\?q=budget"))
    expect(visitor.get_by_text("Nothing found.")).to_be_visible()
    visitor.get_by_test_id("account").click()
    visitor.get_by_role("menuitem", name="Log out").click()
    expect(visitor).to_have_url(re.compile("/console/login"))


def test_wrong_password_is_told(visitor: Page) -> None:
    visitor.goto("/console/login")
    log_in(visitor, "admin", "wrong")
    expect(visitor.get_by_role("alert").first).to_contain_text("do not belong together")


def test_public_link_opens_one_meeting_for_reading(
    visitor: Page, browser: Browser, guarded: Studio
) -> None:
    meeting = guarded.stage("hostile")
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.goto(f"/console/m/{meeting}")
    log_in(visitor, "admin", (guarded.serve.data_dir / "admin_password").read_text().strip())
    visitor.get_by_test_id("share").click()
    visitor.get_by_test_id("share-public").click()
    visitor.get_by_test_id("confirm").click()
    link = visitor.get_by_test_id("share-url").input_value()
    stranger = browser.new_context()
    page = stranger.new_page()
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.goto(link)
    expect(page.get_by_test_id("seg").first).to_be_visible()
    page.get_by_test_id("more").click()
    expect(page.get_by_role("menuitem")).to_have_count(0)
    assert errors == []
    visitor.get_by_role("button", name="Take it back").click()
    expect(visitor.get_by_test_id("toast")).to_contain_text("no longer works")
    page.reload()
    expect(page.get_by_text("This meeting does not exist")).to_be_visible()
    stranger.close()
