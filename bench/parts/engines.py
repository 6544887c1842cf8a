"""What each speech engine costs here, for a chunk and for a whole meeting."""

import os
import shutil
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bench.figures import median, ratio
from bench.options import Options
from bench.probes import run_module
from bench.report import Row, Table, judge
from bench.service import SETTINGS, temporary_folder
from bench.sounds import CHUNK_SECONDS, cut_chunks, read_chunk_text
from tests.transcription.engines import tiny_whisper

LOCAL = ("pocketsphinx", "whisper_cli", "whisper_resident")
WHISPER = LOCAL[1:]
PROGRAMS = ("whisper-cli", "whisper-cpp")
# Of the published model `tiny`: what the generated one costs is what that one costs.
TINY_WIDTH, TINY_HEADS = 384, 6
GOAL_RTF = 0.3

Figures = dict[str, Any]


def measure(options: Options) -> list[Table]:
    chunks = min(options.chunks, len(cut_chunks()))
    with temporary_folder() as folder:
        own_model = os.environ.get("WHISPER_MODEL_PATH", "")
        model = own_model or str(write_tiny_model(folder))
        env = build_env(folder, model)
        found = {
            name: run_probe(name, chunks, env, hears_whole=bool(own_model) or name not in WHISPER)
            for name in LOCAL
        }
    able = {name: figures for name, figures in found.items() if "fix" not in figures}
    notes = list_notes(chunks, is_generated=not own_model)
    notes += tuple(
        f"{name} is left out: {found[name]['fix']}" for name in found if name not in able
    )
    rows = tuple(describe(name, figures) for name, figures in able.items())
    tables = [Table(f"One chunk of {CHUNK_SECONDS:g} s", rows, notes)]
    if all(name in able for name in WHISPER):
        tables.append(compare_whispers(*(able[name] for name in WHISPER)))
    if "pocketsphinx" in able:
        value = able["pocketsphinx"]["rtf"]
        goal = judge("pocketsphinx, real-time factor of the sample", value, at_most=GOAL_RTF)
        tables.append(Table("Goals", (goal,)))
    return tables


def write_tiny_model(folder: Path) -> Path:
    """A model without knowledge: it says a chunk's worth of words, at the cost of a real one."""
    path = folder / "ggml-generated-tiny.en.bin"
    with patch.multiple(tiny_whisper, STATE=TINY_WIDTH, HEADS=TINY_HEADS):
        tiny_whisper.write_model(path, read_chunk_text(), end=10.0)
    return path


def build_env(folder: Path, model: str) -> dict[str, str]:
    places = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    found = (shutil.which(name, path=places) for name in PROGRAMS)
    program = os.environ.get("WHISPER_PATH") or next((path for path in found if path), "")
    return {
        **os.environ,
        **SETTINGS,
        "DATA_DIR": str(folder),
        "WHISPER_PATH": program,
        "WHISPER_MODEL_PATH": model,
        "WHISPER_RESIDENT": os.environ.get("WHISPER_RESIDENT", "") or "pywhispercpp",
    }


def run_probe(name: str, chunks: int, env: dict[str, str], *, hears_whole: bool) -> Figures:
    """Raises BenchError."""
    return run_module("bench.engine_probe", [name, str(chunks), str(int(hears_whole))], env)


def describe(name: str, figures: Figures) -> Row:
    usual, work = median(figures["seconds"]), median(figures["cpu_seconds"])
    wrong = figures.get("word_error_rate")
    return {
        "engine": name,
        "model": figures["model"],
        "s a chunk": usual,
        "CPU s": work,
        "load CPU s": max(0.0, figures["first_cpu_seconds"] - work),
        "MiB": round(figures["peak_mebibytes"]),
        "of that engine": round(figures["added_mebibytes"]),
        "RTF": usual / CHUNK_SECONDS,
        "RTF whole": figures.get("rtf"),
        "WER whole %": None if wrong is None else wrong * 100,
    }


def compare_whispers(per_call: Figures, resident: Figures) -> Table:
    """The same model in a program started for each chunk, and kept in memory."""
    rows: list[Row] = []
    for what, key in (("seconds a chunk", "seconds"), ("CPU seconds a chunk", "cpu_seconds")):
        ours, theirs = median(resident[key]), median(per_call[key])
        rows.append(
            {
                "what": what,
                "program per call": theirs,
                "resident": ours,
                "resident / per call": ratio(ours, theirs),
            }
        )
    note = "Two builds of whisper.cpp, of different age and flags: not only the start is compared."
    return Table("Resident against per call", tuple(rows), (note,))


def list_notes(chunks: int, *, is_generated: bool) -> tuple[str, ...]:
    notes: tuple[str, ...] = (
        f"Medians of {chunks} chunks of the sample meeting, heard as live (fast), each engine in a "
        "process of its own; load: what the first call takes more.",
        "MiB: the most that the process and those it started held; of that engine: above the "
        "process before its first call. CPU s: of all of them.",
        "Whole: the sample meeting in one piece, heard as at a meeting's end (best).",
    )
    if is_generated:
        notes += (
            "whisper: a generated model of the size of `tiny`; its cost is real, its words are "
            "scripted, so it has no WER. Set WHISPER_MODEL_PATH to measure a real one.",
        )
    return notes
