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
from bench.parts.engines import TINY_HEADS, TINY_WIDTH, build_env
from bench.probes import LONGEST_SECONDS, run_module
from bench.report import Row, Table, judge
from bench.service import BenchError, temporary_folder
from bench.sounds import build_sparse_meeting, cut_pieces, read_text
from tests.transcription.engines import tiny_whisper
from transcription.audio import Audio, encode_wav

CHUNK_SECONDS, WINDOW_SECONDS, SHARE, TAIL_SECONDS = 10.0, 30.0, 0.7, 1.5
LONGEST_PIECE = 6  # letters; a word of more is two tokens, as it mostly is in the real vocabulary
GOAL = 0.5


@dataclass(frozen=True, slots=True)
class Way:
    """One comparison: the flags of the plain program, the beam of our final pass, how much of the
    encoder's window is computed live (0: as much as the sound needs)."""

    name: str
    flags: tuple[str, ...]
    beam: str
    positions: str = "0"


BEAM_1 = ("-bs", "1", "-bo", "1")
WAYS = (
    Way("both at beam 1", BEAM_1, "1"),
    Way("each with its default, beam 5", (), "5"),
    Way("beam 1, live with the whole window", BEAM_1, "1", "1500"),
)
# One thread: two that wait for each other on a busy machine spin, and spinning counts as work.
# No second tries and no context for the plain program: a scripted model loses its thread there,
# and would look dearer than a real one.
PLAIN = ("-t", "1", "-nf", "-mc", "0")


@dataclass(frozen=True, slots=True)
class Models:
    """One model as big as `tiny` that says as much as is spoken in what it is given: a plain
    chunk or window has its share of pauses, what we give is speech alone."""

    folder: Path

    def write(self, name: str, spoken_seconds: float) -> str:
        path = self.folder / f"ggml-{name}.en.bin"
        if not path.exists():
            with patch.multiple(tiny_whisper, STATE=TINY_WIDTH, HEADS=TINY_HEADS):
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
        env = build_env(folder, "")
        if not env["WHISPER_PATH"]:
            raise BenchError("no whisper-cli: set WHISPER_PATH")
        rows = [compare(way, Models(folder), env) for way in WAYS]
    notes = (
        f"CPU seconds of whisper-cli for {build_sparse_meeting().duration:.0f} s of a meeting, of "
        f"which somebody speaks {SHARE:.0%}, chunks of 10 s, by a generated model of the size of "
        "`tiny`.",
        "plain: the program for every chunk and once for the whole, without second tries. ours: "
        "chunks as heard live (with the tail of the one before, beam 1), and the final pass.",
    )
    wanted = float(str(rows[0]["ours / plain"]))
    goal = judge("whisper's CPU time at beam 1, ours / plain", wanted, at_most=GOAL)
    return [Table("Whisper's work in a meeting", tuple(rows), notes), Table("Goals", (goal,))]


def compare(way: Way, models: Models, env: Mapping[str, str]) -> Row:
    plain_chunks, plain_whole = run_plain(way, models, env["WHISPER_PATH"])
    wishes = {
        "WHISPER_BEAM_SIZE": way.beam,
        "WHISPER_AUDIO_CONTEXT": way.positions,
        "WHISPER_THREADS": "1",
    }
    spoken = {"live": (CHUNK_SECONDS + TAIL_SECONDS) * SHARE, "final": WINDOW_SECONDS}
    ours = {
        name: run_ours(name, {**env, **wishes, "WHISPER_MODEL_PATH": models.write(name, seconds)})
        for name, seconds in spoken.items()
    }
    return {
        "what": way.name,
        "plain chunks": plain_chunks,
        "plain whole": plain_whole,
        "our live": ours["live"],
        "our final": ours["final"],
        "ours / plain": sum(ours.values()) / (plain_chunks + plain_whole),
    }


def run_ours(name: str, env: Mapping[str, str]) -> float:
    found = run_module("bench.cost_probe", [name], env)
    if "fix" in found:
        raise BenchError(found["fix"])
    return float(found["cpu_seconds"])


def run_plain(way: Way, models: Models, program: str) -> tuple[float, float]:
    """CPU seconds for the chunks, and for the whole."""
    meeting = build_sparse_meeting()
    chunk = models.write("chunk", CHUNK_SECONDS * SHARE)
    whole = models.write("whole", WINDOW_SECONDS * SHARE)
    chunks = sum(run_once(way.flags, program, chunk, each) for each in cut_pieces(meeting))
    return chunks, run_once(way.flags, program, whole, meeting)


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
