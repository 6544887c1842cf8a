import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as product
from django.core.management import CommandError, call_command
from pytest_django import Settings

from tests.transcription.model_server import ModelServer, make_model_bytes, serving_model
from transcription.models_catalogue import BASE_URL, MODELS

MODEL = MODELS["tiny-q5_1"]
CONTENT = make_model_bytes(MODEL)
NOWHERE = "http://127.0.0.1:9/models"


@pytest.fixture(autouse=True)
def _own_folders(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.BASE_DIR, settings.DATA_DIR = tmp_path, tmp_path / "var"
    settings.WHISPER_MODEL_URL = ""
    monkeypatch.setenv("WHISPER_MODEL_PATH", "")


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with serving_model(CONTENT) as server:
        yield server


def run(*arguments: str) -> int:
    try:
        call_command("setup_whisper", *arguments)
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def fetch(url: str, *more: str) -> int:
    return run("--model", MODEL.name, "--url", url, *more)


def test_model_is_fetched_and_set(server: ModelServer, tmp_path: Path) -> None:
    assert fetch(server.url) == 0
    path = tmp_path / "var" / "models" / "ggml-tiny-q5_1.bin"
    assert path.read_bytes() == CONTENT
    assert (tmp_path / ".env").read_text() == f"WHISPER_MODEL_PATH={path}\n"


def test_folder_and_address_can_be_chosen(
    server: ModelServer, tmp_path: Path, settings: Settings
) -> None:
    settings.WHISPER_MODEL_URL = f"{server.url}/"
    assert run("--model", MODEL.name, "--dir", str(tmp_path / "mine")) == 0
    assert (tmp_path / "mine" / MODEL.file_name).read_bytes() == CONTENT


def test_second_run_fetches_nothing(
    server: ModelServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fetch(server.url) == fetch(server.url) == 0
    assert len(server.requests) == 1
    assert "is there already" in capsys.readouterr().out


def test_file_placed_by_hand_is_used_without_a_network(tmp_path: Path) -> None:
    path = tmp_path / "var" / "models" / MODEL.file_name
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT)
    assert fetch(NOWHERE) == 0
    assert str(path) in (tmp_path / ".env").read_text()


def test_damaged_file_is_replaced(server: ModelServer, tmp_path: Path) -> None:
    path = tmp_path / "var" / "models" / MODEL.file_name
    path.parent.mkdir(parents=True)
    path.write_bytes(b"<html>")
    assert fetch(server.url) == 0
    assert path.read_bytes() == CONTENT


def test_machine_without_internet_is_told_what_to_do(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert fetch(NOWHERE) == 1
    said = capsys.readouterr().err
    assert "does not reach 127.0.0.1" in said
    assert "copy the file to" in said
    assert str(tmp_path / "var" / "models" / MODEL.file_name) in said
    assert "Traceback" not in said
    assert not (tmp_path / ".env").exists()


def test_missing_file_is_told(server: ModelServer, capsys: pytest.CaptureFixture[str]) -> None:
    server.status = 404
    assert fetch(server.url) == 3
    assert "answered 404" in capsys.readouterr().err


def test_full_disk_is_told(server: ModelServer, capsys: pytest.CaptureFixture[str]) -> None:
    server.promised_size = 10**17
    assert fetch(server.url) == 4
    assert "too little room" in capsys.readouterr().err


@pytest.mark.parametrize("url", ["ftp://host/models", "models", "http://"])
def test_nonsense_as_address_is_wrong_usage(url: str) -> None:
    assert fetch(url) == 2


def test_unknown_model_is_wrong_usage() -> None:
    with pytest.raises(CommandError, match="invalid choice: 'huge'"):
        run("--model", "huge")


def test_without_a_name_the_models_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in MODELS)


def test_environment_that_wins_is_named(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WHISPER_MODEL_PATH", "/other.bin")
    assert fetch(server.url) == 0
    assert "/other.bin, which wins" in capsys.readouterr().err


def test_interrupted_command_keeps_what_came(server: ModelServer, tmp_path: Path) -> None:
    server.pause_seconds = 0.2
    arguments = ["setup_whisper", "--model", MODEL.name, "--url", server.url]
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "manage.py", *arguments, "--dir", str(tmp_path)],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "DATA_DIR": str(product.DATA_DIR)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        part = tmp_path / f"{MODEL.file_name}.part"
        deadline = time.monotonic() + 20
        while not (part.exists() and part.stat().st_size):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=10)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "it goes on from there" in said
    assert "Traceback" not in said


def test_files_are_named_as_they_are_published() -> None:
    assert MODELS["large-v3-turbo-q5_0"].file_name == "ggml-large-v3-turbo-q5_0.bin"
    assert BASE_URL.startswith("https://")
    assert all(len(model.sha1) in (0, 40) for model in MODELS.values())
