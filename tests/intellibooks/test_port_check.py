"""Who holds a port, and how it becomes free."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from intellibooks.port_check import (
    Holder,
    PortError,
    find_holder,
    is_free,
    is_loopback,
    stop_holder,
)

LISTEN = """
import socket, time
s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1], flush=True); time.sleep(60)
"""


@pytest.fixture
def stranger() -> Iterator[tuple[subprocess.Popen[str], int]]:
    process = subprocess.Popen([sys.executable, "-c", LISTEN], stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own script
    yield process, int(process.stdout.readline())  # type: ignore[union-attr]
    process.kill()
    process.communicate()


def test_free_port_has_no_holder() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert find_holder("127.0.0.1", port) is None


def test_holder_is_named_by_pid_and_command(stranger: tuple[subprocess.Popen[str], int]) -> None:
    process, port = stranger
    holder = find_holder("127.0.0.1", port)
    assert holder is not None
    assert holder.pid == process.pid
    assert sys.executable in str(holder)


def test_every_address_conflicts_with_a_holder_of_one(
    stranger: tuple[subprocess.Popen[str], int],
) -> None:
    assert not is_free("0.0.0.0", stranger[1])  # noqa: S104


def test_stopped_holder_leaves_the_port_free(stranger: tuple[subprocess.Popen[str], int]) -> None:
    process, port = stranger
    stop_holder(Holder(process.pid, ""), "127.0.0.1", port)
    assert is_free("127.0.0.1", port)
    assert process.poll() is not None


def test_hidden_holder_is_not_ours_to_stop() -> None:
    with pytest.raises(PortError, match="another user"):
        stop_holder(Holder(None, ""), "127.0.0.1", 1)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can start a process of somebody else")
def test_process_of_another_user_is_not_stopped() -> None:
    process = subprocess.Popen(["/bin/sleep", "60"], user=65534)
    try:
        with pytest.raises(PortError, match="not ours"):
            stop_holder(Holder(process.pid, "sleep"), "127.0.0.1", 1)
        assert psutil.pid_exists(process.pid)
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_address_that_is_not_ours_is_an_error_and_not_a_holder(host: str) -> None:
    with pytest.raises(PortError, match="cannot be used"):
        find_holder(host, 8123)


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("web", False)],  # noqa: S104
)
def test_loopback_is_told_from_the_network(host: str, *, expected: bool) -> None:
    assert is_loopback(host) is expected
