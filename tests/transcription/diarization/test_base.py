"""Which diarizer is used, and the reason when none is."""

import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from pytest_django import Settings

from transcription.diarization.base import (
    SETTING_VALUES,
    choose_diarizer,
    forget_diarizers,
    get_diarizer,
    prepare_diarizer,
)
from transcription.diarization.pyannote import Pyannote
from transcription.engines.base import EngineError


@pytest.fixture(autouse=True)
def _fresh_diarizers(settings: Settings) -> Iterator[None]:
    settings.DIARIZER, settings.DIARIZATION_PIPELINE, settings.HF_TOKEN = "auto", "", ""
    forget_diarizers()
    yield
    forget_diarizers()


@pytest.fixture
def _installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A package of that name on the path, which is all that is looked at before it is used."""
    monkeypatch.delitem(sys.modules, "pyannote", raising=False)
    package = tmp_path / "packages" / "pyannote" / "audio"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path / "packages"))


def test_none_is_a_choice(settings: Settings) -> None:
    settings.DIARIZER = "none"
    choice = choose_diarizer()
    assert (choice.diarizer, choice.reason) == (None, "DIARIZER is none")


def test_missing_package_is_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyannote", None)  # as where it is not installed
    choice = choose_diarizer()
    assert choice.diarizer is None
    assert choice.reason == (
        "pyannote.audio is not installed: pip install -r requirements-diarization.txt"
    )


@pytest.mark.usefixtures("_installed")
def test_missing_token_is_the_reason() -> None:
    reason = choose_diarizer().reason
    assert reason.startswith("no HF_TOKEN and no DIARIZATION_PIPELINE directory")
    assert "https://hf.co/pyannote/speaker-diarization-community-1" in reason


@pytest.mark.usefixtures("_installed")
def test_folder_without_a_pipeline_is_the_reason(settings: Settings, tmp_path: Path) -> None:
    settings.DIARIZATION_PIPELINE = str(tmp_path)
    assert choose_diarizer().reason.endswith("is no directory with a config.yaml")


@pytest.mark.usefixtures("_installed")
def test_token_is_enough(settings: Settings) -> None:
    settings.HF_TOKEN = "hf_something"
    diarizer = choose_diarizer().diarizer
    assert diarizer is not None
    assert diarizer.model == "pyannote/speaker-diarization-community-1"


def test_diarizer_that_was_asked_for_by_name_must_work(settings: Settings) -> None:
    settings.DIARIZER = "pyannote"
    with pytest.raises(EngineError) as caught:
        choose_diarizer()
    assert caught.value.permanent


def test_unknown_diarizer_is_refused() -> None:
    with pytest.raises(EngineError, match="Known: pyannote"):
        get_diarizer("magic")


def test_setting_knows_every_diarizer() -> None:
    assert SETTING_VALUES == ("auto", "pyannote", "none")


def find_process(name: str) -> int | None:
    diarizer = get_diarizer(name)
    assert isinstance(diarizer, Pyannote)
    return diarizer.process_id


@pytest.mark.usefixtures("_installed")
def test_worker_prepares_one_process_for_all_its_jobs(settings: Settings) -> None:
    settings.HF_TOKEN = "hf_something"
    prepare_diarizer()
    first = find_process("pyannote")
    prepare_diarizer()
    assert first is not None
    assert find_process("pyannote") == first
    psutil.Process(first).kill()
    psutil.Process(first).wait(5)
    prepare_diarizer()
    assert find_process("pyannote") not in {None, first}


def test_nothing_is_prepared_where_nobody_can_tell_speakers_apart(settings: Settings) -> None:
    settings.DIARIZER = "pyannote"  # which is not set up: the job itself will say so
    prepare_diarizer()
    assert find_process("pyannote") is None
