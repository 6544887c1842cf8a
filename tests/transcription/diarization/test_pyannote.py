"""A real pyannote pipeline, small enough to be made here: ``make test-diarization`` runs these."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path

import psutil
import pytest
from pytest_django import Settings

from tests.transcription.diarization.tiny_pipeline import make_hiss, make_hum, make_pipeline
from transcription.audio import Audio, join
from transcription.diarization import base
from transcription.diarization.base import SpeakerCount, choose_diarizer, forget_diarizers
from transcription.diarization.pyannote import Pyannote
from transcription.diarization.torchaudio_shim import ensure_torchaudio
from transcription.engines.base import EngineError

# Its process gives way to others, so a busy machine makes it slow.
pytestmark = [pytest.mark.diarization, pytest.mark.timeout(600)]
TWO = SpeakerCount(exactly=2)


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    ensure_torchaudio()
    return make_pipeline(tmp_path_factory.mktemp("tiny-pipeline"))


@pytest.fixture(scope="module")
def loaded(pipeline: Path) -> Iterator[Pyannote]:
    """One diarizer for the tests that do it no harm: loading takes most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.DIARIZATION_PIPELINE", str(pipeline), raising=False)
        diarizer = Pyannote()
    yield diarizer
    diarizer.close()


@pytest.fixture
def diarizer(loaded: Pyannote) -> Pyannote:
    return loaded


class GatedHub(BaseHTTPRequestHandler):
    """Answers as the model hub does while the terms of a repository are not accepted."""

    def do_HEAD(self) -> None:
        self.send_response(403)
        self.send_header("X-Error-Code", "GatedRepo")
        self.send_header("X-Error-Message", "Access to model is restricted.")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def gated_hub() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), GatedHub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def find_process(diarizer: Pyannote) -> psutil.Process:
    return psutil.Process(diarizer.process_id)


def test_configured_pipeline_is_chosen(settings: Settings, pipeline: Path) -> None:
    settings.DIARIZER, settings.DIARIZATION_PIPELINE = "auto", str(pipeline)
    forget_diarizers()
    choice = choose_diarizer()
    forget_diarizers()
    assert choice == base.Choice(choice.diarizer)
    assert choice.diarizer is not None
    assert choice.diarizer.model == pipeline.name


def test_two_sounds_are_two_speakers(diarizer: Pyannote) -> None:
    turns = diarizer.diarize(join([make_hum(6), make_hiss(6)]), TWO)
    assert len({turn.speaker for turn in turns}) == 2
    assert turns[0].speaker != turns[-1].speaker
    change = next(turn.start for turn in turns if turn.speaker == turns[-1].speaker)
    assert abs(change - 6) < 1.5
    assert all(one.end <= other.start for one, other in pairwise(turns))


def test_model_stays_loaded_between_recordings(diarizer: Pyannote) -> None:
    diarizer.diarize(make_hum(3))
    first = find_process(diarizer).pid
    diarizer.diarize(make_hum(3))
    assert find_process(diarizer).pid == first


@pytest.mark.parametrize("samples", [0, 1, 400])
def test_sound_of_next_to_nothing_has_no_trouble(diarizer: Pyannote, samples: int) -> None:
    turns = diarizer.diarize(Audio(make_hum(1).samples[:samples]))
    assert all(turn.end <= 2 for turn in turns)


def test_killed_process_fails_one_recording_and_not_the_next(diarizer: Pyannote) -> None:
    diarizer.diarize(make_hum(2))
    find_process(diarizer).suspend()
    threading.Timer(0.5, find_process(diarizer).kill).start()
    with pytest.raises(EngineError, match="memory ran out") as caught:
        diarizer.diarize(make_hum(4))
    assert not caught.value.permanent
    assert diarizer.diarize(make_hum(2))


def test_broken_pipeline_is_told(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("pipeline: {name: nothing.like.this}\n")
    settings.DIARIZATION_PIPELINE = str(tmp_path)
    broken = Pyannote()
    with pytest.raises(EngineError, match=r"pyannote.audio failed|missing"):
        broken.diarize(make_hum(1))
    broken.close()


def test_hub_that_cannot_be_reached_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # the discard port: nobody answers
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    settings.DIARIZATION_PIPELINE, settings.HF_TOKEN = "", "hf_something"
    lost = Pyannote()
    with pytest.raises(EngineError, match="model hub cannot be reached"):
        lost.diarize(make_hum(1))
    lost.close()


def test_terms_that_are_not_accepted_are_told_with_their_links(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, gated_hub: str
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", gated_hub)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    settings.DIARIZATION_PIPELINE, settings.HF_TOKEN = "", "hf_something"
    refused = Pyannote()
    with pytest.raises(EngineError, match="accept the terms") as caught:
        refused.diarize(make_hum(1))
    refused.close()
    assert caught.value.permanent
    assert "https://hf.co/pyannote/speaker-diarization-community-1" in caught.value.message
    assert "https://hf.co/pyannote/segmentation-3.0" in caught.value.message
