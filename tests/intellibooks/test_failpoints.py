"""A failpoint does what it is told, once, and nothing while nobody armed it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import LazySettings

from intellibooks import failpoints
from tests.intellibooks.serve_process import ROOT, build_env

REACH_TWICE = """
import django; django.setup()
from intellibooks.failpoints import reach
reach("elsewhere"); print("reached", flush=True); reach("here"); print("went on", flush=True)
"""


def reach_in_a_process(data_dir: Path, armed: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", REACH_TWICE],
        cwd=ROOT,
        env=build_env(data_dir, FAILPOINTS=armed),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_armed_place_kills_its_process_once(tmp_path: Path) -> None:
    first, second = (reach_in_a_process(tmp_path, "here=kill") for _ in range(2))
    assert (first.returncode, first.stdout) == (-signal.SIGKILL, "reached\n")
    assert (second.returncode, second.stdout) == (0, "reached\nwent on\n")


def test_place_tells_who_was_there(tmp_path: Path, settings: LazySettings) -> None:
    settings.DATA_DIR = tmp_path
    assert failpoints.take("here")
    assert (tmp_path / "failpoints" / "here").read_text() == str(os.getpid())
    assert not failpoints.take("here")


def test_unarmed_places_do_nothing(tmp_path: Path, settings: LazySettings) -> None:
    settings.DATA_DIR, settings.FAILPOINTS = tmp_path, ""
    failpoints.reach("here")
    assert list(tmp_path.iterdir()) == []


def test_unknown_act_is_named(settings: LazySettings) -> None:
    settings.FAILPOINTS = "here=explode"
    with pytest.raises(failpoints.UnknownFailpoint, match="here=explode"):
        failpoints.reach("here")
