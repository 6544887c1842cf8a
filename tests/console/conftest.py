"""A real service, a real Chromium, and pages in which nothing may go wrong unseen."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.console import stage
from tests.intellibooks.serve_process import ServeProcess
from tests.live_service import Recorder, own_stores

WIDE, NARROW = {"width": 1280, "height": 860}, {"width": 390, "height": 844}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


class Studio:
    """The running service as the tests reach it."""

    def __init__(self, serve: ServeProcess) -> None:
        self.serve = serve
        self.recorder = Recorder(serve)
        self.http: httpx.Client = self.recorder.http
        self.url = f"http://127.0.0.1:{serve.port}"

    def load_sample(self) -> str:
        answer = self.recorder.post("/api/meetings/sample")
        meeting_id = str(answer["session_id"])
        self.recorder.wait_completed(meeting_id, 150)
        return meeting_id

    def read(self, path: str, **query: Any) -> Any:
        answer = self.http.get(path, params=query)
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.json()

    def stage(self, name: str) -> str:
        """A meeting that `stage` writes into the service's own database; its id."""
        return stage.run(name, self.serve)


# Of the package, not of the session: while Playwright runs, its event loop holds the thread.
@pytest.fixture(scope="package")
def studio() -> Iterator[Studio]:
    with own_stores() as env, ServeProcess(**env) as serve:
        yield Studio(serve.wait_until_ready())


@pytest.fixture(scope="package")
def sample(studio: Studio) -> str:
    return studio.load_sample()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    flags = ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=flags)
        yield chromium
        chromium.close()


class Watch:
    """What went wrong in a page: errors in its console, requests to other hosts."""

    def __init__(self, studio: Studio) -> None:
        self.host = urlsplit(studio.url).netloc
        self.errors: list[str] = []
        self.strangers: list[str] = []
        self.expected: list[str] = []  # parts of errors that the test brings about

    def follow(self, page: Page) -> None:
        page.on("console", self.hear)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.see(request.url))

    def hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} {message.location.get('url', '')}")

    def see(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != self.host:
            self.strangers.append(url)

    def check(self) -> None:
        unexpected = [
            error for error in self.errors if not any(part in error for part in self.expected)
        ]
        assert (unexpected, self.strangers) == ([], [])


@pytest.fixture
def watch(studio: Studio) -> Iterator[Watch]:
    watch = Watch(studio)
    yield watch
    watch.check()


@pytest.fixture
def context(browser: Browser, studio: Studio) -> Iterator[BrowserContext]:
    context = browser.new_context(
        viewport=WIDE,  # type: ignore[arg-type] # a dict literal is its TypedDict
        base_url=studio.url,
        permissions=["clipboard-read", "clipboard-write"],
        reduced_motion="reduce",
    )
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, watch: Watch) -> Page:
    page = context.new_page()
    watch.follow(page)
    return page
