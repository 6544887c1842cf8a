"""A meeting that is being recorded, watched by a second person."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.console.conftest import Studio
from transcription.audio import SAMPLE_RATE, Audio, decode, encode_wav

SAMPLE = Path(__file__).resolve().parents[2] / "meetings" / "sample" / "meeting.opus"
SECONDS = 8


def cut_chunks(count: int) -> list[bytes]:
    audio = decode(SAMPLE.read_bytes(), 300.0)
    size = SECONDS * SAMPLE_RATE
    return [encode_wav(Audio(audio.samples[at * size : (at + 1) * size])) for at in range(count)]


def test_viewer_sees_drafts_then_the_end_without_a_reload(page: Page, studio: Studio) -> None:
    meeting = studio.recorder.start(title="Watched")
    page.goto(f"/console/m/{meeting}")
    expect(page.get_by_text("Listening")).to_be_visible()
    for index, chunk in enumerate(cut_chunks(2)):
        studio.recorder.send(meeting, index, chunk)
    transcript = page.locator(".segs")
    expect(transcript).to_contain_text("weekly team meeting", timeout=30_000)
    expect(page.get_by_test_id("state-recording")).to_be_visible()
    studio.recorder.stop(meeting)
    expect(page.locator(".progress")).to_be_visible(timeout=10_000)
    studio.recorder.wait_completed(meeting, 60)
    expect(page.get_by_test_id("play")).to_be_enabled(timeout=10_000)
    expect(page.locator("#panel-notes")).to_contain_text("Summary")
    expect(transcript).to_contain_text("new website")
    studio.http.delete(f"/api/meetings/{meeting}")


def test_connection_that_is_lost_is_told_and_comes_back(page: Page, studio: Studio) -> None:
    meeting = studio.recorder.start(title="Cut off")
    is_cut = True

    def cut(socket: object) -> None:
        if is_cut:
            socket.close()  # type: ignore[attr-defined] # a WebSocketRoute
        else:
            socket.connect_to_server()  # type: ignore[attr-defined]

    page.route_web_socket("**/ws/**", cut)
    page.goto(f"/console/m/{meeting}")
    expect(page.get_by_test_id("banner")).to_contain_text("Not connected", timeout=10_000)
    is_cut = False
    expect(page.get_by_test_id("banner")).to_have_count(0, timeout=20_000)
    studio.recorder.send(meeting, 0, cut_chunks(1)[0])
    expect(page.locator(".segs")).to_contain_text("morning", timeout=30_000)
    studio.http.delete(f"/api/meetings/{meeting}", params={"force": True})
