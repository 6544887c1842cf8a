import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from intellibooks.processes import wait_until_gone
from transcription.diarization.resident import ProcessDied, ProcessTooSlow, ResidentProcess

# Counts its questions; does what a question says before it answers.
PROGRAM = """
import json, os, sys, time
for number, line in enumerate(sys.stdin, start=1):
    question = json.loads(line)
    if question.get("say"):
        print(question["say"], file=sys.stderr, flush=True)
    if question.get("leave") is not None:
        sys.exit(question["leave"])
    time.sleep(question.get("sleep", 0))
    print(json.dumps({"id": question["id"], "number": number, "pid": os.getpid()}), flush=True)
"""


@pytest.fixture
def resident(tmp_path: Path) -> Iterator[ResidentProcess]:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    process = ResidentProcess([sys.executable, str(program)], tmp_path, {})
    yield process
    process.stop()


def run_in_fork(work: Callable[[], object]) -> int:
    """Exit status of a fork that does this, or the negative number of the signal that ended it."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001 - told by the exit status
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_process_stays_between_questions(resident: ResidentProcess) -> None:
    answers = [resident.ask({}, 10) for _ in range(3)]
    assert [answer["number"] for answer in answers] == [1, 2, 3]


def test_death_is_told_and_the_next_question_starts_it_again(resident: ResidentProcess) -> None:
    resident.ask({}, 10)
    with pytest.raises(ProcessDied, match="status 3: no more"):
        resident.ask({"leave": 3, "say": "no more"}, 10)
    assert resident.ask({}, 10)["number"] == 1


def test_killed_process_is_said_to_be_killed(resident: ResidentProcess) -> None:
    process = psutil.Process(resident.ask({}, 10)["pid"])
    threading.Timer(0.3, process.kill).start()
    with pytest.raises(ProcessDied, match="killed, most likely because memory ran out"):
        resident.ask({"sleep": 60}, 10)


def test_process_that_died_while_idle_costs_no_question(resident: ResidentProcess) -> None:
    process = psutil.Process(resident.ask({}, 10)["pid"])
    process.kill()
    process.wait(5)
    assert resident.ask({}, 10)["number"] == 1


def test_slow_process_is_killed(resident: ResidentProcess) -> None:
    process = psutil.Process(resident.ask({}, 10)["pid"])
    with pytest.raises(ProcessTooSlow):
        resident.ask({"sleep": 60}, 0.3)
    assert wait_until_gone([process], 5)


def test_forks_ask_the_process_of_their_parent(resident: ResidentProcess) -> None:
    resident.start()
    assert run_in_fork(lambda: resident.ask({}, 10)) == 0
    assert run_in_fork(lambda: resident.ask({}, 10)) == 0
    assert resident.ask({}, 10)["number"] == 3


def test_answer_that_a_killed_fork_left_behind_is_passed_over(resident: ResidentProcess) -> None:
    resident.start()

    def ask_and_die() -> None:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        resident.ask({"sleep": 1}, 10)

    assert run_in_fork(ask_and_die) == -signal.SIGALRM
    assert resident.ask({}, 10)["number"] == 2


def test_fork_starts_its_own_where_the_parents_died(resident: ResidentProcess) -> None:
    process = psutil.Process(resident.ask({}, 10)["pid"])
    process.kill()
    process.wait(5)
    assert run_in_fork(lambda: resident.ask({}, 10)) == 0


def test_process_sees_no_secret_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPGRAM_API_KEY", "secret")
    program = tmp_path / "program.py"
    program.write_text(
        "import json, os, sys\n"
        'print(json.dumps({**json.loads(input()), "names": list(os.environ)}), flush=True)\n'
    )
    process = ResidentProcess([sys.executable, str(program)], tmp_path, {"OURS": "1"})
    names = process.ask({}, 10)["names"]
    process.stop()
    assert "OURS" in names
    assert "DEEPGRAM_API_KEY" not in names


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's word, on Linux only")
def test_process_dies_with_the_one_that_started_it(resident: ResidentProcess) -> None:
    reader, writer = os.pipe()

    def start_and_die() -> None:
        os.write(writer, str(resident.ask({}, 10)["pid"]).encode())
        os.kill(os.getpid(), signal.SIGKILL)

    assert run_in_fork(start_and_die) == -signal.SIGKILL
    pid = int(os.read(reader, 20))
    os.close(reader)
    os.close(writer)
    assert not psutil.pid_exists(pid) or wait_until_gone([psutil.Process(pid)], 5)
