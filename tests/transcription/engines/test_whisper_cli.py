"""The program runs for real where one is found; its failures are played by small scripts."""

import json
import os
import shutil
import sys
import time
from pathlib import Path

import pytest

from tests.transcription.engines.tiny_whisper import write_model
from tests.transcription.sounds import load_speech
from transcription.engines import whisper_cli
from transcription.engines.base import EngineError, Options
from transcription.engines.whisper_cli import WhisperCli

# requirements-dev.txt brings a real one; it lies beside the interpreter.
PLACES = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
PROGRAM = os.environ.get("WHISPER_PATH") or next(
    (path for name in whisper_cli.PROGRAM_NAMES if (path := shutil.which(name, path=PLACES))), ""
)
needs_whisper = pytest.mark.skipif(not PROGRAM, reason="no whisper-cli: set WHISPER_PATH")

SPEECH, _ = load_speech()
HELP = "echo '--output-json -ojf, -sns,'"
# $OUT is the path after -of, as the real program understands it.
FIND_OUT = 'for a in "$@"; do [ "$last" = "-of" ] && OUT="$a"; last="$a"; done'
GOOD = {"transcription": [{"offsets": {"from": 0, "to": 900}, "text": " Hello there."}]}


class Stage:
    """A folder in which a script plays whisper-cli."""

    def __init__(self, folder: Path) -> None:
        self.program = folder / "whisper-cli"
        self.model = folder / "ggml-tiny.en.bin"
        self.model.write_bytes(b"lmgg and weights")

    def play(self, *lines: str) -> WhisperCli:
        start = f'[ "$1" = "--help" ] && {{ {HELP}; exit 0; }}'
        self.program.write_text("\n".join(["#!/bin/sh", start, FIND_OUT, *lines, ""]))
        self.program.chmod(0o755)
        return WhisperCli(str(self.program), str(self.model))

    def play_result(self, text: str) -> WhisperCli:
        result = self.program.with_suffix(".json")
        result.write_text(text)
        return self.play(f'cp "{result}" "$OUT.json"')


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("whisper") / "ggml-scripted.en.bin"
    write_model(path, "good morning and welcome", end=1.0)
    return str(path)


def fail(engine: WhisperCli, options: Options | None = None) -> EngineError:
    with pytest.raises(EngineError) as failure:
        engine.transcribe(SPEECH, options or Options())
    assert str(failure.value).startswith("whisper_cli")
    return failure.value


@needs_whisper
def test_real_program_and_model_give_words_with_times(model: str) -> None:
    engine = WhisperCli(PROGRAM, model)
    assert engine.check() == (True, "")
    assert engine.model == "ggml-scripted.en"
    first = engine.transcribe(SPEECH.slice(0, 3.5), Options())[0]
    assert (first.text, first.start, first.end) == ("good morning and welcome", 0.0, 1.0)
    assert [word.text for word in first.words] == first.text.split()
    assert all(0 <= word.start <= word.end <= 1 for word in first.words)
    assert first.confidence == pytest.approx(1, abs=0.05)


@needs_whisper
def test_real_program_hears_a_sound_of_half_a_second(model: str) -> None:
    segments = WhisperCli(PROGRAM, model).transcribe(SPEECH.slice(1, 1.5), Options())
    assert segments[0].text == "good morning and welcome"
    assert segments[0].end == 0.5


@needs_whisper
def test_real_program_refuses_a_broken_model_for_good(tmp_path: Path) -> None:
    broken = tmp_path / "ggml-broken.en.bin"
    broken.write_bytes(b"lmgg" + bytes(100))
    assert "ended with status" in str(fail(WhisperCli(PROGRAM, str(broken))))


def test_result_of_the_file_is_believed(stage: Stage) -> None:
    (segment,) = stage.play_result(json.dumps(GOOD)).transcribe(SPEECH, Options())
    assert (segment.text, segment.start, segment.end) == ("Hello there.", 0.0, 0.9)


def test_wishes_reach_the_program(stage: Stage) -> None:
    arguments = stage.program.with_name("arguments")
    json_file = stage.program.with_name("good")
    json_file.write_text(json.dumps(GOOD))
    engine = stage.play(f'echo "$@" > {arguments}', f'cp {json_file} "$OUT.json"')
    engine.transcribe(SPEECH, Options(language="en-GB", prompt="Anna; $(reboot)"))
    written = arguments.read_text()
    assert "-l en " in written
    assert "--prompt Anna; $(reboot)" in written
    assert "-sns" in written
    assert "-np" not in written


def test_what_is_on_stdout_is_no_result(stage: Stage) -> None:
    failure = fail(stage.play(f"echo '{json.dumps(GOOD)}'"))
    assert failure.message == "whisper_cli ended without a result file"
    assert failure.permanent


def test_crash_may_pass(stage: Stage) -> None:
    failure = fail(stage.play("kill -SEGV $$"))
    assert "ended with status -11" in failure.message
    assert not failure.permanent


def test_last_words_of_the_program_are_kept(stage: Stage) -> None:
    failure = fail(stage.play("echo loading >&2; echo out of memory >&2; exit 1"))
    assert failure.message == "whisper_cli ended with status 1: out of memory"


def test_hanging_program_is_stopped(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whisper_cli, "SHORTEST_TIMEOUT_SECONDS", 1.0)
    monkeypatch.setattr(whisper_cli, "TIMEOUT_PER_SECOND", 0.0)
    started = time.monotonic()
    failure = fail(stage.play("sleep 60"))
    assert time.monotonic() - started < 5
    assert "had no result after" in failure.message
    assert not failure.permanent


RESULTS = {
    "empty file": "",
    "no JSON": "hello",
    "another JSON": "[1, 2]",
    "no transcription": '{"result": {}}',
    "text is a number": '{"transcription": [{"offsets": {"from": 0, "to": 1}, "text": 5}]}',
    "no times": '{"transcription": [{"text": "hello"}]}',
    "times are words": '{"transcription": [{"offsets": {"from": "a", "to": 1}, "text": "x"}]}',
    "too deep": "[" * 100_000,
}


@pytest.mark.parametrize("text", RESULTS.values(), ids=RESULTS.keys())
def test_garbage_in_the_file_is_a_failure(stage: Stage, text: str) -> None:
    failure = fail(stage.play_result(text))
    assert "cannot be read" in failure.message
    assert failure.permanent


def test_endless_result_is_stopped(stage: Stage) -> None:
    failure = fail(stage.play('head -c 5000000 /dev/zero > "$OUT.json"'))
    assert "ended with status" in failure.message or "too large" in failure.message


def test_nothing_is_left_behind(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = stage.program.with_name("temporary")
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    stage.play_result(json.dumps(GOOD)).transcribe(SPEECH, Options())
    fail(stage.play("exit 1"))
    assert list(folder.iterdir()) == []


def test_english_model_refuses_other_languages(stage: Stage) -> None:
    failure = fail(stage.play_result(json.dumps(GOOD)), Options(language="fr"))
    assert "knows English only" in failure.message
    assert failure.permanent


def test_missing_model_says_what_to_set(stage: Stage) -> None:
    stage.play("exit 0")
    assert "Set WHISPER_MODEL_PATH" in WhisperCli(str(stage.program), "").check().fix
    missing = WhisperCli(str(stage.program), "/nowhere/ggml.bin").check()
    assert missing == (
        False,
        "WHISPER_MODEL_PATH=/nowhere/ggml.bin is no readable ggml model file.",
    )


def test_model_that_is_something_else_is_not_taken(stage: Stage) -> None:
    stage.play("exit 0")
    stage.model.write_bytes(b"PK\3\4")
    assert not WhisperCli(str(stage.program), str(stage.model)).check().is_ready


@pytest.mark.parametrize("name", ["/nowhere/whisper-cli", "whisper-cli-that-is-not-there"])
def test_missing_program_says_what_to_set(stage: Stage, name: str) -> None:
    assert WhisperCli(name, str(stage.model)).check().fix == (
        f"Set WHISPER_PATH: {name} is no program that can run."
    )


def test_program_that_cannot_start_is_not_taken(stage: Stage) -> None:
    stage.play()
    stage.program.write_bytes(b"\x7fELF and then nonsense")
    engine = WhisperCli(str(stage.program), str(stage.model))
    assert "does not start, or is not whisper-cli" in engine.check().fix
    assert fail(engine).permanent


def test_program_on_the_path_is_found(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.play()
    monkeypatch.setenv("PATH", f"{stage.program.parent}:/usr/bin:/bin")
    assert WhisperCli("", str(stage.model)).check().is_ready
