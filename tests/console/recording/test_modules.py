"""The recorder's modules by themselves: another frontend uses them without the console."""

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from tests.console.conftest import Studio
from tests.console.recording.conftest import open_context

RESAMPLE = """async ([rate, pitch, seconds]) => {
  const { Resampler } = await import('/static/console/recorder/resampler.js');
  const resampler = new Resampler(rate, 16000);
  const out = [];
  const step = 2 * Math.PI * pitch / rate;
  const input = new Float32Array(rate * seconds).map((_, at) => Math.sin(at * step));
  for (let at = 0; at < input.length; at += 128)
    resampler.push(input.subarray(at, at + 128), (sample) => out.push(sample));
  resampler.flush((sample) => out.push(sample));
  return out;
}"""
RECORD = """async (seconds) => {
  const { MeetingRecorder } = await import('/static/console/recorder/meeting-recorder.js');
  const { LiveSession } = await import('/static/console/live-session.js');
  const recorder = new MeetingRecorder();
  await recorder.start({ title: 'From elsewhere' }, { isRaw: true });
  const live = new LiveSession(recorder.sessionId);
  const frames = [];
  live.addEventListener('chunk', (event) => frames.push(event.detail.state));
  live.start();
  await new Promise((resolve) => recorder.addEventListener('progress', () =>
    recorder.recordedMs >= seconds * 1000 && resolve()));
  await recorder.stop();
  live.close();
  return { id: recorder.sessionId, savedMs: recorder.savedMs, frames };
}"""


@pytest.fixture
def bare_page(hearing: Browser, studio: Studio) -> Any:
    """Of the service's origin, with nothing of the console in it."""
    context = open_context(hearing, studio)
    page = context.new_page()
    page.goto("/static/console/css/tokens.css")
    yield page
    context.close()


@pytest.mark.parametrize("rate", [44_100, 48_000, 22_050, 8_000, 16_000])
def test_tone_keeps_its_place_and_height(bare_page: Page, rate: int) -> None:
    out = np.array(bare_page.evaluate(RESAMPLE, [rate, 440, 1]))
    wanted = np.sin(2 * np.pi * 440 * np.arange(len(out)) / 16_000)
    assert len(out) == pytest.approx(16_000, abs=1)
    assert np.abs(out - wanted)[400:-400].max() < 0.002


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_what_16_khz_cannot_hold_is_left_out(bare_page: Page, rate: int) -> None:
    out = np.array(bare_page.evaluate(RESAMPLE, [rate, 9_500, 1]))
    assert 20 * np.log10(np.abs(out[400:-400]).max()) < -60


def test_recorder_works_without_the_console(bare_page: Page, studio: Studio) -> None:
    done: dict[str, Any] = bare_page.evaluate(RECORD, 5)
    assert done["savedMs"] >= 5000
    assert "received" in done["frames"]
    meeting = studio.read(f"/api/meetings/{done['id']}")
    assert (meeting["title"], meeting["total_chunks"]) == ("From elsewhere", 2)
