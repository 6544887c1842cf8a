"""The servers that the measurements start: they do the work, and nothing of them stays."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from bench.recorder import Recorder, open_client
from bench.service import ROOT, BenchError, running_predecessor, running_service
from bench.sounds import cut_chunks


async def test_predecessor_rewrites_its_session_for_every_chunk() -> None:
    with running_predecessor() as server:
        async with open_client(server.url) as client:
            recorder = Recorder(client, cut_chunks())
            await recorder.start()
            for _ in range(2):
                await recorder.send_next()
        session = json.loads(server.redis.get(f"session:{recorder.session_id}") or "")
        stored = server.redis.get(f"session:{recorder.session_id}:chunk:1")
    assert [chunk["index"] for chunk in session["chunks"]] == [0, 1]
    assert bytes(json.loads(stored or "")) == cut_chunks()[1]
    assert len(recorder.milliseconds) == 2
    assert not server.process.is_running()
    assert not server.redis_process.is_running()
    assert not server.folder.exists()


def test_service_that_does_not_start_says_why() -> None:
    with pytest.raises(BenchError, match="SWEEP_SECONDS"), running_service(SWEEP_SECONDS="never"):
        pass


def list_started(folder: str) -> list[psutil.Process]:
    """Processes that know the folder, by their arguments or as their data directory."""
    return [process for process in psutil.process_iter() if knows_folder(process, folder)]


def knows_folder(process: psutil.Process, folder: str) -> bool:
    try:
        known = [*process.cmdline(), process.environ().get("DATA_DIR", "")]
    except psutil.Error:
        return False
    return any(folder in text for text in known) and process.pid != os.getpid()


def is_web(process: psutil.Process) -> bool:
    try:
        return "uvicorn" in process.cmdline()
    except psutil.NoSuchProcess:  # ended meanwhile
        return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_measurement_leaves_nothing(number: int) -> None:
    with tempfile.TemporaryDirectory(prefix="ib-") as folder:
        bench = subprocess.Popen(
            [sys.executable, "-m", "bench", "memory", "--checkpoints", "20000"],
            cwd=ROOT,
            env={**os.environ, "TMPDIR": folder},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            deadline = time.monotonic() + 30
            while not any(is_web(process) for process in list_started(folder)):
                assert time.monotonic() < deadline
                time.sleep(0.1)
            bench.send_signal(number)
            _, said = bench.communicate(timeout=30)
        finally:
            bench.kill()
        assert bench.returncode == 130
        assert "interrupted" in said
        assert "Traceback" not in said
        assert list_started(folder) == []
        assert list(Path(folder).iterdir()) == []
