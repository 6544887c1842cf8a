"""The pages of others that the service shows work under the policies it sends with them."""

from playwright.sync_api import Page, expect

from tests.console.conftest import Studio, Watch


def test_the_documentation_of_the_api_is_shown(page: Page) -> None:
    page.goto("/api/docs")
    expect(page.locator(".opblock").first).to_be_visible(timeout=20_000)


def test_the_admin_and_the_queues_are_shown(page: Page, studio: Studio, watch: Watch) -> None:
    watch.expected.append("/favicon.ico")  # the admin has none
    page.goto("/admin/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill((studio.serve.data_dir / "admin_password").read_text())
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Site administration")).to_be_visible()
    page.goto("/admin/meetings/meeting/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto("/admin/django_rq/")
    expect(page.locator("#content")).to_contain_text("pipeline")
