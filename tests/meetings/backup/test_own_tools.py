"""The backup with Postgres' own tools, as docs/operations.md has it, of a service that records."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.postgres import OwnPostgres, find_binaries
from tests.faults.proof import hash_pcm, read_recording
from tests.faults.recorder import Recording, SteadyRecorder
from tests.faults.sounds import encode, make_tones
from tests.faults.world import World
from tests.intellibooks.serve_process import ROOT, build_env

PAGE = (ROOT / "docs" / "operations.md").read_text()
PAGE = PAGE[PAGE.index("Large installations on Postgres") :]
THERE, BACK = re.findall(r"```\n(.*?)```", PAGE, re.DOTALL)[:2]


@pytest.fixture
def postgres() -> Iterator[OwnPostgres]:
    if find_binaries() is None:
        pytest.skip("no Postgres on this machine: apt-get install postgresql")
    if shutil.which("rsync") is None:
        pytest.skip("no rsync on this machine: apt-get install rsync")
    with OwnPostgres() as server:
        yield server


def type_lines(lines: str, postgres: OwnPostgres, database: str, kept: Path, data: Path) -> str:
    """What was said; ``kept`` stands for /backup, ``data`` for /var/lib/studio."""
    lines = lines.replace("/backup/", f"{kept}/").replace("/var/lib/studio", str(data))
    env = {**build_env(data), "DATABASE_URL": database}
    done = subprocess.run(  # noqa: S603 - the lines of our own document
        ["/bin/bash", "-euxo", "pipefail", "-c", lines],
        cwd=ROOT,
        env={**env, "PATH": f"{postgres.binaries}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_backup_with_the_tools_of_postgres_goes_on_elsewhere(
    postgres: OwnPostgres, tmp_path: Path
) -> None:
    pieces = make_tones(12)
    kept, elsewhere = tmp_path / "backup", tmp_path / "elsewhere"
    kept.mkdir()
    elsewhere.mkdir()
    database = postgres.create_database()
    with World(database_url=database) as world:
        recorder = SteadyRecorder(world)
        with Recording(recorder, encode(pieces)) as recording:
            recording.wait_for(4)
            type_lines(THERE, postgres, database, kept, world.data_dir)
    copy = postgres.create_database()
    type_lines(BACK, postgres, copy, kept, elsewhere)
    with World(database_url=copy, data_dir=elsewhere) as world:
        recorder = SteadyRecorder(world)
        recorder.accepted[recording.meeting_id] = {}
        for index, data in enumerate(encode(pieces)):  # all again: a client keeps what it recorded
            recorder.send(recording.meeting_id, index, data)
        recorder.finish(recording.meeting_id)
        assert hash_pcm([read_recording(recorder, recording.meeting_id)]) == hash_pcm(pieces)
