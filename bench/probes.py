"""A measurement in a process of its own, so that its time and memory are its alone."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from bench.service import ROOT, BenchError

LONGEST_SECONDS = 1800.0


def run_module(module: str, arguments: Sequence[str], env: Mapping[str, str]) -> dict[str, Any]:
    """The JSON object that the module prints as its last line. Raises BenchError."""
    name = " ".join([module.rpartition(".")[2], *arguments])
    try:
        ended = subprocess.run(  # noqa: S603 - our own modules
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=dict(env),
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BenchError(f"{name} took more than {LONGEST_SECONDS:.0f} s") from error
    if ended.returncode:
        raise BenchError(f"{name} failed:\n{ended.stderr[-2000:]}")
    figures: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return figures
