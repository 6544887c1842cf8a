"""Nothing that was said is lost: reloads, refused slices, a dead service, pauses."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.console.conftest import Studio, Watch
from tests.console.recording.conftest import Booth, open_context
from tests.console.recording.sound import Samples, check_unbroken, list_offsets
from tests.factories import make_tone
from tests.intellibooks.serve_process import ServeProcess
from tests.live_service import own_stores
from transcription.audio import SAMPLE_RATE

COUNT_STORED = """async () => {
  const { SliceStore } = await import('/static/console/recorder/slice-store.js');
  const store = await SliceStore.open();
  const counts = await Promise.all(['recordings', 'slices', 'tail'].map((name) =>
    store.read(name, (rows) => rows.count())));
  store.close();
  return counts;
}"""
UNPLUG = "recorder.microphone.stream.getAudioTracks()[0].dispatchEvent(new Event('ended'))"
HIDE_MICROPHONES = """() => {
  const fail = async () => { throw new DOMException('', 'NotFoundError'); };
  navigator.mediaDevices.getUserMedia = fail;
}"""
SHOW_MICROPHONES = "() => { delete navigator.mediaDevices.getUserMedia; }"
FILL_DISK = """async () => {
  const { SliceStore } = await import('/static/console/recorder/slice-store.js');
  SliceStore.prototype.write = async () => { throw new DOMException('', 'QuotaExceededError'); };
}"""
A_BLOCK = 0.5  # what a crash may cost, in seconds


def count_stored(page: Page) -> list[int]:
    """Recordings, slices and blocks that wait in the browser."""
    counts: list[int] = page.evaluate(COUNT_STORED)
    return counts


def test_reload_in_the_middle_leaves_no_gap(booth: Booth, played: Samples) -> None:
    booth.start()
    booth.wait_recorded(4.6)
    before = float(booth.ask("recorder.recordedMs")) / 1000
    booth.page.reload()
    expect(booth.page.get_by_test_id("unfinished")).to_contain_text("recording of 0:0")
    booth.page.get_by_test_id("unfinished-continue").click()
    booth.wait_recording()
    booth.wait_recorded(before + 4)
    booth.stop()
    recorded = booth.read_chunks()
    seam = sum(chunk["size"] - 44 for chunk in booth.list_chunks()[:2]) / 2 / SAMPLE_RATE
    assert seam >= before - A_BLOCK
    offsets = list_offsets(recorded, played)
    first = [offset for second, offset in offsets if second + A_BLOCK <= seam]
    then = [offset for second, offset in offsets if second >= seam]
    assert (len(first) > 3, len(then) > 3) == (True, True)
    check_unbroken(first)
    check_unbroken(then)


def test_unfinished_recording_is_finished_without_a_microphone(booth: Booth) -> None:
    booth.start()
    booth.wait_recorded(2)
    booth.page.reload()
    booth.page.get_by_test_id("unfinished-finish").click()
    booth.page.wait_for_url("**/console/m/*", timeout=60_000)
    assert len(booth.read_chunks()) / SAMPLE_RATE >= 2 - A_BLOCK
    assert count_stored(booth.page) == [0, 0, 0]


def test_unfinished_recording_is_discarded(booth: Booth) -> None:
    booth.start()
    booth.wait_recorded(1)
    booth.page.reload()
    booth.page.get_by_test_id("unfinished-discard").click()
    booth.page.get_by_test_id("confirm").click()
    expect(booth.page.get_by_test_id("unfinished")).to_have_count(0)
    assert booth.studio.read(f"/api/meetings/{booth.meeting_id}")["status"] == "cancelled"
    assert count_stored(booth.page) == [0, 0, 0]


def test_refused_slices_all_arrive_in_order(booth: Booth, watch: Watch, played: Samples) -> None:
    watch.expected += ["ERR_FAILED", "503"]
    answers: list[Any] = ["abort", 503, "abort"]
    sent: list[int] = []

    def refuse_first(route: Route) -> None:
        sent.append(int((route.request.post_data_buffer or b"").split(b"\r\n")[3]))
        answer = answers.pop(0) if answers else None
        if answer == "abort":
            route.abort()
        elif answer is not None:
            route.fulfill(status=answer)
        else:
            route.continue_()

    booth.page.route("**/chunk", refuse_first)
    booth.start()
    booth.wait_recorded(6)
    booth.stop()
    assert sent == [0, 0, 0, 0, 1]
    assert count_stored(booth.page) == [0, 0, 0]
    check_unbroken(offset for _, offset in list_offsets(booth.read_chunks(), played))


def test_time_in_pause_is_no_audio(booth: Booth) -> None:
    booth.start()
    booth.wait_recorded(1.5)
    booth.page.keyboard.press("p")
    expect(booth.page.get_by_text("Paused")).to_be_visible()
    booth.page.wait_for_timeout(300)
    at_pause = float(booth.ask("recorder.recordedMs"))
    booth.page.wait_for_timeout(1000)
    assert booth.ask("recorder.recordedMs") == at_pause
    booth.page.keyboard.press("p")
    booth.wait_recorded(at_pause / 1000 + 1)
    booth.stop()
    heard = float(booth.ask("recorder.recordedMs")) / 1000
    assert len(booth.read_chunks()) / SAMPLE_RATE == pytest.approx(heard, abs=0.002)


def test_service_hears_of_a_recording_in_pause(booth: Booth) -> None:
    booth.start()
    booth.wait_recorded(1)
    booth.ask("recorder.pause()")
    before = read_meeting(booth)
    while booth.ask("recorder.waiting"):
        booth.page.wait_for_timeout(20)
    booth.ask("recorder.recording.beat()")
    after = read_meeting(booth)
    assert after["last_activity"] > before["last_activity"]
    assert after["total_chunks"] == 1
    booth.ask("recorder.cancel()")


def read_meeting(booth: Booth) -> dict[str, Any]:
    meeting: dict[str, Any] = booth.studio.read(f"/api/meetings/{booth.meeting_id}")
    return meeting


def test_recording_of_another_browser_is_continued(booth: Booth) -> None:
    meeting_id = booth.studio.recorder.start()
    booth.studio.recorder.send(meeting_id, 0, make_tone(2))
    booth.page.goto(f"/console/record?resume={meeting_id}")
    booth.wait_recording()
    assert booth.meeting_id == meeting_id
    booth.wait_recorded(1)
    booth.stop()
    assert [chunk["index"] for chunk in booth.list_chunks()] == [0, 1]


def test_unplugged_microphone_is_replaced(booth: Booth) -> None:
    booth.start()
    booth.wait_recorded(1)
    booth.ask(UNPLUG)
    booth.wait_recorded(2.5)
    assert booth.ask("recorder.state") == "recording"
    booth.stop()


def test_recording_waits_where_no_microphone_is_left(booth: Booth) -> None:
    booth.start()
    booth.wait_recorded(1)
    booth.page.evaluate(HIDE_MICROPHONES)
    booth.ask(UNPLUG)
    expect(booth.banner("lost")).to_contain_text("disconnected")
    assert booth.ask("recorder.state") == "paused"
    before = float(booth.ask("recorder.recordedMs")) / 1000
    booth.page.evaluate(SHOW_MICROPHONES)
    booth.banner("lost").get_by_role("button", name="Continue recording").click()
    booth.wait_recorded(before + 1)
    booth.stop()
    assert len(booth.read_chunks()) / SAMPLE_RATE >= before + 1


def test_browser_that_keeps_nothing_still_records(booth: Booth) -> None:
    booth.open()
    booth.page.get_by_test_id("rec-start").wait_for()
    booth.page.evaluate(FILL_DISK)
    booth.page.get_by_test_id("rec-start").click()
    booth.wait_recording()
    expect(booth.banner("storage")).to_contain_text("do not close this page")
    booth.wait_recorded(5)
    booth.stop()
    heard = float(booth.ask("recorder.recordedMs")) / 1000
    assert len(booth.read_chunks()) / SAMPLE_RATE == pytest.approx(heard, abs=0.002)


def test_discarded_recording_is_gone(booth: Booth) -> None:
    booth.start()
    booth.wait_recorded(1)
    booth.page.get_by_test_id("rec-more").click()
    booth.page.get_by_test_id("rec-discard").click()
    booth.page.get_by_test_id("confirm").click()
    booth.page.wait_for_url("**/console/")
    assert booth.studio.read(f"/api/meetings/{booth.meeting_id}")["status"] == "cancelled"
    assert count_stored(booth.page) == [0, 0, 0]


def test_recording_goes_on_while_another_page_is_looked_at(booth: Booth) -> None:
    booth.start()
    booth.page.get_by_role("link", name="Library").click()
    booth.page.locator(".rec-beacon").wait_for()
    booth.wait_recorded(2)
    booth.page.locator(".rec-beacon").click()
    booth.page.get_by_test_id("rec-time").wait_for()
    assert booth.ask("recorder.state") == "recording"
    booth.stop()


def test_killed_service_costs_nothing(hearing: Browser, played: Samples, tmp_path: Path) -> None:
    with own_stores() as env, ServeProcess(data_dir=tmp_path, **env) as first:
        booth = open_booth(hearing, first)
        booth.start()
        booth.wait_recorded(4.5)
        os.killpg(first.process.pid, signal.SIGKILL)
        expect(booth.banner("link")).to_be_visible(timeout=10_000)
        booth.wait_recorded(10)
        assert count_stored(booth.page)[1] > 0
        second = ServeProcess(data_dir=tmp_path, **env)
        second.port = first.port
        with second:
            second.wait_until_ready()
            booth.wait_recorded(12.5)  # dead for 8 s
            expect(booth.banner("link")).to_have_count(0, timeout=20_000)
            booth.stop()
            recorded = booth.read_chunks()
        booth.page.context.close()
    check_unbroken(offset for _, offset in list_offsets(recorded, played))
    assert len(recorded) / SAMPLE_RATE >= 12.5


def open_booth(hearing: Browser, serve: ServeProcess) -> Booth:
    studio = Studio(serve.wait_until_ready())
    return Booth(open_context(hearing, studio).new_page(), studio)
