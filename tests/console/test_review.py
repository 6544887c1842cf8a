"""Hearing, reading, finding and correcting a meeting in the browser."""

import re
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.console.conftest import Studio, Watch

SEGMENT = "[data-testid=seg]"
WORD_BOX = """([row, word]) => {
  const text = document.querySelectorAll('[data-testid=seg]')[row].querySelector('p').firstChild;
  const from = text.data.indexOf(word);
  const range = document.createRange();
  range.setStart(text, from);
  range.setEnd(text, from + word.length);
  const box = range.getBoundingClientRect();
  return {x: box.x + box.width / 2, y: box.y + box.height / 2};
}"""
LIT_WORD = """() => {
  const [range] = CSS.highlights.get('word-now') || [];
  return range ? range.startContainer.data.slice(range.startOffset, range.endOffset) : '';
}"""
TIME = "() => document.querySelector('audio').currentTime"
IS_PLAYING = "() => !document.querySelector('audio').paused"


def open_meeting(page: Page, meeting_id: str, query: str = "") -> None:
    page.goto(f"/console/m/{meeting_id}{query}")
    page.wait_for_selector(SEGMENT)
    page.wait_for_function("() => document.querySelector('audio')?.readyState > 0")


def find_word(studio: Studio, meeting_id: str, wanted: str) -> tuple[int, float]:
    """Row and second of the first time that the word was said."""
    answer = studio.read(f"/api/meetings/{meeting_id}/segments", words=True, limit=1000)
    for row, segment in enumerate(answer["segments"]):
        for word in segment["words"]:
            if word["text"] == wanted:
                return row, float(word["start"])
    pytest.fail(f"nobody says {wanted}")


def test_click_on_a_word_plays_from_there(page: Page, studio: Studio, sample: str) -> None:
    row, second = find_word(studio, sample, "supplier")
    open_meeting(page, sample)
    place: Any = page.evaluate(WORD_BOX, [row, "supplier"])
    page.mouse.click(place["x"], place["y"])
    page.wait_for_function(IS_PLAYING)
    assert page.evaluate(TIME) == pytest.approx(second, abs=1.0)


def test_word_that_is_said_is_lit(page: Page, studio: Studio, sample: str) -> None:
    _, second = find_word(studio, sample, "design")
    open_meeting(page, sample, f"?t={second + 0.05}")
    page.wait_for_function(f"() => ({LIT_WORD})() === 'design'")


def test_deep_link_opens_at_its_second(page: Page, sample: str) -> None:
    open_meeting(page, sample, "?t=73.5")
    page.wait_for_function("() => document.querySelector('audio').currentTime === 73.5")
    expect(page.get_by_test_id("clock")).to_have_text("1:13 / 2:19")
    expect(page.locator(f"{SEGMENT}.now")).to_be_in_viewport()


def test_jump_of_a_decision_plays_its_second(page: Page, studio: Studio, sample: str) -> None:
    decision = studio.read(f"/api/meetings/{sample}/metadata")["decisions"][0]
    open_meeting(page, sample)
    section = page.locator("#panel-notes section").filter(
        has=page.get_by_role("heading", name="Decisions")
    )
    section.get_by_test_id("jump").first.click()
    page.wait_for_function(IS_PLAYING)
    assert page.evaluate(TIME) == pytest.approx(decision["evidence"][0]["start"], abs=1.0)


def test_waveform_is_a_slider_for_the_keyboard(page: Page, sample: str) -> None:
    open_meeting(page, sample)
    page.get_by_test_id("waveform").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_test_id("waveform")).to_have_attribute("aria-valuenow", "10")
    assert page.evaluate(TIME) == 10


def test_find_marks_every_hit_and_steps_through(page: Page, sample: str) -> None:
    open_meeting(page, sample)
    page.get_by_test_id("find").fill("website")
    expect(page.get_by_test_id("find-count")).to_have_text(re.compile(r"1 of [5-9]"))
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("find-count")).to_have_text(re.compile(r"2 of [5-9]"))
    hits = page.evaluate("() => CSS.highlights.get('find-all').size")
    said = page.evaluate("() => document.querySelector('.segs').textContent")
    assert hits == len(re.findall("website", said, re.IGNORECASE))


def test_speed_is_kept(page: Page, sample: str) -> None:
    open_meeting(page, sample)
    page.keyboard.press(".")
    page.reload()
    page.wait_for_function("() => document.querySelector('audio')?.playbackRate === 1.25")


def test_correction_is_saved_seen_by_others_and_undone(
    page: Page, context: BrowserContext, watch: Watch, studio: Studio, sample: str
) -> None:
    other = context.new_page()
    watch.follow(other)
    open_meeting(other, sample)
    open_meeting(page, sample)
    row = page.locator(SEGMENT).nth(3)
    before = row.locator("p").text_content() or ""  # also of what is scrolled out of sight
    row.focus()
    page.keyboard.press("Enter")
    page.get_by_test_id("edit-field").fill("A person wrote this.")
    page.keyboard.press("Control+Enter")
    expect(row.locator("p")).to_have_text("A person wrote this.")
    expect(other.locator(SEGMENT).nth(3).locator("p")).to_have_text("A person wrote this.")
    stored = studio.read(f"/api/meetings/{sample}/segments", limit=1000)["segments"][3]
    assert (stored["text"], stored["edited"]) == ("A person wrote this.", True)
    page.get_by_test_id("toast-action").click()
    expect(page.locator(SEGMENT).nth(3).locator("p")).to_have_text(before)
    page.keyboard.press("Control+Shift+Z")
    expect(page.locator(SEGMENT).nth(3).locator("p")).to_have_text("A person wrote this.")
    page.keyboard.press("Control+z")
    expect(page.locator(SEGMENT).nth(3).locator("p")).to_have_text(before)


def test_word_is_replaced_everywhere_and_given_back(
    page: Page, studio: Studio, sample: str
) -> None:
    rehearsal = {"find": "supplier", "replace": "vendor", "whole_word": True, "dry_run": True}
    count = studio.recorder.post(f"/api/meetings/{sample}/replace", json=rehearsal)["matches"]
    open_meeting(page, sample)
    page.get_by_test_id("more").click()
    page.get_by_test_id("replace").click()
    page.get_by_test_id("replace-find").fill("supplier")
    page.get_by_test_id("replace-by").fill("vendor")
    expect(page.get_by_test_id("replace-count")).to_contain_text(f"{count} places in")
    expect(page.get_by_role("dialog").locator("ins").first).to_contain_text("vendor")
    page.get_by_test_id("confirm").click()
    expect(page.get_by_test_id("toast")).to_contain_text(f"{count} places changed.")
    expect(page.locator(".segs")).to_contain_text("vendor")
    page.get_by_test_id("toast-action").click()
    expect(page.locator(".segs")).not_to_contain_text("vendor")


def test_second_writer_is_shown_both_texts(
    page: Page, studio: Studio, watch: Watch, sample: str
) -> None:
    watch.expected.append("409")
    open_meeting(page, sample)
    key = page.locator(SEGMENT).nth(5).get_attribute("data-key")
    page.route_web_socket(re.compile("/ws/"), lambda socket: socket.close())
    page.reload()
    page.wait_for_selector(SEGMENT)
    page.locator(SEGMENT).nth(5).focus()
    page.keyboard.press("Enter")
    page.get_by_test_id("edit-field").fill("Mine.")
    segments = studio.read(f"/api/meetings/{sample}/segments", limit=1000)["segments"]
    rev = next(segment["rev"] for segment in segments if segment["id"] == key)
    change = {"text": "Theirs.", "rev": rev}
    assert studio.http.patch(f"/api/meetings/{sample}/segments/{key}", json=change).is_success
    page.get_by_test_id("edit-save").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Theirs.")
    dialog.get_by_role("button", name="Use mine").click()
    expect(page.locator(SEGMENT).nth(5).locator("p")).to_have_text("Mine.")
    for _ in ("Mine.", "Theirs."):
        assert studio.http.post(f"/api/meetings/{sample}/undo").is_success


def test_speaker_is_named_and_given_by_a_key(page: Page, sample: str) -> None:
    open_meeting(page, sample)
    row = page.locator(SEGMENT).nth(1)
    row.hover()
    row.get_by_role("button", name="Change the speaker").click()
    page.get_by_role("menuitem", name="Somebody else").click()
    page.keyboard.type("Robert")
    page.keyboard.press("Enter")
    expect(row.locator(".seg-who")).to_have_text("Robert")
    expect(page.get_by_test_id("toast")).to_contain_text("Robert speaks here now.")
    other = page.locator(SEGMENT).nth(2)
    other.focus()
    page.keyboard.press("1")
    expect(other.locator(".seg-who")).to_have_text("Robert")
    page.get_by_test_id("tab-people").click()
    expect(page.locator("#panel-people table")).to_contain_text("Robert")


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("md", "# "),
        ("txt", "Weekly"),
        ("vtt", "WEBVTT"),
        ("srt", "1\n"),
        ("json", "{"),
        ("csv", ""),
    ],
)
def test_export_saves_a_file(page: Page, sample: str, name: str, start: str) -> None:
    open_meeting(page, sample)
    page.keyboard.press("e")
    with page.expect_download() as saved:
        page.get_by_test_id(f"export-{name}").click()
    text = saved.value.path().read_text(encoding="utf-8-sig")
    assert text.startswith(start)
    assert "website" in text.lower()


def test_copy_as_markdown(page: Page, sample: str) -> None:
    open_meeting(page, sample)
    page.keyboard.press("c")
    expect(page.get_by_test_id("toast")).to_have_text("Copied as Markdown.")
    assert page.evaluate("() => navigator.clipboard.readText()").startswith("# ")


def test_note_points_at_its_moment(page: Page, sample: str) -> None:
    open_meeting(page, sample, "?t=30")
    page.keyboard.press("Shift+M")
    page.keyboard.type("Ask Susan about this.")
    page.keyboard.press("Enter")
    message = page.get_by_test_id("chat-message").last
    expect(message).to_contain_text("Ask Susan about this.")
    expect(message.get_by_role("button")).to_have_text("0:30")
    page.reload()
    page.get_by_test_id("tab-chat").click()
    expect(page.get_by_test_id("chat-message").last).to_contain_text("Ask Susan about this.")


def test_own_highlights_are_kept_and_filter_the_transcript(page: Page, sample: str) -> None:
    open_meeting(page, sample, "?t=30")
    page.locator(SEGMENT).nth(1).focus()
    page.keyboard.press("h")
    expect(page.get_by_test_id("toast").last).to_contain_text("is highlighted")
    page.keyboard.press("m")
    expect(page.get_by_test_id("toast").last).to_contain_text("Marker set at 0:30")
    page.reload()
    page.get_by_test_id("only-mine").check()
    expect(page.locator(f"{SEGMENT}:visible")).to_have_count(2)
    expect(page.locator(f"{SEGMENT}:visible").first).to_contain_text("★ Highlighted")
    expect(page.locator(f"{SEGMENT}:visible").last).to_contain_text("⚑ 0:30")
    page.locator(SEGMENT).nth(1).focus()
    page.keyboard.press("h")
    expect(page.locator(f"{SEGMENT}:visible")).to_have_count(1)
    page.get_by_test_id("toast-action").last.click()
    expect(page.locator(f"{SEGMENT}:visible")).to_have_count(2)


def test_unknown_meeting_says_so(page: Page, watch: Watch) -> None:
    watch.expected.append("404")
    page.goto("/console/m/never-there")
    expect(page.get_by_text("This meeting does not exist")).to_be_visible()


def test_mood_is_worked_out_again(page: Page, studio: Studio, sample: str) -> None:
    before = studio.read(f"/api/meetings/{sample}/revisions")["total"]
    open_meeting(page, sample)
    page.get_by_test_id("more").click()
    page.get_by_test_id("reprocess").click()
    page.get_by_test_id("confirm").click()
    expect(page.get_by_role("dialog")).to_contain_text("Choose what to do again.")
    page.get_by_label("Mood").check()
    page.get_by_test_id("confirm").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    studio.recorder.wait_completed(sample, 30)
    expect(page.get_by_test_id("state-processing")).to_have_count(0)
    assert studio.read(f"/api/meetings/{sample}/revisions")["total"] == before + 1
