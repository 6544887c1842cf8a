import subprocess
import sys
from pathlib import Path

import pytest

from bench.engine_probe import MEBIBYTE, read_cpu_seconds, watching_memory
from bench.parts.engines import build_env, compare_whispers, describe, run_probe, write_tiny_model
from bench.service import BenchError

WORK = "import time; held = b'x' * 50_000_000; sum(range(10_000_000)); time.sleep(0.2)"
FIGURES = {
    "model": "tiny",
    "first_cpu_seconds": 5.0,
    "seconds": [2.0, 3.0, 2.5],
    "cpu_seconds": [4.0, 4.0, 4.0],
    "peak_mebibytes": 200.0,
    "added_mebibytes": 100.0,
}


def test_row_has_the_usual_chunk_and_what_loading_adds() -> None:
    row = describe("whisper_cli", FIGURES)
    assert (row["s a chunk"], row["CPU s"], row["load CPU s"], row["MiB"]) == (2.5, 4.0, 1.0, 200)
    assert row["RTF"] == pytest.approx(2.5 / 10.24)
    assert (row["RTF whole"], row["WER whole %"]) == (None, None)


def test_scored_engine_shows_its_error_rate() -> None:
    row = describe("pocketsphinx", {**FIGURES, "rtf": 0.2, "word_error_rate": 0.05})
    assert (row["RTF whole"], row["WER whole %"]) == (0.2, 5.0)


def test_resident_is_a_share_of_per_call() -> None:
    resident = {"seconds": [1.0], "cpu_seconds": [3.0]}
    rows = compare_whispers(FIGURES, resident).rows
    assert [row["resident / per call"] for row in rows] == [0.4, 0.75]


def test_engine_is_measured_in_a_process_of_its_own(tmp_path: Path) -> None:
    found = run_probe("pocketsphinx", 1, build_env(tmp_path, ""), hears_whole=False)
    assert found["model"] == "en-us"
    assert found["seconds"][0] > 0.1
    assert found["cpu_seconds"][0] > 0.1
    assert 30 < found["added_mebibytes"] < found["peak_mebibytes"]


def test_engine_that_cannot_work_says_why(tmp_path: Path) -> None:
    found = run_probe("whisper_cli", 1, build_env(tmp_path, "/nowhere.bin"), hears_whole=False)
    assert "WHISPER_MODEL_PATH" in found["fix"]


def test_crash_of_the_measurement_is_told(tmp_path: Path) -> None:
    env = {**build_env(tmp_path, ""), "SWEEP_SECONDS": "never"}
    with pytest.raises(BenchError, match="SWEEP_SECONDS"):
        run_probe("pocketsphinx", 1, env, hears_whole=False)


def test_generated_model_is_as_big_as_the_published_one(tmp_path: Path) -> None:
    assert write_tiny_model(tmp_path).stat().st_size / MEBIBYTE == pytest.approx(75, abs=2)


def test_memory_and_time_of_children_count() -> None:
    before = read_cpu_seconds()
    with watching_memory() as memory:
        idle = memory.peak
        subprocess.run([sys.executable, "-c", WORK], check=True)  # noqa: S603 - our own words
    assert memory.peak - idle > 40_000_000
    assert read_cpu_seconds() - before > 0.1
