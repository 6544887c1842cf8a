"""Hears who speaks when, in a process of its own that keeps pyannote's pipeline loaded.

Run by ``pyannote.Pyannote``, never imported by the service: torch and the models take gigabytes,
and the kernel that runs out of memory must take this process and not the worker.

Usage: python -m transcription.diarization.diarize_process SOURCE DEVICE. SOURCE is a folder with
a config.yaml or a name on the model hub, DEVICE auto, cpu or cuda. Each line on stdin is a
``Question``, each line on stdout an ``Answer``. HF_TOKEN is read from the environment.
"""

import json
import os
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, TypedDict

from transcription.diarization.torchaudio_shim import ensure_torchaudio

SAMPLE_RATE = 16_000
NICENESS = 5  # live transcription goes first; with 10 a busy machine hardly let it work
OOM_SCORE = "800"  # of -1000..1000: the first one that Linux ends when memory runs out
WATCH_SECONDS = 2.0
LONGEST_ERROR = 500  # characters; an answer is one write, which a pipe keeps in one piece

# What went wrong, for the parent: it knows what to say about each.
REFUSED, UNREACHABLE, MEMORY, MISSING, FAILED = (
    "refused",
    "unreachable",
    "memory",
    "missing",
    "failed",
)
REFUSALS = (401, 403, 404)  # no token, terms not accepted, no such pipeline or not for you


class Question(TypedDict):
    """``audio`` is a file of PCM16 at 16 kHz; the turns go to the file ``result``, as JSON:
    a list of [start_ms, end_ms, label]. ``count`` has num_speakers, min_speakers, max_speakers.
    """

    id: str
    asker: int
    audio: str
    result: str
    count: dict[str, int]


class Answer(TypedDict, total=False):
    id: str
    seconds: float
    device: str
    problem: str
    error: str


class Listener:
    """The pipeline, loaded with the first question."""

    def __init__(self, source: str, device: str) -> None:
        self.source = source
        self.device = device
        self.pipeline: Any = None

    def hear(self, question: Question) -> None:
        pipeline = self.load()
        waveform = read_waveform(question["audio"])
        sound = {"waveform": waveform, "sample_rate": SAMPLE_RATE, "uri": question["id"]}
        found = pipeline(sound, **question["count"]) if waveform.shape[1] else None
        turns = list_turns(found) if found is not None else []
        Path(question["result"]).write_text(json.dumps(turns))

    def load(self) -> Any:
        if self.pipeline is None:
            ensure_torchaudio()
            # heavy: gigabytes, seconds; this process exists to have them
            import torch  # noqa: PLC0415
            from pyannote.audio import Pipeline  # noqa: PLC0415

            token = os.environ.get("HF_TOKEN") or None
            pipeline: Any = Pipeline.from_pretrained(self.source, token=token)
            if self.device == "auto":
                self.device = "cuda" if torch.cuda.is_available() else "cpu"
            pipeline.to(torch.device(self.device))
            self.pipeline = pipeline
        return self.pipeline


def read_waveform(path: str) -> Any:
    """float32 of shape (1, samples), -1..1: pyannote's own file reader needs more libraries."""
    # heavy: loaded with the pipeline
    import numpy as np  # noqa: PLC0415
    import torch  # noqa: PLC0415

    samples = np.fromfile(path, np.int16).astype(np.float32)
    samples /= 32_768
    return torch.from_numpy(samples).unsqueeze(0)


def list_turns(output: Any) -> list[tuple[int, int, str]]:
    """Turns without overlap, which is what a transcript needs: one speaker for each word."""
    annotation = getattr(output, "exclusive_speaker_diarization", output)
    return [
        (round(turn.start * 1000), round(turn.end * 1000), str(label))
        for turn, _, label in annotation.itertracks(yield_label=True)
    ]


def answer(listener: Listener, question: Question) -> Answer:
    started = time.monotonic()
    try:
        listener.hear(question)
    except Exception as error:  # noqa: BLE001 - the rim of this process: told to the parent
        text = f"{type(error).__name__}: {error}"
        shown = " ".join(text.split())[:LONGEST_ERROR]
        return {"id": question["id"], "problem": classify_error(error), "error": shown}
    seconds = round(time.monotonic() - started, 3)
    return {"id": question["id"], "seconds": seconds, "device": listener.device}


def classify_error(error: BaseException) -> str:
    """By class name, because the classes are those of packages that may have failed to load."""
    names = {kind.__name__ for kind in type(error).__mro__}
    if "HfHubHTTPError" in names:
        status = getattr(getattr(error, "response", None), "status_code", 0)
        return REFUSED if status in REFUSALS else UNREACHABLE
    if names & {"LocalEntryNotFoundError", "ConnectionError", "ConnectError", "TransportError"}:
        return UNREACHABLE
    if names & {"MemoryError", "OutOfMemoryError"}:
        return MEMORY
    if names & {"ImportError"}:
        return MISSING
    return FAILED


def keep_stdout_to_ourselves() -> BinaryIO:
    """Whatever a library prints goes to stderr; only answers go to the parent."""
    output = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    return output


def step_back() -> None:
    """Others on this machine go first, and live longer."""
    os.nice(NICENESS)
    with suppress(OSError):  # not Linux, or a container that hides it
        Path("/proc/self/oom_score_adj").write_text(OOM_SCORE)


def watch_asker(current: dict[str, int]) -> None:
    """Ends this process when whoever asked is gone: nobody would read the answer."""
    while True:
        time.sleep(WATCH_SECONDS)
        asker = current.get("asker", 0)
        if asker and not is_alive(asker):
            os._exit(0)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def main() -> None:
    output = keep_stdout_to_ourselves()
    step_back()
    listener = Listener(sys.argv[1], sys.argv[2])
    current: dict[str, int] = {}
    threading.Thread(target=watch_asker, args=(current,), daemon=True).start()
    for line in sys.stdin.buffer:
        question: Question = json.loads(line)
        current["asker"] = question["asker"]
        reply = answer(listener, question)
        current["asker"] = 0
        output.write(json.dumps(reply).encode() + b"\n")


if __name__ == "__main__":
    main()
