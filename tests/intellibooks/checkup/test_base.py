import threading
import time

import pytest

from intellibooks.checkup.base import Check, Finding, Level, State, fails, is_off, run_checks, works
from tests.timing import check_seconds


def test_check_that_hangs_is_given_up() -> None:
    never = threading.Event()

    def hang() -> Finding:
        never.wait(30)
        return works("late")

    started = time.monotonic()
    slow, quick = run_checks(
        [Check("slow", hang, is_required=True, seconds=0.2), Check("quick", lambda: works("here"))],
        Level.CHEAP,
    )
    never.set()
    check_seconds(time.monotonic() - started, 5)
    assert (slow.finding.state, slow.finding.error) == (State.FAILED, "no answer within 0.2 s")
    assert quick.finding == works("here")


def test_checks_run_side_by_side() -> None:
    meeting = threading.Barrier(3, timeout=10)

    def meet() -> Finding:
        return works(str(meeting.wait() >= 0))

    reports = run_checks([Check(name, meet, seconds=10) for name in "abc"], Level.CHEAP)
    assert [report.finding.state for report in reports] == [State.OK] * 3


def test_check_that_breaks_is_a_finding(caplog: pytest.LogCaptureFixture) -> None:
    def break_down() -> Finding:
        raise ZeroDivisionError

    (report,) = run_checks([Check("odd", break_down)], Level.CHEAP)
    assert report.finding.error == "the check itself broke: ZeroDivisionError"
    assert "Traceback" in caplog.text


def test_deeper_look_takes_the_place_of_the_shallow_one() -> None:
    checks = [
        Check("speech", lambda: works("there")),
        Check("disk", lambda: works("empty")),
        Check("speech", lambda: works("understood"), Level.THOROUGH),
    ]
    shallow, deep = (run_checks(checks, level) for level in (Level.CHEAP, Level.THOROUGH))
    assert [report.finding.found for report in shallow] == ["there", "empty"]
    assert [report.finding.found for report in deep] == ["understood", "empty"]


def test_only_a_required_part_is_a_problem() -> None:
    checks = [
        Check("a", lambda: fails("broken"), is_required=True),
        Check("b", lambda: fails("broken")),
        Check("c", lambda: is_off("sleeps"), is_required=True),
    ]
    reports = run_checks(checks, Level.CHEAP)
    assert [report.is_problem for report in reports] == [True, False, False]
    assert [report.is_ready for report in reports] == [False, False, False]
