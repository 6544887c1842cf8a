"""A script that plays whisper-cli, well or badly, and may change its mind while a service runs."""

import json
import tempfile
from pathlib import Path
from typing import Any

from tests.faults.recorder import SteadyRecorder
from tests.faults.sounds import encode, mix_meeting
from tests.faults.world import World

SAID = "hello there"
GOOD = {"transcription": [{"offsets": {"from": 0, "to": 2500}, "text": f" {SAID}"}]}
# $OUT is the path after -of, as the real program understands it.
SCRIPT = """#!/bin/sh
[ "$1" = "--help" ] && {{ echo '--output-json -ojf, -sns,'; exit 0; }}
for a in "$@"; do [ "$last" = "-of" ] && OUT="$a"; last="$a"; done
echo ran >> "{folder}/runs"
case $(cat "{folder}/mode") in
  crash) kill -SEGV $$ ;;
  fail) echo out of memory >&2; exit 1 ;;
  silent) exit 0 ;;
  garbage) head -c 100000 /dev/urandom > "$OUT.json" ;;
  shout) head -c 20000000 /dev/urandom; exit 0 ;;
  hang) sleep 987654 ;;
  good) cp "{folder}/good.json" "$OUT.json" ;;
esac
"""
WAYS_TO_FAIL = ("crash", "fail", "silent", "garbage", "shout")


class PlayedEngine:
    """Use as a context; ``env`` makes a service use it."""

    def __init__(self, mode: str) -> None:
        self.temporary = tempfile.TemporaryDirectory(prefix="ib-engine-")
        self.folder = Path(self.temporary.name)
        self.play(mode)
        (self.folder / "good.json").write_text(json.dumps(GOOD))
        self.model.write_bytes(b"lmgg and weights")
        self.program.write_text(SCRIPT.format(folder=self.folder))
        self.program.chmod(0o755)

    def __enter__(self) -> "PlayedEngine":
        return self

    def __exit__(self, *_: object) -> None:
        self.temporary.cleanup()

    @property
    def program(self) -> Path:
        return self.folder / "whisper-cli"

    @property
    def model(self) -> Path:
        return self.folder / "ggml-played.en.bin"

    @property
    def env(self) -> dict[str, Any]:
        return {"WHISPER_PATH": str(self.program), "WHISPER_MODEL_PATH": str(self.model)}

    def play(self, mode: str) -> None:
        """What the next run does."""
        part = self.folder / "mode.part"
        part.write_text(mode)
        part.rename(self.folder / "mode")

    def count_runs(self) -> int:
        path = self.folder / "runs"
        return len(path.read_text().splitlines()) if path.exists() else 0


class HungEngine:
    """A service whose first engine hangs, with a stopped meeting that waits for it."""

    def __init__(self) -> None:
        self.engine = PlayedEngine("hang")
        self.world = World(**self.engine.env, SPEECH_ENGINES="whisper_cli,pocketsphinx")
        self.pieces = mix_meeting(speech=1, tones=3)

    def __enter__(self) -> "HungEngine":
        self.world.__enter__()
        self.recorder = SteadyRecorder(self.world)
        self.meeting_id = self.recorder.start()
        self.recorder.send_all(self.meeting_id, encode(self.pieces))
        self.recorder.stop(self.meeting_id)
        return self

    def __exit__(self, *_: object) -> None:
        self.world.__exit__()
        self.engine.__exit__()
