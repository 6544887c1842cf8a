import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.timing import check_seconds
from transcription.contained import Outcome, run_contained
from transcription.leash import CANNOT_START

ROOT = Path(__file__).parents[2]


def run_python(code: str, *, timeout: float = 20, cap: int = 10_000, **limits: int) -> Outcome:
    program = [sys.executable, "-I", "-c", code]
    return run_contained(program, timeout=timeout, output_cap=cap, limits=limits)


def is_running(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def wait_until_gone(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_running(pid)


def test_output_and_status_come_back() -> None:
    outcome = run_python("import sys; print('out'); sys.stderr.write('why'); sys.exit(3)")
    assert outcome == Outcome(3, b"out\n", "why", timed_out=False, overflowed=False)


def test_input_arrives_whole() -> None:
    echo = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())"
    data = os.urandom(300_000)
    program = [sys.executable, "-I", "-c", echo]
    outcome = run_contained(program, timeout=20, output_cap=len(data), limits={}, stdin=data)
    assert outcome.output == data


def test_program_that_reads_nothing_is_no_error_of_ours() -> None:
    program = [sys.executable, "-I", "-c", "pass"]
    outcome = run_contained(program, timeout=20, output_cap=10, limits={}, stdin=bytes(1_000_000))
    assert outcome.returncode == 0


def test_hanging_program_is_killed_with_its_children() -> None:
    fork = "import os, time; child = os.fork(); print(child or 0, flush=True); time.sleep(60)"
    started = time.monotonic()
    outcome = run_python(fork, timeout=1)
    assert outcome.timed_out
    check_seconds(time.monotonic() - started, 5)
    assert all(wait_until_gone(int(pid)) for pid in outcome.output.split() if pid != b"0")


def test_flood_of_output_is_stopped() -> None:
    outcome = run_python("while True: print('x' * 1000)", cap=5000)
    assert outcome.overflowed
    assert len(outcome.output) == 5000


def test_our_secrets_are_not_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "very secret")
    assert b"very secret" not in run_python("import os; print(dict(os.environ))").output


def test_memory_is_limited() -> None:
    outcome = run_python("bytes(2_000_000_000)", RLIMIT_AS=500_000_000)
    assert "MemoryError" in outcome.complaint


def test_processor_time_is_limited() -> None:
    outcome = run_python("while True: pass", RLIMIT_CPU=1)
    assert outcome.returncode in (-signal.SIGKILL, -signal.SIGXCPU)
    assert not outcome.timed_out


def test_program_that_cannot_start_says_so(tmp_path: Path) -> None:
    script = tmp_path / "no-program"
    script.write_text("text")
    outcome = run_contained([str(script)], timeout=20, output_cap=10, limits={})
    assert outcome.returncode == CANNOT_START
    assert outcome.complaint.startswith(f"cannot start {script}")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux kills orphans")
def test_child_dies_with_its_parent() -> None:
    code = (
        "import sys\n"
        "from transcription.contained import run_contained\n"
        "program = [sys.executable, '-c', 'import time; time.sleep(60)']\n"
        "run_contained(program, timeout=60, output_cap=10, limits={})\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)  # noqa: S603 - our own code
    deadline = time.monotonic() + 5
    while not (children := psutil.Process(parent.pid).children()) and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.3)  # until it has become the program
    parent.kill()
    parent.wait()
    assert [wait_until_gone(child.pid) for child in children] == [True]
