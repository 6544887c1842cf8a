"""One command starts everything; ending it, in whatever way, leaves nothing."""

import os
import pty
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from intellibooks.management.commands.serve import (
    EXIT_ALREADY_SERVING,
    EXIT_PORT_IN_USE,
    EXIT_UNAVAILABLE,
)
from intellibooks.port_check import is_free
from tests.intellibooks.serve_process import (
    ROOT,
    ServeProcess,
    build_env,
    find_free_port,
    is_alive,
    run_manage,
    wait_until,
)
from tests.timing import check_seconds

CHILDREN = {
    "web": ("uvicorn",),
    "live": ("manage.py", "work", "live"),
    "pipeline": ("manage.py", "work", "pipeline"),
    "watchdog": ("manage.py", "sweep"),
    "redis": ("redis.sock",),
}


@pytest.fixture(scope="module")
def served() -> Iterator[ServeProcess]:
    with ServeProcess() as serve:
        yield serve.wait_until_ready()


def answers(serve: ServeProcess) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{serve.port}/api/health") as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_ready_line_says_where_to_go(served: ServeProcess) -> None:
    address = f"http://127.0.0.1:{served.port}/"
    for words in (f"{address}\n", f"{address}admin/", f"{address}api/docs", "admin_password"):
        assert words in served.output
    assert answers(served)


def test_admin_password_is_kept_for_its_owner(served: ServeProcess) -> None:
    path = served.data_dir / "admin_password"
    assert path.stat().st_mode & 0o777 == 0o600
    assert f"password {path.read_text().strip()}\n" in served.output


def test_all_children_run(served: ServeProcess) -> None:
    assert [name for name, words in CHILDREN.items() if not served.find(*words)] == []


@pytest.mark.parametrize("name", list(CHILDREN))
def test_killed_child_is_started_again(served: ServeProcess, name: str) -> None:
    first = served.find(*CHILDREN[name])
    assert first is not None
    first.kill()
    wait_until(lambda: (second := served.find(*CHILDREN[name])) and second.pid != first.pid)
    wait_until(lambda: answers(served))
    assert served.process.poll() is None


def test_second_serve_on_the_same_data_is_refused(served: ServeProcess) -> None:
    port = find_free_port()
    done = run_manage("serve", "--port", str(port), data_dir=served.data_dir)
    assert done.returncode == EXIT_ALREADY_SERVING
    assert f"Process {served.process.pid} serves {served.data_dir} already" in done.stderr


def test_port_in_use_names_the_holder(served: ServeProcess, tmp_path: Path) -> None:
    done = run_manage("serve", "--port", str(served.port), data_dir=tmp_path)
    web = served.find("uvicorn")
    assert web is not None
    assert done.returncode == EXIT_PORT_IN_USE
    assert f"Port {served.port} is in use by process {web.pid} (" in done.stderr
    assert "--kill" in done.stderr


def test_person_at_a_terminal_may_give_up(served: ServeProcess, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "manage.py", "serve", "--port", str(served.port)],
        cwd=ROOT,
        env=build_env(tmp_path),
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    os.write(ours, b"\n")
    output, _ = process.communicate(timeout=20)
    assert "Stop it (s), use another port" in output
    assert process.returncode == EXIT_PORT_IN_USE
    assert served.process.poll() is None


def test_kill_takes_the_port_over() -> None:
    with ServeProcess() as first:
        first.wait_until_ready()
        with ServeProcess("--kill", "--port", str(first.port), data_dir=first.data_dir) as second:
            second.wait_until_ready()
            assert first.process.wait(5) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stop_signal_leaves_nothing(number: int) -> None:
    with ServeProcess() as serve:
        family = serve.wait_until_ready().list_family()
        started = time.monotonic()
        # As a terminal does it: the whole foreground group hears Ctrl-C.
        os.killpg(serve.process.pid, number)
        assert serve.process.wait(15) == 0
        check_seconds(time.monotonic() - started, 10)
        assert not [process for process in family if is_alive(process)]
        # As attributes: a process of somebody else that is a zombie by now has none.
        everybody = psutil.process_iter(["cmdline"])
        assert not [p for p in everybody if str(serve.data_dir) in str(p.info["cmdline"])]
        assert is_free("127.0.0.1", serve.port)
        serve.reader.join(5)
        assert "Traceback" not in serve.output


def test_killed_serve_leaves_nothing() -> None:
    with ServeProcess() as serve:
        family = serve.wait_until_ready().list_family()
        serve.process.kill()
        wait_until(lambda: not [process for process in family if is_alive(process)], 5)
        assert is_free("127.0.0.1", serve.port)


def test_data_outlive_the_stop(tmp_path: Path) -> None:
    with ServeProcess(data_dir=tmp_path) as first:
        first.wait_until_ready()
    with ServeProcess(data_dir=tmp_path) as second:
        second.wait_until_ready()
    assert "password" in first.output
    assert "Administrator made" not in second.output


def test_configured_redis_that_does_not_answer_is_named(tmp_path: Path) -> None:
    url = f"redis://user:hunter2@127.0.0.1:{find_free_port()}/0"
    port = str(find_free_port())
    done = run_manage("serve", "--port", port, data_dir=tmp_path, REDIS_URL=url)
    assert done.returncode == EXIT_UNAVAILABLE
    assert "REDIS_URL" in done.stderr
    assert "does not answer" in done.stderr
    assert "hunter2" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_address_of_another_machine_is_refused(tmp_path: Path) -> None:
    done = run_manage("serve", "--host", "192.0.2.1", "--allow-open", data_dir=tmp_path)
    assert done.returncode == EXIT_UNAVAILABLE
    assert "192.0.2.1" in done.stderr


def test_open_mode_refuses_a_network_address(tmp_path: Path) -> None:
    done = run_manage("serve", "--host", "0.0.0.0", data_dir=tmp_path)  # noqa: S104 - the case
    assert done.returncode == EXIT_UNAVAILABLE
    assert "AUTH_MODE=required" in done.stderr


def test_network_address_is_warned_about() -> None:
    with ServeProcess("--host", "0.0.0.0", "--allow-open") as serve:  # noqa: S104 - the case
        serve.wait_until_ready()
        assert "Warning: 0.0.0.0 can be reached from the network" in serve.output
