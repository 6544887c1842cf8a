"""What the process says about what went wrong, and where a library's words go."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from transcription.diarization import diarize_process as process
from transcription.diarization.torchaudio_shim import build_extension, forget_modules

ROOT = Path(process.__file__).resolve().parents[2]


class HfHubHTTPError(OSError):
    """Named like the model hub's own; a subclass stands for a gated repository."""

    def __init__(self, status: int) -> None:
        super().__init__("hub")
        self.response = type("Response", (), {"status_code": status})


class GatedRepoError(HfHubHTTPError):
    pass


class LocalEntryNotFoundError(FileNotFoundError):
    pass


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (GatedRepoError(403), "refused"),
        (HfHubHTTPError(401), "refused"),
        (HfHubHTTPError(503), "unreachable"),
        (LocalEntryNotFoundError("no network"), "unreachable"),
        (MemoryError(), "memory"),
        (ModuleNotFoundError("No module named 'torch'"), "missing"),
        (ValueError("odd"), "failed"),
    ],
)
def test_problem_is_named_by_its_kind(error: Exception, problem: str) -> None:
    assert process.classify_error(error) == problem


def test_process_answers_one_line_for_a_pipeline_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "sound.pcm").write_bytes(bytes(3200))
    question = {
        "id": "7",
        "asker": os.getpid(),
        "audio": str(tmp_path / "sound.pcm"),
        "result": str(tmp_path / "turns.json"),
        "count": {},
    }
    ended = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-E", "-s", "-m", process.__name__, str(tmp_path), "cpu"],
        input=json.dumps(question).encode() + b"\n",
        cwd=ROOT,
        capture_output=True,
        timeout=120,
        check=True,
    )
    (line,) = ended.stdout.splitlines()
    answer = json.loads(line)
    assert (answer["id"], answer["problem"] in {"missing", "failed"}) == ("7", True)


def test_shim_forgets_a_half_imported_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "half", sys)
    monkeypatch.setitem(sys.modules, "half.part", sys)
    monkeypatch.setitem(sys.modules, "halfway", sys)
    forget_modules("half")
    assert {"half", "half.part", "halfway"} & sys.modules.keys() == {"halfway"}


def test_shim_says_that_there_are_no_compiled_operators() -> None:
    extension = vars(build_extension())
    assert extension["_IS_TORCHAUDIO_EXT_AVAILABLE"] is False
    assert extension["fail_if_no_align"](len) is len
