"""A Postgres cluster of one's own, to be stopped, frozen and killed."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import uuid
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from tests.intellibooks.serve_process import find_free_port, signal_all

USER = "intellibooks"


def find_binaries() -> Path | None:
    """The folder of initdb and pg_ctl, of the newest version that is installed."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=read_version)
    if installed:
        return installed[-1].parent
    found = shutil.which("initdb")
    return Path(found).parent if found else None


def read_version(initdb: Path) -> int:
    return int(initdb.parents[1].name.partition(".")[0])


class OwnPostgres:
    """Use as a context. Postgres refuses to run as root, so root hands it to user postgres."""

    def __init__(self) -> None:
        binaries = find_binaries()
        assert binaries is not None
        self.binaries = binaries
        self.folder = Path(tempfile.mkdtemp(prefix="ib-postgres-"))
        self.port = find_free_port()
        self.account = "postgres" if os.geteuid() == 0 else None

    def __enter__(self) -> "OwnPostgres":
        if self.account:
            owner = pwd.getpwnam(self.account)
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        self.run("initdb", "-D", self.data, "-U", USER, "--auth=trust", "--no-sync")
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def data(self) -> str:
        return str(self.folder / "data")

    def url(self, name: str) -> str:
        return f"postgres://{USER}@127.0.0.1:{self.port}/{name}"

    def run(self, program: str, *arguments: str) -> None:
        subprocess.run(  # noqa: S603 - Postgres' own programs
            [str(self.binaries / program), *arguments],
            user=self.account,
            group=self.account,
            extra_groups=[] if self.account else None,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # pg_ctl's server would keep a pipe open
            stderr=subprocess.DEVNULL,
            timeout=60,
            check=True,
        )

    def start(self) -> None:
        """Returns when it answers, after its own crash recovery."""
        options = f"-p {self.port} -h 127.0.0.1 -k {self.folder}"
        log = str(self.folder / "log")
        self.run("pg_ctl", "-D", self.data, "-w", "-l", log, "-o", options, "start")

    def stop(self) -> None:
        """Ends at once, every connection with it."""
        self.run("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")

    def kill(self) -> None:
        """SIGKILL to the postmaster and to everything below it, as the OOM killer would."""
        family = self.list_family()
        signal_all(family, signal.SIGKILL)
        psutil.wait_procs(family, 5)

    def freeze(self) -> None:
        signal_all(self.list_family(), signal.SIGSTOP)

    def thaw(self) -> None:
        signal_all(self.list_family(), signal.SIGCONT)

    def list_family(self) -> list[psutil.Process]:
        pid = int((self.folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        postmaster = psutil.Process(pid)
        return [postmaster, *postmaster.children(recursive=True)]

    def create_database(self) -> str:
        """The URL of a new, empty database."""
        name = f"faults_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as admin:
            admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)
