"""What stands in the way of a recording is said, with what to do about it."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, Route, expect

from tests.console.conftest import Studio, Watch
from tests.console.recording.conftest import ALLOWED, FAKE_DEVICE, Booth, Launch, open_context


@contextmanager
def visit(browser: Browser, studio: Studio, watch: Watch) -> Iterator[Page]:
    context = open_context(browser, studio)
    page = context.new_page()
    watch.follow(page)
    yield page
    context.close()


def expect_problem(page: Page, code: str, text: str) -> None:
    problem = page.locator(f".rec-problem[data-code={code}]")
    expect(problem).to_contain_text(text)
    expect(page.get_by_test_id("rec-start")).to_have_text("Try again")


def test_denied_microphone(launch: Launch, studio: Studio, watch: Watch) -> None:
    with visit(launch(FAKE_DEVICE, f"{ALLOWED}=deny"), studio, watch) as page:
        Booth(page, studio).open()
        page.get_by_test_id("rec-start").click()
        expect_problem(page, "denied", "Allow it with the icon in the address bar")
        assert studio.read("/api/meetings", status="recording")["total"] == 0


def test_no_microphone(launch: Launch, studio: Studio, watch: Watch) -> None:
    with visit(launch(ALLOWED), studio, watch) as page:
        Booth(page, studio).open()
        page.get_by_test_id("rec-start").click()
        expect_problem(page, "no_microphone", "No microphone was found")
        expect(page.get_by_role("link", name="Import a recording")).to_be_visible()


def test_insecure_page(browser: Browser, studio: Studio, watch: Watch) -> None:
    """The service under a name that is not this machine's, over plain HTTP."""
    watch.host = f"studio.test:{studio.serve.port}"
    watch.expected.append("Cross-Origin-Opener-Policy")

    def answer_for(route: Route) -> None:
        answer = studio.http.get(route.request.url.replace(f"http://{watch.host}", ""))
        route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.content)

    with visit(browser, studio, watch) as page:
        page.route(f"http://{watch.host}/**", answer_for)
        page.goto(f"http://{watch.host}/console/record")
        state = page.locator("[data-testid=rec-impossible][data-code=insecure]")
        expect(state).to_contain_text("over HTTPS")
        link = page.get_by_role("link", name="On this computer")
        address = f"http://localhost:{studio.serve.port}/console/record"
        expect(link).to_have_attribute("href", address)


def test_silent_microphone(launch: Launch, studio: Studio, watch: Watch) -> None:
    silence = "--use-file-for-fake-audio-capture=/nowhere.wav"
    with visit(launch(FAKE_DEVICE, ALLOWED, silence), studio, watch) as page:
        booth = Booth(page, studio).start()
        expect(booth.banner("silence")).to_contain_text("We hear nothing", timeout=15_000)
        assert float(booth.ask("recorder.recordedMs")) >= 4500
        booth.stop()


def test_second_tab_is_told_where_the_recording_runs(booth: Booth, watch: Watch) -> None:
    booth.start()
    other = booth.page.context.new_page()
    watch.follow(other)
    Booth(other, booth.studio).open()
    expect(other.locator("[data-code=busy]")).to_contain_text("another tab")
    booth.wait_recorded(1)
    booth.stop()
    other.get_by_role("button", name="Try again").click()
    expect(other.get_by_test_id("rec-start")).to_be_visible()


def test_lost_login_is_said_and_costs_nothing(booth: Booth, watch: Watch) -> None:
    watch.expected.append("401")
    booth.page.route("**/chunk", lambda route: route.fulfill(status=401, json={"detail": "no"}))
    booth.start()
    expect(booth.banner("login")).to_contain_text("logged out", timeout=15_000)
    booth.page.unroute("**/chunk")
    booth.stop()
    assert len(booth.list_chunks()) >= 1


def test_meeting_that_takes_no_more_audio_is_saved_as_a_file(booth: Booth, watch: Watch) -> None:
    watch.expected.append("400")
    booth.start()
    booth.wait_recorded(1)
    assert booth.studio.http.post(f"/api/meetings/{booth.meeting_id}/cancel").is_success
    expect(booth.banner("refused")).to_be_visible(timeout=15_000)
    with booth.page.expect_download() as saved:
        booth.page.get_by_role("button", name="Save as a file").click()
    assert saved.value.path().read_bytes().startswith(b"RIFF")
    assert saved.value.path().stat().st_size > 100_000
    booth.page.get_by_test_id("rec-more").click()
    booth.page.get_by_test_id("rec-discard").click()
    booth.page.get_by_test_id("confirm").click()
    booth.page.wait_for_url("**/console/")


def test_recording_by_keys_alone(booth: Booth) -> None:
    booth.open()
    booth.page.get_by_test_id("rec-start").wait_for()
    booth.page.keyboard.press("r")
    booth.wait_recording()
    booth.wait_recorded(1)
    booth.page.keyboard.press("s")
    expect(booth.page.get_by_role("dialog")).to_contain_text("Stop already?")
    booth.page.keyboard.press("Tab")
    booth.page.keyboard.press("Tab")
    booth.page.keyboard.press("Tab")
    booth.page.keyboard.press("Enter")
    booth.wait_stopped()
