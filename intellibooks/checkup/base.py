"""A check looks at one part and says what it found; all of them run at once, none for long."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any

from django.db import connections

logger = logging.getLogger(__name__)

LIMIT_SECONDS = 2.0


class State(StrEnum):
    """A warning works, and not as it was meant to; what is off is optional and not set up."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    OFF = "off"


class Level(IntEnum):
    """How far a look goes; each includes the ones before it."""

    ESSENTIAL = 0  # without it the service cannot take in a meeting: decides about readiness
    CHEAP = 1  # may be asked every few seconds, inside the web process
    THOROUGH = 2  # takes a second of work, or looks from outside
    ONLINE = 3  # asks services on the internet, with their keys


@dataclass(frozen=True, slots=True)
class Finding:
    """``found`` is what is there, ``error`` what is wrong with it, ``fix`` one line for a shell."""

    state: State
    found: str = ""
    error: str = ""
    fix: str = ""


def works(found: str) -> Finding:
    return Finding(State.OK, found)


def warns(error: str, fix: str = "", found: str = "") -> Finding:
    return Finding(State.WARNING, found, error, fix)


def fails(error: str, fix: str = "", found: str = "") -> Finding:
    return Finding(State.FAILED, found, error, fix)


def is_off(found: str, fix: str = "") -> Finding:
    return Finding(State.OFF, found, "", fix)


@dataclass(frozen=True, slots=True)
class Check:
    """``look`` answers within ``seconds`` or is given up; ``is_required`` parts must not fail."""

    name: str
    look: Callable[[], Finding]
    level: Level = Level.CHEAP
    is_required: bool = False
    seconds: float = LIMIT_SECONDS


@dataclass(frozen=True, slots=True)
class Report:
    """What one check found, and how long that took."""

    check: Check
    finding: Finding
    seconds: float

    @property
    def is_ready(self) -> bool:
        return self.finding.state in {State.OK, State.WARNING}

    @property
    def is_problem(self) -> bool:
        return self.check.is_required and self.finding.state == State.FAILED

    @property
    def is_asleep(self) -> bool:
        """A part that the start of the service brings."""
        return self.check.is_required and self.finding.state == State.OFF

    def describe(self) -> dict[str, Any]:
        """As it leaves the process, in JSON."""
        return {
            "name": self.check.name,
            "state": str(self.finding.state),
            "required": self.check.is_required,
            "found": self.finding.found,
            "error": self.finding.error,
            "fix": self.finding.fix,
            "seconds": round(self.seconds, 3),
        }


@dataclass(slots=True)
class Run:
    """One check on its own thread, which ends with the process if it never does by itself."""

    check: Check
    started_at: float = field(default_factory=time.monotonic)
    finding: Finding | None = None
    seconds: float = 0.0
    thread: threading.Thread | None = None

    def start(self) -> "Run":
        self.thread = threading.Thread(target=self.work, name=self.check.name, daemon=True)
        self.thread.start()
        return self

    def work(self) -> None:
        try:
            found = self.check.look()
        except Exception as error:  # the rim: a check that breaks is a finding, not a crash
            logger.exception("the check of %s broke", self.check.name)
            found = self.complain(f"the check itself broke: {type(error).__name__}")
        finally:
            connections.close_all()  # this thread's own
        self.seconds = time.monotonic() - self.started_at
        self.finding = found

    def complain(self, error: str) -> Finding:
        return fails(error) if self.check.is_required else warns(error)

    def wait(self) -> Report:
        if self.thread is not None:
            self.thread.join(max(0.0, self.started_at + self.check.seconds - time.monotonic()))
        if self.finding is not None:
            return Report(self.check, self.finding, self.seconds)
        late = self.complain(f"no answer within {self.check.seconds:g} s")
        return Report(self.check, late, self.check.seconds)


def run_checks(checks: Iterable[Check], level: Level) -> list[Report]:
    """What the checks up to that level find; of those of one name the last, which looks deepest.

    Those of a thorough look come one after the other when the others are done: a speech engine
    at work would make the clocks of all others lie.
    """
    wanted = {check.name: check for check in checks if check.level <= level}
    heavy = [check for check in wanted.values() if check.level == Level.THOROUGH]
    runs = [Run(check).start() for check in wanted.values() if check not in heavy]
    reports = [run.wait() for run in runs] + [Run(check).start().wait() for check in heavy]
    found = {report.check.name: report for report in reports}
    return [found[name] for name in wanted]
