"""Whether a port is free, and who holds it if not."""

import contextlib
import errno
import ipaddress
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass

import psutil

from intellibooks.processes import terminate_tree

# Longer than an orderly stop of another `serve` takes.
STOP_SECONDS = 12.0
LONGEST_COMMAND = 120


class PortError(Exception):
    """The address cannot be used, and stopping somebody would not help."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that listens on a port; pid None where another user hides it."""

    pid: int | None
    command: str

    def __str__(self) -> str:
        if self.pid is None:
            return "a process of another user"
        return f"process {self.pid} ({self.command})"


def find_holder(host: str, port: int) -> Holder | None:
    """Who keeps us from listening on the port, or None where it is free. Raises PortError."""
    if is_free(host, port):
        return None
    for pid, listening in list_listeners():
        if listening == port and pid is not None:
            return describe_holder(pid)
    return Holder(None, "")


def is_free(host: str, port: int) -> bool:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return False
        raise PortError(f"{host} port {port} cannot be used: {error.strerror}") from error
    return True


def list_listeners() -> Iterator[tuple[int | None, int]]:
    """(process, port) of every listening TCP socket that we may see."""
    try:
        for found in psutil.net_connections(kind="tcp"):
            if found.status == psutil.CONN_LISTEN:
                yield found.pid, getattr(found.laddr, "port", 0)
    except psutil.AccessDenied:  # macOS shows all of them to root only
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                for own in process.net_connections(kind="tcp"):
                    if own.status == psutil.CONN_LISTEN:
                        yield process.pid, getattr(own.laddr, "port", 0)


def describe_holder(pid: int) -> Holder:
    try:
        command = " ".join(psutil.Process(pid).cmdline())
    except psutil.Error:
        command = "unknown"
    return Holder(pid, command[:LONGEST_COMMAND])


def stop_holder(holder: Holder, host: str, port: int) -> None:
    """Stop the process and wait until the port is free: SIGTERM, later SIGKILL.

    A web process that a `serve` keeps alive is stopped through that `serve`. Raises PortError
    where the process is not ours to stop.
    """
    if holder.pid is None:
        raise PortError(f"Port {port} is held by {holder}; it must be stopped by its owner.")
    try:
        target = find_keeper(psutil.Process(holder.pid))
        if target.uids().real not in {os.getuid(), os.geteuid()}:
            raise PortError(f"Port {port} is held by {holder} of {target.username()}: not ours.")
        terminate_tree(target.pid, grace_seconds=STOP_SECONDS)
    except psutil.NoSuchProcess:
        pass  # gone by itself
    except psutil.AccessDenied as error:
        raise PortError(f"Port {port} is held by {holder}, which we may not stop.") from error
    wait_until_free(host, port)


def find_keeper(process: psutil.Process) -> psutil.Process:
    """The `manage.py serve` above the process, or the process itself."""
    for parent in process.parents():
        with contextlib.suppress(psutil.Error):
            words = parent.cmdline()
            if "serve" in words and any(word.endswith("manage.py") for word in words):
                return parent
    return process


def wait_until_free(host: str, port: int, seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not is_free(host, port):
        if time.monotonic() > deadline:
            raise PortError(f"Port {port} is still in use.")
        time.sleep(0.05)


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
