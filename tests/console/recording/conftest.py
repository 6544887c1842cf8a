"""Chromium with a microphone that plays a file, and what a person does with the recorder."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.console.conftest import Studio, Watch
from tests.console.recording.sound import Samples, read_microphone, write_microphone
from transcription.audio import decode

QUIET_SCREEN = ("--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required")
FAKE_DEVICE = "--use-fake-device-for-media-stream"
ALLOWED = "--use-fake-ui-for-media-stream"
# Without this the browser's echo cancelling changes the sound that the tests compare.
AS_IT_IS = "localStorage.setItem('studio.record.raw', 'true')"

Launch = Callable[..., Browser]


@pytest.fixture(scope="package")
def launch(browser: Browser) -> Iterator[Launch]:
    """Opens one more Chromium with those flags; all are closed in the end."""
    opened: list[Browser] = []

    def open_browser(*flags: str) -> Browser:
        args = [*QUIET_SCREEN, *flags]
        opened.append(
            browser.browser_type.launch(executable_path=shutil.which("chromium"), args=args)
        )
        return opened[-1]

    yield open_browser
    for each in opened:
        each.close()


@pytest.fixture(scope="package")
def microphone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_microphone(tmp_path_factory.mktemp("sound") / "microphone.wav")


@pytest.fixture(scope="package")
def played(microphone: Path) -> Samples:
    return read_microphone(microphone)


@pytest.fixture(scope="package")
def hearing(launch: Launch, microphone: Path) -> Browser:
    """A browser that hears the file; a wrong path would be silence without an error."""
    assert microphone.exists()
    play = f"--use-file-for-fake-audio-capture={microphone}%noloop"
    return launch(FAKE_DEVICE, ALLOWED, play)


@dataclass
class Booth:
    """One person at the record screen of a service."""

    page: Page
    studio: Studio
    meeting_id: str = ""

    def open(self) -> "Booth":
        self.page.goto(f"{self.studio.url}/console/record")
        return self

    def start(self) -> "Booth":
        self.open()
        self.page.get_by_test_id("rec-start").click()
        return self.wait_recording()

    def wait_recording(self) -> "Booth":
        self.page.get_by_test_id("rec-time").wait_for()
        self.meeting_id = str(self.ask("recorder.sessionId"))
        return self

    def ask(self, expression: str) -> Any:
        """Of the page's own recorder."""
        module = "/static/console/record/current.js"
        return self.page.evaluate(f"import('{module}').then(({{ recorder }}) => {expression})")

    def wait_recorded(self, seconds: float) -> None:
        """Until so much has been heard in all; the fake device plays in real time."""
        while float(self.ask("recorder.recordedMs")) < seconds * 1000:
            self.page.wait_for_timeout(50)

    def stop(self) -> None:
        """Asks for the end, and returns when the service has everything."""
        self.page.get_by_test_id("rec-stop").click()
        if float(self.ask("recorder.recordedMs")) < 5000:
            self.page.get_by_test_id("confirm").click()
        self.wait_stopped()

    def wait_stopped(self) -> None:
        while self.ask("recorder.state") != "stopped":
            self.page.wait_for_timeout(50)

    def banner(self, code: str) -> Any:
        return self.page.locator(f"[data-testid=banner][data-code={code}]")

    def list_chunks(self) -> list[dict[str, Any]]:
        chunks = self.studio.read(f"/api/meetings/{self.meeting_id}/chunks")["chunks"]
        return sorted(chunks, key=lambda chunk: int(chunk["index"]))

    def read_chunks(self) -> Samples:
        """The bytes that the service stored, one chunk after the other."""
        folder = self.studio.serve.data_dir / "media"
        names = [f"{chunk['index']:06d}-{chunk['sha256'][:16]}" for chunk in self.list_chunks()]
        files = [next(folder.rglob(name)) for name in names]
        parts = [decode(file.read_bytes()).samples for file in files]
        return np.concatenate(parts).astype(np.float64)

    def fetch_recording(self) -> Samples:
        """What the service kept, joined; lossless."""
        self.studio.recorder.wait_completed(self.meeting_id, 90)
        answer = self.studio.http.get(f"/api/meetings/{self.meeting_id}/audio")
        return decode(answer.content).samples.astype(np.float64)


def open_context(browser: Browser, studio: Studio) -> BrowserContext:
    context = browser.new_context(
        viewport={"width": 1280, "height": 860}, base_url=studio.url, reduced_motion="reduce"
    )
    context.set_default_timeout(15_000)
    context.add_init_script(AS_IT_IS)
    return context


@pytest.fixture
def booth(hearing: Browser, studio: Studio, watch: Watch) -> Iterator[Booth]:
    context = open_context(hearing, studio)
    page = context.new_page()
    watch.follow(page)
    yield Booth(page, studio)
    context.close()
