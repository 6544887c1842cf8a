"""Named places at which a test can make this process die, stop or hang, to prove what heals.

``FAILPOINTS="chunk.after_file=kill,stage.mood=stop"`` arms two of them. Each fires once for a
data directory, whichever process gets there first, and leaves ``DATA_DIR/failpoints/<name>``
with the process id; deleting that file arms it again. Unset, as everywhere but in the fault
suite, a place costs one comparison.
"""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

LONGEST_HANG_SECONDS = 600


class UnknownFailpoint(ValueError):
    """FAILPOINTS names an act that does not exist."""


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def stop() -> None:
    """Until somebody sends SIGCONT; a virtual machine that is paused looks like this."""
    os.kill(os.getpid(), signal.SIGSTOP)


def hang() -> None:
    """This thread alone stands still; the others, such as one that extends a lease, go on."""
    time.sleep(LONGEST_HANG_SECONDS)


ACTS: dict[str, Callable[[], None]] = {"kill": kill, "stop": stop, "hang": hang}


def reach(name: str) -> None:
    """Does what FAILPOINTS asks for at this place, the first time it is reached."""
    if not settings.FAILPOINTS:
        return
    act = parse_failpoints(settings.FAILPOINTS).get(name)
    if act is not None and take(name):
        act()


def parse_failpoints(text: str) -> dict[str, Callable[[], None]]:
    """Place -> what to do there. Raises UnknownFailpoint."""
    pairs = [part.strip().partition("=") for part in text.split(",") if part.strip()]
    for name, _, act in pairs:
        if act not in ACTS:
            raise UnknownFailpoint(f"FAILPOINTS: {name}={act} is none of {', '.join(ACTS)}")
    return {name: ACTS[act] for name, _, act in pairs}


def take(name: str) -> bool:
    """Whether we are the first to get there; all processes of a data directory count."""
    folder = Path(settings.DATA_DIR) / "failpoints"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with (folder / name).open("x") as file:
            file.write(str(os.getpid()))
    except FileExistsError:
        return False
    return True
