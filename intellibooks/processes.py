"""Processes that never outlive the one that started them."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
# Loaded before any fork: the child may do nothing that takes a lock.
LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(sign: int = signal.SIGKILL) -> None:
    """Ask the kernel (Linux) to send this process a signal when the thread that forked it ends."""
    if LIBC is not None:
        LIBC.prctl(PR_SET_PDEATHSIG, sign)


def adopt_orphans() -> None:
    """Make this process (Linux) the parent of every descendant whose own parent died."""
    if LIBC is not None:
        LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1)


def start_process(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    pass_fds: tuple[int, ...] = (),
    death_signal: int = signal.SIGKILL,
    output: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own that dies with us; what it says goes to ``output``.

    The session keeps a terminal's Ctrl-C from it: the parent stops its children in order.
    Call this from the main thread, because the kernel watches the thread that forked.
    """
    parent = os.getpid()

    def prepare_child() -> None:
        die_with_parent(death_signal)
        if os.getppid() != parent:  # the parent died before the kernel was asked to watch it
            os.kill(os.getpid(), signal.SIGKILL)

    return subprocess.Popen(  # noqa: S603 - the callers' fixed commands
        [str(part) for part in command],
        env=None if env is None else {**os.environ, **env},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        pass_fds=pass_fds,
        start_new_session=True,
        preexec_fn=prepare_child,  # noqa: PLW1509 - called from the main thread only
    )


def follow_parent(on_death: Callable[[], None], every_seconds: float = 1.0) -> None:
    """Where no kernel watches the parent (not Linux), let a thread do it."""
    if LIBC is not None:
        return
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(every_seconds)
        on_death()

    threading.Thread(target=watch, name="follow-parent", daemon=True).start()


def list_descendants(pid: int | None = None) -> list[psutil.Process]:
    """Every process below pid (default: this one), those of other sessions too."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def is_gone(process: psutil.Process) -> bool:
    """Whether it ended; a child of ours that did is collected."""
    try:
        if process.status() != psutil.STATUS_ZOMBIE:
            return False
        with contextlib.suppress(ChildProcessError):  # its own parent will collect it
            os.waitpid(process.pid, os.WNOHANG)
    except psutil.NoSuchProcess:
        pass
    return True


def wait_until_gone(processes: Sequence[psutil.Process], seconds: float) -> bool:
    """Whether all of them ended within the time."""
    deadline = time.monotonic() + seconds
    left = [process for process in processes if not is_gone(process)]
    while left and time.monotonic() < deadline:
        time.sleep(0.01)
        left = [process for process in left if not is_gone(process)]
    return not left


def kill_processes(processes: Sequence[psutil.Process], wait_seconds: float = 2.0) -> None:
    """SIGKILL, then wait until they are gone."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    wait_until_gone(processes, wait_seconds)


def terminate_tree(pid: int, *, grace_seconds: float) -> None:
    """SIGTERM to a process, SIGKILL after the grace to it and to whatever it left behind."""
    try:
        root = psutil.Process(pid)
    except psutil.NoSuchProcess:
        return
    family = [root, *list_descendants(pid)]
    with contextlib.suppress(psutil.NoSuchProcess):
        root.terminate()
    wait_until_gone([root], grace_seconds)
    kill_processes(family)
