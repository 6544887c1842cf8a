"""Whisper's CPU time for a meeting, live and at its end, beside the plainest way to use it.

The plainest way, as in the service that this one replaces: one call of whisper-cli for each chunk
of 10 s, and one more for the whole recording at the end.
"""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from bench.options import Options
from bench.parts.engines import build_env
from bench.probes import LONGEST_SECONDS, run_module
from bench.report import Row, Table, judge
from bench.service import BenchError, temporary_folder
from bench.sounds import build_sparse_meeting, cut_pieces, read_text
from tests.transcription.engines import tiny_whisper
from transcription.audio import Audio, encode_wav

CHUNK_SECONDS, WINDOW_SECONDS, SHARE, TAIL_SECONDS = 10.0, 30.0, 0.7, 1.5
LONGEST_PIECE = 6  # letters; a word of more is two tokens, as it mostly is in the real vocabulary
# Of the published model `base`, so that the encoder has its usual part of the work.
WIDTH, HEADS, LAYERS = 512, 8, 6
MODEL = "WHISPER_MODEL_PATH"
GOAL = 0.5
PER_CALL, RESIDENT = "whisper_cli", "whisper_resident"

BEAM_1: tuple[str, ...] = ("-bs", "1", "-bo", "1")
# One thread: two that wait for each other on a busy machine spin, and spinning counts as work.
# No second tries and no context for the plain program: a scripted model loses its thread there,
# and would look dearer than a real one.
PLAIN = ("-t", "1", "-nf", "-mc", "0")
ONE_THREAD = {"WHISPER_THREADS": "1"}


@dataclass(frozen=True, slots=True)
class Work:
    """CPU minutes for an hour of a meeting."""

    chunks: float
    whole: float


@dataclass(frozen=True, slots=True)
class Models:
    """One model as big as `base` that says as much as is spoken in what it is given: a plain
    chunk or window has its share of pauses, what we give is speech alone."""

    folder: Path

    def write(self, name: str, spoken_seconds: float) -> str:
        path = self.folder / f"ggml-{name}.en.bin"
        if not path.exists():
            with patch.multiple(tiny_whisper, STATE=WIDTH, HEADS=HEADS, LAYERS=LAYERS):
                text = split_words(read_text(spoken_seconds))
                tiny_whisper.write_model(path, text, end=WINDOW_SECONDS)
        return str(path)


def split_words(text: str) -> str:
    parts = (
        word if len(word) <= LONGEST_PIECE else f"{word[:LONGEST_PIECE]} {word[LONGEST_PIECE:]}"
        for word in text.split()
    )
    return " ".join(parts)


def measure(_: Options) -> list[Table]:
    with temporary_folder() as folder:
        env = {**build_env(folder, ""), **ONE_THREAD}
        if not env["WHISPER_PATH"]:
            raise BenchError("no whisper-cli: set WHISPER_PATH")
        models = Models(folder)
        plain = run_plain(BEAM_1, models, env["WHISPER_PATH"])
        plain_default = run_plain((), models, env["WHISPER_PATH"])
        live, live_whole = (run_live(models, env, positions) for positions in ("0", "1500"))
        final, final_default = (run_final(models, env, beam) for beam in ("1", "5"))
        kept = Work(run_live(models, env, "0", RESIDENT), run_final(models, env, "1", RESIDENT))
    rows = (
        compare("both at beam 1", plain, Work(live, final)),
        compare("both at beam 1, ours kept in memory", plain, kept),
        compare("each with its default, beam 5", plain_default, Work(live, final_default)),
        compare("both at beam 1, live with the whole window", plain, Work(live_whole, final)),
        compare("both at beam 1, drafts kept at the end", plain, Work(live, 0.0)),
    )
    notes = (
        f"CPU minutes of whisper-cli for an hour of a meeting of which {SHARE:.0%} is speech, in "
        "chunks of 10 s; measured over two to four minutes with a generated model of the size of "
        "`base`.",
        "plain: the program for every chunk and once for the whole, without second tries. ours: "
        "chunks as heard live (with the tail of the one before, beam 1), and the final pass.",
        "kept in memory: WHISPER_RESIDENT=pywhispercpp, another build of whisper.cpp. "
        "drafts kept: FINAL_TRANSCRIPTION=better, where the drafts are by the best engine.",
    )
    goals = tuple(
        judge(f"ours / plain, {row['what']}", float(str(row["ours / plain"])), at_most=GOAL)
        for row in rows[:2]
    )
    return [Table("Whisper's work in a meeting", rows, notes), Table("Goals", goals)]


def compare(what: str, plain: Work, ours: Work) -> Row:
    return {
        "what": what,
        "plain chunks": plain.chunks,
        "plain whole": plain.whole,
        "our live": ours.chunks,
        "our final": ours.whole,
        "ours / plain": (ours.chunks + ours.whole) / (plain.chunks + plain.whole),
    }


def run_live(
    models: Models, env: Mapping[str, str], positions: str, engine: str = PER_CALL
) -> float:
    model = models.write("live", (CHUNK_SECONDS + TAIL_SECONDS) * SHARE)
    return run_ours("live", engine, {**env, "WHISPER_AUDIO_CONTEXT": positions, MODEL: model})


def run_final(models: Models, env: Mapping[str, str], beam: str, engine: str = PER_CALL) -> float:
    model = models.write("final", WINDOW_SECONDS)
    return run_ours("final", engine, {**env, "WHISPER_BEAM_SIZE": beam, MODEL: model})


def run_ours(name: str, engine: str, env: Mapping[str, str]) -> float:
    """CPU minutes for an hour. Raises BenchError."""
    found = run_module("bench.cost_probe", [name, engine], env)
    if "fix" in found:
        raise BenchError(found["fix"])
    return float(found["cpu_seconds"]) / float(found["minutes"])


def run_plain(flags: Sequence[str], models: Models, program: str) -> Work:
    meeting = build_sparse_meeting()
    minutes = meeting.duration / 60
    chunk = models.write("chunk", CHUNK_SECONDS * SHARE)
    whole = models.write("whole", WINDOW_SECONDS * SHARE)
    chunks = sum(run_once(flags, program, chunk, each) for each in cut_pieces(meeting))
    return Work(chunks / minutes, run_once(flags, program, whole, meeting) / minutes)


def run_once(flags: Sequence[str], program: str, model: str, audio: Audio) -> float:
    """Raises BenchError."""
    sound = Path(model).with_name("sound.wav")
    sound.write_bytes(encode_wav(audio))
    command = [program, "-m", model, "-f", str(sound), "-oj", "-of", str(sound), *PLAIN, *flags]
    before = os.times()
    ended = subprocess.run(  # noqa: S603 - a list and no shell
        command, capture_output=True, timeout=LONGEST_SECONDS, check=False
    )
    after = os.times()
    if ended.returncode:
        raise BenchError(f"{program} ended with status {ended.returncode}")
    used = after.children_user + after.children_system
    return used - before.children_user - before.children_system
