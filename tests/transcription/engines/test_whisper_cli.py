"""The program runs for real where one is found; its failures are played by small scripts."""

import json
import shutil
import time
from pathlib import Path

import pytest

from tests.timing import check_seconds
from tests.transcription.engines.whisper_stage import (
    GOOD,
    PROGRAM,
    SPEECH,
    Stage,
    fail,
    needs_whisper,
)
from transcription.engines import whisper_cli, whisper_model
from transcription.engines.base import Availability, Options
from transcription.engines.whisper_cli import WhisperCli


@needs_whisper
def test_real_program_and_model_give_words_with_times(model: str) -> None:
    engine = WhisperCli(PROGRAM, model)
    assert engine.check() == Availability(True)
    assert engine.model == "ggml-scripted.en"
    first = engine.transcribe(SPEECH.slice(0, 3.5), Options()).segments[0]
    assert (first.text, first.start, first.end) == ("good morning and welcome", 0.0, 1.0)
    assert [word.text for word in first.words] == first.text.split()
    assert all(0 <= word.start <= word.end <= 1 for word in first.words)
    assert first.confidence == pytest.approx(1, abs=0.05)


@needs_whisper
def test_real_program_hears_a_sound_of_half_a_second(model: str) -> None:
    segments = WhisperCli(PROGRAM, model).transcribe(SPEECH.slice(1, 1.5), Options()).segments
    assert segments[0].text == "good morning and welcome"
    assert segments[0].end == 0.5


@needs_whisper
def test_real_program_refuses_a_broken_model_for_good(tmp_path: Path) -> None:
    broken = tmp_path / "ggml-broken.en.bin"
    broken.write_bytes(b"lmgg" + bytes(100))
    failure = fail(WhisperCli(PROGRAM, str(broken)))
    assert f"the model {broken} cannot be loaded" in failure.message
    assert "setup_whisper" in failure.message
    assert failure.permanent


@needs_whisper
def test_real_program_refuses_a_model_that_is_cut_short(model: str, tmp_path: Path) -> None:
    cut = tmp_path / "ggml-cut.en.bin"
    cut.write_bytes(Path(model).read_bytes()[:3_000_000])
    failure = fail(WhisperCli(PROGRAM, str(cut)))
    assert "cannot be loaded" in failure.message
    assert failure.permanent


def test_result_of_the_file_is_believed(stage: Stage) -> None:
    (segment,) = stage.play_result(json.dumps(GOOD)).transcribe(SPEECH, Options()).segments
    assert (segment.text, segment.start, segment.end) == ("Hello there.", 0.0, 0.9)


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
    monkeypatch.setattr(whisper_model, "SHORTEST_TIMEOUT_SECONDS", 1.0)
    monkeypatch.setattr(whisper_model, "TIMEOUT_PER_SECOND", 0.0)
    started = time.monotonic()
    failure = fail(stage.play("sleep 60"))
    check_seconds(time.monotonic() - started, 5)
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


@pytest.mark.parametrize("folder", ["", "build/bin"])
def test_program_in_a_folder_of_whisper_is_found(stage: Stage, folder: str) -> None:
    stage.play()
    place = stage.program.parent / "whisper.cpp" / folder
    place.mkdir(parents=True)
    program = shutil.copy(stage.program, place / "whisper-cli")
    assert whisper_cli.find_program(str(stage.program.parent / "whisper.cpp")) == str(program)


def test_program_that_may_not_be_run_is_not_taken(stage: Stage) -> None:
    stage.play()
    stage.program.chmod(0o644)
    engine = WhisperCli(str(stage.program), str(stage.model))
    assert "is no program that can run" in engine.check().fix


def test_megabytes_on_stdout_are_stopped(stage: Stage) -> None:
    failure = fail(stage.play("head -c 20000000 /dev/zero"))
    assert "ended with status" in failure.message


def test_missing_model_says_what_to_set(stage: Stage) -> None:
    stage.play("exit 0")
    assert "Set WHISPER_MODEL_PATH" in WhisperCli(str(stage.program), "").check().fix
    missing = WhisperCli(str(stage.program), "/nowhere/ggml.bin").check()
    assert missing.fix == ("WHISPER_MODEL_PATH=/nowhere/ggml.bin is no readable ggml model file.")


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


def test_program_that_never_says_what_it_can_is_not_taken(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whisper_cli, "CHECK_SECONDS", 0.5)
    stage.play()
    stage.program.write_text("#!/bin/sh\nsleep 60\n")
    started = time.monotonic()
    fix = WhisperCli(str(stage.program), str(stage.model)).check().fix
    assert "does not start, or is not whisper-cli" in fix
    check_seconds(time.monotonic() - started, 5)


def test_program_that_says_nothing_at_all_is_a_failure(stage: Stage) -> None:
    failure = fail(stage.play("exit 0"))
    assert failure.message == "whisper_cli ended without a result file"
