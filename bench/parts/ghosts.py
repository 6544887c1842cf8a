"""What the engines hear where nobody speaks: it should be nothing."""

import os

from bench.noises import NOISES
from bench.options import Options
from bench.parts.engines import LOCAL, WHISPER, build_env, write_tiny_model
from bench.probes import run_module
from bench.report import Row, Table, judge
from bench.service import temporary_folder

MINUTES = 10


def measure(_: Options) -> list[Table]:
    rows: list[Row] = []
    notes: list[str] = [f"{MINUTES} minutes of each sound, heard as at a meeting's end."]
    words = 0
    with temporary_folder() as folder:
        model = os.environ.get("WHISPER_MODEL_PATH", "") or str(write_tiny_model(folder))
        env = build_env(folder, model)
        for name in LOCAL:
            found = run_module("bench.ghost_probe", [name, str(MINUTES)], env)
            if "fix" in found:
                notes.append(f"{name} is left out: {found['fix']}")
                continue
            heard = found["heard"]
            counts = {sound: len(heard[sound][0].split()) for sound in NOISES}
            words += sum(counts.values())
            rows.append({"engine": name, **{f"{sound}, words": n for sound, n in counts.items()}})
    if not os.environ.get("WHISPER_MODEL_PATH"):
        notes.append(
            f"{' and '.join(WHISPER)}: a generated model that says words whatever it is given, so "
            "nothing but the gate before it keeps it silent."
        )
    goal = judge("words heard where nobody speaks", float(words), at_most=0.0)
    return [Table("Ghosts", tuple(rows), tuple(notes)), Table("Goals", (goal,))]
