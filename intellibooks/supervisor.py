"""Child processes kept alive, and stopped in order without leaving anything behind."""

import contextlib
import logging
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import FrameType

import psutil

from intellibooks.processes import adopt_orphans, kill_processes, list_descendants

logger = logging.getLogger(__name__)

FIRST_DELAY_SECONDS = 0.2
LONGEST_DELAY_SECONDS = 10.0
STEADY_SECONDS = 30.0  # a child that lived this long starts over with the shortest delay
CYCLE_SECONDS = 0.05
ORPHAN_SECONDS = 5.0
ELSEWHERE_SECONDS = 0.5  # between two looks at a child that runs elsewhere
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
# Together under ten seconds: what answers callers first, then what works, then the store.
PHASE_SECONDS = {0: 4.5, 1: 3.0, 2: 1.5}


@dataclass(slots=True)
class Child:
    """One child: how to start it (None: it runs elsewhere already) and when to stop it."""

    name: str
    start: Callable[[], subprocess.Popen[bytes] | None]
    stop_phase: int = 1
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_after: float = 0.0
    delay_seconds: float = 0.0


def next_delay(previous_seconds: float, lived_seconds: float) -> float:
    """How long to wait before the next start of a child that ended after lived_seconds."""
    if previous_seconds == 0 or lived_seconds >= STEADY_SECONDS:
        return FIRST_DELAY_SECONDS
    return min(previous_seconds * 2, LONGEST_DELAY_SECONDS)


def describe_exit(code: int) -> str:
    return f"ended by signal {-code}" if code < 0 else f"ended with exit code {code}"


@contextlib.contextmanager
def handling_signals(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in STOP_SIGNALS}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)


class Supervisor:
    """Runs children until a stop signal. Use it from the main thread."""

    def __init__(self, children: Iterable[Child]) -> None:
        self.children = list(children)
        self.is_stopping = False
        self.is_hurried = False
        self.orphans_after = 0.0
        self.strangers = {process.pid for process in psutil.Process().children()}

    def run(self, each_cycle: Callable[[], None] = lambda: None) -> None:
        """Keep the children alive until SIGTERM, SIGINT or SIGHUP; then stop them all.

        A second signal does not wait for anybody.
        """
        adopt_orphans()
        with handling_signals(self.request_stop):
            try:
                while not self.is_stopping:
                    self.run_single_cycle()
                    each_cycle()
                    time.sleep(CYCLE_SECONDS)
            finally:
                self.stop()

    def request_stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.is_hurried = self.is_stopping
        self.is_stopping = True

    def run_single_cycle(self) -> None:
        """Start what is due, notice what ended, end what lost its parent."""
        for child in self.children:
            self.notice_end(child)
            self.start_if_due(child)
        if time.monotonic() >= self.orphans_after:
            self.end_orphans()

    def notice_end(self, child: Child) -> None:
        code = child.process.poll() if child.process else None
        if code is None:
            return
        now = time.monotonic()
        child.process = None
        child.delay_seconds = next_delay(child.delay_seconds, now - child.started_at)
        child.start_after = now + child.delay_seconds
        self.orphans_after = now
        logger.warning(
            "%s %s; starting it again in %.1f s",
            child.name,
            describe_exit(code),
            child.delay_seconds,
        )

    def start_if_due(self, child: Child) -> None:
        now = time.monotonic()
        if child.process or now < child.start_after:
            return
        child.started_at = now
        child.start_after = now + ELSEWHERE_SECONDS
        try:
            child.process = child.start()
        except (OSError, subprocess.SubprocessError, RuntimeError) as error:
            child.delay_seconds = next_delay(child.delay_seconds, 0)
            child.start_after = now + child.delay_seconds
            logger.error("%s cannot be started: %s", child.name, error)

    def end_orphans(self) -> None:
        """Kill what a dead child left: the kernel made us the parent (see adopt_orphans)."""
        self.orphans_after = time.monotonic() + ORPHAN_SECONDS
        known = {child.process.pid for child in self.children if child.process} | self.strangers
        for orphan in psutil.Process().children():
            if orphan.pid not in known:
                kill_processes([orphan, *list_descendants(orphan.pid)], 0.5)

    def stop(self) -> None:
        """Stop phase by phase, each within its PHASE_SECONDS; nothing lives afterwards."""
        for phase in sorted({child.stop_phase for child in self.children}):
            running = [
                child.process
                for child in self.children
                if child.stop_phase == phase and child.process
            ]
            for process in running:
                with contextlib.suppress(ProcessLookupError):
                    process.terminate()
            self.wait_for_end(running, PHASE_SECONDS.get(phase, 1.0))
        for child in self.children:
            child.process = None
        self.end_orphans()

    def wait_for_end(self, processes: list[subprocess.Popen[bytes]], grace_seconds: float) -> None:
        deadline = time.monotonic() + grace_seconds
        while any(process.poll() is None for process in processes):
            if time.monotonic() >= deadline or self.is_hurried:
                break
            time.sleep(0.02)
        for process in processes:
            if process.poll() is None:
                kill_processes(list_descendants(process.pid), 0.5)
                process.kill()
                process.wait()
