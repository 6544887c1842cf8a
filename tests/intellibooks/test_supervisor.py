"""The supervisor keeps children alive and leaves none behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from intellibooks.processes import start_process
from intellibooks.supervisor import Child, Supervisor, next_delay
from tests.timing import check_seconds

ROOT = Path(__file__).resolve().parents[2]
SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
# Ignores SIGTERM, and so does the grandchild in a session of its own; prints both pids.
STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
open(sys.argv[1], "a").write(f"{os.getpid()}\\n")
time.sleep(60)
"""
# A supervisor in a process of its own with one stubborn child; argument: the file of pids.
OWN_SUPERVISOR = """
import sys
from functools import partial
from intellibooks.processes import start_process
from intellibooks.supervisor import Child, Supervisor
command = [sys.executable, "-c", sys.argv[2], sys.argv[1]]
Supervisor([Child("stubborn", partial(start_process, command), 2)]).run()
"""


def wait_until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def read_pids(path: Path) -> list[int]:
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def find_process(supervisor: Supervisor) -> subprocess.Popen[bytes] | None:
    return supervisor.children[0].process


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    supervisor = Supervisor([Child("sleeper", partial(start_process, SLEEP))])
    yield supervisor
    supervisor.stop()


def test_delays_double_to_ten_seconds() -> None:
    delays = [0.0]
    for _ in range(8):
        delays.append(next_delay(delays[-1], lived_seconds=1))
    assert delays[1:] == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0]


def test_child_that_lived_long_starts_over_with_the_shortest_delay() -> None:
    assert next_delay(10.0, lived_seconds=30) == 0.2


def test_dead_child_is_started_again_after_its_delay(supervisor: Supervisor) -> None:
    supervisor.run_single_cycle()
    first = find_process(supervisor)
    assert first is not None
    first.kill()
    first.wait()
    supervisor.run_single_cycle()
    assert find_process(supervisor) is None
    time.sleep(0.25)
    supervisor.run_single_cycle()
    second = find_process(supervisor)
    assert second is not None
    assert second.pid != first.pid


def test_child_that_cannot_be_started_does_not_end_the_others(supervisor: Supervisor) -> None:
    broken = Child("broken", partial(start_process, ["/nowhere/at/all"]))
    supervisor.children.insert(0, broken)
    supervisor.run_single_cycle()
    assert broken.process is None
    assert broken.delay_seconds == 0.2
    assert supervisor.children[1].process is not None


def test_child_that_runs_elsewhere_is_taken_over_when_it_ends_there() -> None:
    elsewhere = [None, None]
    child = Child("store", lambda: elsewhere.pop() if elsewhere else start_process(SLEEP))
    supervisor = Supervisor([child])
    try:
        supervisor.run_single_cycle()
        assert find_process(supervisor) is None
        deadline = time.monotonic() + 3
        while child.process is None and time.monotonic() < deadline:
            supervisor.run_single_cycle()
            time.sleep(0.05)
        assert find_process(supervisor) is not None
    finally:
        supervisor.stop()


def test_phases_are_stopped_in_order(tmp_path: Path) -> None:
    script = (
        "import signal, sys, time\n"
        "def leave(*_):\n"
        "    open(sys.argv[1], 'a').write(sys.argv[2]); sys.exit()\n"
        "signal.signal(signal.SIGTERM, leave); open(sys.argv[3], 'w'); time.sleep(60)"
    )
    log = tmp_path / "log"
    children = [
        Child(
            name,
            partial(start_process, [sys.executable, "-c", script, log, name, tmp_path / name]),
            stop_phase=int(name),
        )
        for name in "201"
    ]
    supervisor = Supervisor(children)
    supervisor.run_single_cycle()
    wait_until(lambda: all((tmp_path / name).exists() for name in "012"))
    supervisor.stop()
    assert log.read_text() == "012"


def start_own_supervisor(pids: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, "-c", OWN_SUPERVISOR, str(pids), STUBBORN], cwd=ROOT
    )
    wait_until(lambda: len(read_pids(pids)) == 2)
    return process


def test_stop_kills_the_stubborn_and_their_children(tmp_path: Path) -> None:
    process = start_own_supervisor(tmp_path / "pids")
    started = time.monotonic()
    process.send_signal(signal.SIGHUP)
    assert process.wait(10) == 0
    took = time.monotonic() - started
    assert took > 1.0
    check_seconds(took, 5.0)
    assert not [pid for pid in read_pids(tmp_path / "pids") if is_alive(pid)]


def test_second_signal_does_not_wait(tmp_path: Path) -> None:
    process = start_own_supervisor(tmp_path / "pids")
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
    check_seconds(time.monotonic() - started, 1.0)


def test_child_of_a_dead_child_is_ended(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    process = start_own_supervisor(pids)
    child = psutil.Process(process.pid).children()[0].pid
    grandchild = next(pid for pid in read_pids(pids) if pid != child)
    os.kill(child, signal.SIGKILL)
    wait_until(lambda: not is_alive(grandchild))
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
