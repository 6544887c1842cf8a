import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.core.management import call_command

from tests.transcription.sounds import load_speech
from transcription.audio import Audio, encode_wav
from transcription.engines import base
from transcription.engines.base import Availability, EngineError, Heard, Options, forget_engines
from transcription.engines.breaker import forget_breakers
from transcription.scorecard import BadReference, read_reference
from transcription.types import Segment, SpeakerTurn

SPEECH, SAID = load_speech(2)
FILES = ("ann.wav", "ann.json")
UTTERANCES = [
    {"text": "good morning", "start": 0.5, "end": 4.0, "speaker": "Ann"},
    {"text": "and welcome", "start": 5.0, "end": 9.0, "speaker": "Bob"},
]


class Listener:
    """An engine that hears one word too few and the right speakers."""

    name, model, window_seconds = "listener", "scripted", None
    segments: ClassVar = (
        Segment(0.5, 4.0, "Good morning!", speaker="0"),
        Segment(5.0, 9.0, "and", speaker="1"),
    )

    def check(self) -> Availability:
        return Availability(True)

    def transcribe(self, audio: Audio, options: Options) -> Heard:
        return Heard(self.segments)


class Broken(Listener):
    def transcribe(self, audio: Audio, options: Options) -> Heard:
        raise EngineError("broken: out of order", permanent=True)


class Absent(Listener):
    def check(self) -> Availability:
        return Availability(False, "Install it.")


@pytest.fixture(autouse=True)
def _engines(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    forget_engines()
    forget_breakers()
    for engine in (Listener, Broken, Absent):
        path = f"{__name__}.{engine.__name__}"
        monkeypatch.setitem(base.ENGINES, engine.__name__.lower(), path)
    yield
    forget_engines()
    forget_breakers()


@pytest.fixture
def score(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Exit code, stdout and stderr of the command, run where the files are."""
    (tmp_path / "ann.wav").write_bytes(encode_wav(SPEECH))
    (tmp_path / "ann.json").write_text(json.dumps({"utterances": UTTERANCES}))

    def run(*arguments: str) -> tuple[int, str, str]:
        paths = [str(tmp_path / name) if "." in name else name for name in arguments]
        code = 0
        try:
            call_command("score", *paths)
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


Run = Callable[..., tuple[int, str, str]]


def read(run: Run, *arguments: str) -> dict[str, Any]:
    code, out, _ = run(*FILES, "--json", *arguments)
    found: dict[str, Any] = {"code": code, **json.loads(out)}
    return found


def test_words_letters_speakers_and_time_are_scored(score: Run) -> None:
    found = read(score, "--engine", "listener")
    (result,) = found["scores"]
    assert found["code"] == 0
    assert result["words"]["rate"] == 0.25
    assert result["words"]["deletions"] == 1
    assert result["characters"]["errors"] == len(" welcome")
    assert result["speakers"]["rate"] == 0
    assert result["rtf"] == pytest.approx(result["work_seconds"] / SPEECH.duration)


def test_table_has_a_line_for_each_engine(score: Run) -> None:
    code, out, _ = score(*FILES, "--engine", "listener", "--engine", "pocketsphinx")
    assert code == 0
    assert "25.0" in next(line for line in out.splitlines() if "listener" in line)
    assert "en-us" in next(line for line in out.splitlines() if "pocketsphinx" in line)


def test_real_engine_is_nearly_right(score: Run, tmp_path: Path) -> None:
    (tmp_path / "said.txt").write_text(SAID)
    _, out, _ = score("ann.wav", "said.txt", "--json", "--engine", "pocketsphinx")
    (result,) = json.loads(out)["scores"]
    assert result["words"]["rate"] < 0.35
    assert result["characters"]["rate"] <= result["words"]["rate"]
    assert result["speakers"] is None


def test_sample_meeting_is_the_default(score: Run) -> None:
    code, out, _ = score("--json", "--engine", "listener")
    assert code == 0
    assert json.loads(out)["audio_seconds"] == pytest.approx(139.48, abs=0.1)


def test_all_that_can_work_are_the_default(score: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("broken", "deepgram", "whisper_cli", "whisper_resident", "pocketsphinx"):
        monkeypatch.delitem(base.ENGINES, name, raising=False)
    found = read(score)
    assert [result["engine"] for result in found["scores"]] == ["listener"]
    assert found["not_available"] == {"absent": "Install it."}
    assert found["code"] == 0


@pytest.mark.parametrize(
    ("name", "reason"), [("absent", "Install it."), ("broken", "out of order")]
)
def test_named_engine_that_cannot_work_is_a_failure(score: Run, name: str, reason: str) -> None:
    found = read(score, "--engine", name, "--engine", "listener")
    assert reason in found["failed"][name]
    assert len(found["scores"]) == 1
    assert found["code"] == 1


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["ann.wav"], "neither for the sample meeting"),
        (["none.wav", "ann.json"], "cannot be read"),
        (["ann.json", "ann.json"], "not a sound file"),
        (["ann.wav", "none.txt"], "cannot be read"),
        (["ann.wav", "ann.wav"], "not UTF-8"),
    ],
)
def test_unusable_files_are_told(score: Run, arguments: list[str], reason: str) -> None:
    code, _, err = score(*arguments)
    assert code == 2
    assert reason in err


@pytest.mark.parametrize("content", ["{}", "[]", "5", '{"utterances": [{}]}', '{"utterances": 3}'])
def test_json_without_text_is_no_reference(tmp_path: Path, content: str) -> None:
    (tmp_path / "said.json").write_text(content)
    with pytest.raises(BadReference, match="must be JSON"):
        read_reference(tmp_path / "said.json")


def test_reference_without_words_is_none(tmp_path: Path) -> None:
    (tmp_path / "said.txt").write_text(" ... \n")
    with pytest.raises(BadReference, match="no words"):
        read_reference(tmp_path / "said.txt")


def test_reference_keeps_turns_and_language(tmp_path: Path) -> None:
    body = {"language": "de", "utterances": [*UTTERANCES, {"text": "bye"}]}
    (tmp_path / "said.json").write_text(json.dumps(body))
    found = read_reference(tmp_path / "said.json")
    assert found.text == "good morning and welcome bye"
    assert found.turns == (SpeakerTurn(0.5, 4, "Ann"), SpeakerTurn(5, 9, "Bob"))
    assert found.language == "de"
