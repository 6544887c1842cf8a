"""The console in a real browser: how much it loads, how soon it is seen, whether it stutters."""

import contextlib
import shutil
import time
from collections.abc import Iterator
from typing import Any

import httpx
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from bench.console_weight import (
    list_at_first,
    list_in_all,
    list_screens,
    list_scripts,
    list_sheets,
    weigh,
    weigh_sent,
)
from bench.figures import median
from bench.options import Options
from bench.parts.growth import run_python
from bench.report import Row, Table, judge
from bench.service import BenchError, Server, running_service

MOST_BYTES, FIRST_PAINT_MS, LONGEST_TASK_MS = 150_000, 300, 50
VISITS, SCROLL_SECONDS = 3, 6
FLAGS = ("--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required")
ADDRESSES = {
    "library": "/console/",
    "record": "/console/record",
    "review": "/console/m/{long}",
    "search": "/console/search",
    "status": "/console/status",
    "login": "/console/login",
}
FIRST_PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
READY = "() => document.querySelector('audio')?.readyState > 0"
WATCH_TASKS = """() => {
  window.longTasks = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.longTasks.push(entry.duration);
  }).observe({type: 'longtask'});
}"""


def measure(_: Options) -> list[Table]:
    with running_service() as server, open_browser() as browser:
        long_one = store_long_meeting(server)
        screens = [look(browser, server, name, long_one) for name in list_screens()]
        tasks, cpu_ms = play_and_scroll(browser, server, long_one)
    everything = weigh_sent(list_scripts())
    notes = (
        "At first: loaded before anything is clicked. In all: with what a menu, a dialog, the "
        "running recording and the audio thread fetch later. Sent: all of it as gzip.",
        f"First paint: median of {VISITS} visits on loopback with an empty cache; the review is of "
        "27 000 words.",
        f"Besides {weigh(list_sheets()):,} bytes of style, {weigh_sent(list_sheets()):,} sent.",
    )
    goals = (
        judge("the heaviest screen, bytes of script", most(screens, "in all"), at_most=MOST_BYTES),
        judge("all script over the wire, bytes", everything, at_most=MOST_BYTES),
        judge("first paint, ms", most(screens, "first paint ms"), at_most=FIRST_PAINT_MS),
        judge("longest task, 27 000 words, ms", max(tasks, default=0), at_most=LONGEST_TASK_MS),
    )
    played: Row = {
        "seconds": SCROLL_SECONDS,
        "CPU ms a second": cpu_ms / SCROLL_SECONDS,
        "tasks over 50 ms": len(tasks),
    }
    return [
        Table(f"The console's {weigh(list_scripts()):,} bytes of script", tuple(screens), notes),
        Table("Playing and scrolling three hours", (played,)),
        Table("Goals", goals),
    ]


def most(rows: list[Row], column: str) -> float:
    return max(float(str(row[column])) for row in rows)


@contextlib.contextmanager
def open_browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        raise BenchError("there is no Chromium; run: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def store_long_meeting(server: Server) -> str:
    """Three hours of 27 000 words with a recording; its id."""
    before = list_ids(server)
    run_python(server, "manage.py", "shell", "-c", WRITE_LONG)
    (fresh,) = list_ids(server) - before
    return fresh


WRITE_LONG = "from tests.console.staged_meetings import write; write('long')"


def list_ids(server: Server) -> set[str]:
    found: dict[str, Any] = httpx.get(f"{server.url}/api/meetings", trust_env=False).json()
    return {str(row["session_id"]) for row in found["results"]}


def look(browser: Browser, server: Server, name: str, long_one: str) -> Row:
    """One screen, visited with an empty cache each time."""
    paints, sent = [], set()
    for _ in range(VISITS):
        page = browser.new_page(base_url=server.url)
        page.on("requestfinished", lambda request: sent.add(request.url))
        page.goto(ADDRESSES[name].format(long=long_one), wait_until="networkidle")
        paints.append(float(page.evaluate(FIRST_PAINT)))
        page.close()
    return {
        "screen": name,
        "modules": len(list_at_first(name)),
        "at first": weigh(list_at_first(name)),
        "in all": weigh(list_in_all(name)),
        "sent": weigh_sent(list_in_all(name)),
        "requests": len(sent),
        "first paint ms": median(paints),
    }


def play_and_scroll(browser: Browser, server: Server, long_one: str) -> tuple[list[float], float]:
    """The long tasks of the page meanwhile, and the CPU time of its main thread, in ms."""
    page = browser.new_page(base_url=server.url)
    page.goto(f"/console/m/{long_one}?t=5000")
    page.wait_for_function(READY)
    page.wait_for_timeout(500)
    page.evaluate(WATCH_TASKS)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = read_cpu_ms(session)
    page.keyboard.press("k")
    page.wait_for_function("() => CSS.highlights.has('word-now')")
    scroll(page)
    page.keyboard.press("End")
    page.wait_for_timeout(500)
    tasks: list[float] = page.evaluate("() => window.longTasks")
    spent = read_cpu_ms(session) - before
    page.close()
    return tasks, spent


def read_cpu_ms(session: CDPSession) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(1000 * float(one["value"]) for one in metrics if one["name"] == "TaskDuration")


def scroll(page: Page) -> None:
    page.mouse.move(300, 600)
    ends_at = time.monotonic() + SCROLL_SECONDS
    while time.monotonic() < ends_at:
        page.mouse.wheel(0, 900)
        page.wait_for_timeout(100)
