from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.transcription.engines.answering_server import AnsweringServer, serving
from tests.transcription.engines.tiny_whisper import write_model
from tests.transcription.engines.whisper_stage import Stage


@pytest.fixture
def server() -> Iterator[AnsweringServer]:
    with serving() as running:
        yield running


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("whisper") / "ggml-scripted.en.bin"
    write_model(path, "good morning and welcome", end=1.0)
    return str(path)
