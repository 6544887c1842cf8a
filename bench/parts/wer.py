"""What the cuts between chunks cost in words: live text, chunks alone, the whole recording."""

import os
from typing import Any

from bench.options import Options
from bench.parts.engines import WHISPER, build_env
from bench.probes import run_module
from bench.report import Row, Table, judge
from bench.service import temporary_folder
from bench.sounds import SAMPLE, read_sample
from transcription.scorecard import read_reference
from transcription.scoring import wer

ENGINES = ("pocketsphinx", *WHISPER)
WAYS = {
    "chunks alone": "alone",
    "live text (stitched)": "stitched",
    "whole recording (final)": "whole",
}
MOST_POINTS = 5.0  # of a hundred words, live above whole


def measure(_: Options) -> list[Table]:
    model = os.environ.get("WHISPER_MODEL_PATH", "")
    names = ENGINES if model else ENGINES[:1]  # a generated model hears nothing
    with temporary_folder() as folder:
        env = build_env(folder, model)
        found = {name: run_module("bench.wer_probe", [name], env) for name in names}
    able = {name: heard for name, heard in found.items() if "fix" not in heard}
    reference = read_reference(SAMPLE / "reference.json").text
    notes = tuple(f"{n} is left out: {found[n]['fix']}" for n in found if n not in able)
    rows, goals = [], []
    for name, heard in able.items():
        rows += describe(name, heard, reference)
        goals.append(judge_live(name, heard, reference))
    note = f"The sample meeting, {read_sample().duration:.0f} s, in chunks of 10.24 s."
    return [Table("Words wrong", tuple(rows), (note, *notes)), Table("Goals", tuple(goals))]


def describe(engine: str, heard: dict[str, Any], reference: str) -> list[Row]:
    rows: list[Row] = []
    for way, key in WAYS.items():
        errors = wer(reference, heard[key])
        rows.append(
            {
                "engine": engine,
                "model": heard["model"],
                "heard as": way,
                "WER %": errors.rate * 100,
                "replaced": errors.substitutions,
                "lost": errors.deletions,
                "invented": errors.insertions,
            }
        )
    return rows


def judge_live(engine: str, heard: dict[str, Any], reference: str) -> Row:
    rates = [wer(reference, heard[key]).rate * 100 for key in ("stitched", "whole")]
    what = f"{engine}: live text above the whole, points of WER"
    return judge(what, rates[0] - rates[1], at_most=MOST_POINTS)
