"""Puts limits on itself, then becomes another program. Started by ``contained.run_contained``.

A program of its own, and not a ``preexec_fn``, because code between fork and exec can deadlock a
threaded parent. It runs with ``python -I -S`` in some ten milliseconds and imports no package.

Usage: leash.py PARENT_PID LIMITS PROGRAM [ARGUMENT ...], LIMITS like ``RLIMIT_CPU=10,RLIMIT_AS=9``.
"""

import contextlib
import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1
CANNOT_START = 126


def die_with_parent(parent: int) -> None:
    """Linux kills this process, and what it becomes, as soon as its parent is gone."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it was gone before we asked
        sys.exit(CANNOT_START)


def set_limits(limits: str) -> None:
    for limit in filter(None, limits.split(",")):
        name, value = limit.split("=")
        # A limit that this system does not know, or that is tighter already, is no reason to stop.
        with contextlib.suppress(AttributeError, ValueError, OSError):
            resource.setrlimit(getattr(resource, name), (int(value), int(value)))


def main() -> None:
    die_with_parent(int(sys.argv[1]))
    program = sys.argv[3:]
    try:
        # The limits come last: under RLIMIT_AS there may be no room for a message.
        set_limits(sys.argv[2])
        os.execv(program[0], program)  # noqa: S606 - no shell is the point
    except OSError as error:
        sys.stderr.write(f"cannot start {program[0]}: {error.strerror}\n")
        sys.exit(CANNOT_START)


if __name__ == "__main__":
    main()
