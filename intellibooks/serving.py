"""What `manage.py serve` does: prepare, start the children, say when it answers."""

import contextlib
import fcntl
import http.client
import json
import logging
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from redis.exceptions import RedisError

from intellibooks import embedded_redis
from intellibooks.processes import start_process
from intellibooks.redis_connection import connect, is_stray_node
from intellibooks.supervisor import Child

logger = logging.getLogger(__name__)

ADMIN_NAME = "admin"
WEB_PHASE, WORK_PHASE, STORE_PHASE = 0, 1, 2
SLOW_START_SECONDS = 30.0
# Shorter than the supervisor's first phase: uvicorn ends by itself, with its sockets closed.
WEB_GRACE_SECONDS = 3


class ServeError(RuntimeError):
    """The service cannot be started; the text says why and what to do."""


class AlreadyServing(ServeError):
    """Another `serve` works on the same data directory."""


@contextlib.contextmanager
def owning_data_dir(folder: Path) -> Iterator[None]:
    """Hold the data directory against a second `serve`. Raises AlreadyServing."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "serve.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise AlreadyServing(
                f"Process {file.read().strip() or 'unknown'} serves {folder} already. "
                "Stop it, or set DATA_DIR to another directory."
            ) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def check_redis(url: str) -> None:
    """Raises ServeError where the configured Redis does not answer, or is of another kind."""
    try:
        with contextlib.closing(connect(url, socket_timeout=3)) as client:
            client.ping()
            is_stray = is_stray_node(client)
    except (RedisError, OSError) as error:
        raise ServeError(explain_silence(url, error)) from error
    if is_stray:
        raise ServeError(
            "REDIS_URL names one node of a Redis Cluster. Set REDIS_CLUSTER_NODES=host:port,... "
            "to some of its nodes; REDIS_URL then gives the password alone."
        )


def explain_silence(url: str, error: Exception) -> str:
    if settings.REDIS_CLUSTER_NODES:
        return f"{error}. Start the cluster of REDIS_CLUSTER_NODES, or correct that list."
    shown = url.rsplit("@", 1)[-1]  # without the password
    return (
        f"The Redis of REDIS_URL ({shown}) does not answer: {error}. "
        "Start it, correct REDIS_URL, or unset it to use the one that comes with us."
    )


def migrate_database() -> int:
    """Bring the tables up to date; how many steps that took."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        call_command("migrate", interactive=False, verbosity=0)
    return len(plan)


def ensure_admin() -> str | None:
    """Make the first administrator; the password, if it was made now."""
    users = get_user_model().objects
    if users.filter(is_superuser=True).exists():
        return None
    path = password_path()
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(12) + "\n")
    password = path.read_text().strip()
    users.create_superuser(username=ADMIN_NAME, password=password)
    return password


def password_path() -> Path:
    return Path(settings.DATA_DIR) / "admin_password"


@contextlib.contextmanager
def running_redis() -> Iterator[Child | None]:
    """The Redis to use, answering: a child of ours, or None where REDIS_URL names another.

    Raises ServeError or EmbeddedRedisError.
    """
    if not settings.REDIS_EMBEDDED:
        check_redis(settings.REDIS_URL)
        yield None
        return
    server = embedded_redis.ensure_running(settings.REDIS_DIR)
    try:
        start = partial(embedded_redis.start_server, settings.REDIS_DIR)
        yield Child("redis", start, STORE_PHASE, server.process, time.monotonic())
    finally:
        server.stop()


def build_children(host: str, port: int, env: Mapping[str, str]) -> list[Child]:
    """The web process, the workers and the watchdog, with ``env`` in their environment."""
    env = {"HOST": host, "PORT": str(port), **env}
    manage: list[str | Path] = [sys.executable, settings.BASE_DIR / "manage.py"]
    web = Child("web", partial(start_process, build_web_command(host, port), env=env), WEB_PHASE)
    commands = {
        "live worker": ("work", "live"),
        "pipeline worker": ("work", "pipeline"),
        "watchdog": ("sweep",),
    }
    return [
        web,
        *(
            Child(name, partial(start_process, [*manage, *words], env=env), WORK_PHASE)
            for name, words in commands.items()
        ),
    ]


def build_web_command(
    host: str, port: int, drain_seconds: int = WEB_GRACE_SECONDS
) -> list[str | Path]:
    """``drain_seconds``: how long requests may still take after SIGTERM."""
    flags = {
        "app-dir": settings.BASE_DIR,
        "host": host,
        "port": port,
        "loop": "uvloop",
        "http": "httptools",
        "ws": "intellibooks.socket_protocol:SharedFrameProtocol",
        "ws-max-size": 64 * 1024,
        "ws-ping-interval": 15,
        "ws-ping-timeout": 15,
        "ws-per-message-deflate": "false",  # small frames to many readers: not worth the work
        "lifespan": "off",
        "log-level": "warning",
        "timeout-keep-alive": 30,  # a recorder sends a chunk about every ten seconds
        "timeout-graceful-shutdown": drain_seconds,
    }
    words = [part for name, value in flags.items() for part in (f"--{name}", str(value))]
    switches = ["--no-access-log", "--no-proxy-headers", "--no-server-header"]
    return [sys.executable, "-m", "uvicorn", "intellibooks.asgi:application", *words, *switches]


def reachable_host(host: str) -> str:
    """An address under which this machine reaches what listens on host."""
    known = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared only
    return known.get(host, host)


def fetch_health(host: str, port: int) -> dict[str, object] | None:
    """What /api/health says, or None while nothing answers."""
    client = http.client.HTTPConnection(reachable_host(host), port, timeout=2)
    with contextlib.closing(client):
        try:
            client.request("GET", "/api/health")
            answer = client.getresponse()
            body = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            return None
    return body if answer.status == http.client.OK and isinstance(body, dict) else None


@dataclass(slots=True)
class Announcement:
    """Asks the new service whether it answers, until it does, and says so once.

    ``lines`` tell what else there is to know.
    """

    host: str
    port: int
    write: Callable[[str], object]
    lines: tuple[str, ...] = ()
    started_at: float = field(default_factory=time.monotonic)
    is_done: bool = False
    has_warned: bool = False

    def try_once(self) -> None:
        if self.is_done:
            return
        health = fetch_health(self.host, self.port)
        waited = time.monotonic() - self.started_at
        if health is not None:
            self.is_done = True
            said = describe_service(self.host, self.port, health, waited)
            self.write("\n".join([said, *self.lines, "  Stop      Ctrl-C"]))
        elif waited > SLOW_START_SECONDS and not self.has_warned:
            self.has_warned = True
            logger.warning("Still not answering after %.0f s; the lines above may say why", waited)


def describe_service(host: str, port: int, health: dict[str, object], seconds: float) -> str:
    shown = reachable_host(host)
    address = f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"
    lines = [
        f"Intellibooks Studio is ready ({seconds:.1f} s): {address}/",
        f"  API docs  {address}/api/docs",
        f"  Admin     {address}/admin/  (user {ADMIN_NAME}, password in {password_path()})",
    ]
    if engine := health.get("engine"):
        lines.append(f"  Speech    {engine}")
    return "\n".join(lines)
