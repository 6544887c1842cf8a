from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from intellibooks.checkup.base import State
from tests.transcription.engines.answering_server import AnsweringServer, Reply, serving
from transcription import checks, online_checks
from transcription.diarization.base import forget_diarizers
from transcription.engines.base import forget_engines

KEY = "hush-key"


@pytest.fixture(autouse=True)
def _read_settings_again() -> Iterator[None]:
    forget_engines()
    forget_diarizers()
    yield
    forget_engines()
    forget_diarizers()


@pytest.fixture
def service(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[AnsweringServer]:
    """Stands in for Deepgram and for the model hub."""
    with serving() as server:
        settings.DEEPGRAM_API_KEY, settings.DEEPGRAM_BASE_URL = KEY, server.url
        settings.HF_TOKEN = KEY
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        yield server


def test_model_file_that_is_none_is_a_warning_with_a_line_to_type(
    settings: Any, tmp_path: Path
) -> None:
    model = tmp_path / "model.bin"
    model.write_text("<html>Not found</html>")
    settings.WHISPER_MODEL_PATH = str(model)
    finding = checks.check_engine("whisper_cli")
    assert finding.state == State.WARNING
    assert finding.error == f"WHISPER_MODEL_PATH={model} is no readable ggml model file."
    assert finding.fix == "python manage.py setup_whisper --model small"


def test_engine_that_nobody_set_up_is_off(settings: Any) -> None:
    settings.WHISPER_MODEL_PATH = settings.DEEPGRAM_API_KEY = ""
    states = [checks.check_engine(name).state for name in ("whisper_cli", "deepgram")]
    assert states == [State.OFF, State.OFF]


def test_no_engine_at_all_is_a_failure(settings: Any) -> None:
    assert checks.check_speech().found == "pocketsphinx is in use"
    settings.SPEECH_ENGINES = ("deepgram",)
    assert checks.check_speech().state == State.FAILED


def test_speakers_are_optional_until_somebody_asks_for_them(settings: Any) -> None:
    settings.DIARIZER, settings.HF_TOKEN, settings.DIARIZATION_PIPELINE = "auto", "", ""
    assert checks.check_diarization().state == State.OFF
    settings.DIARIZATION_PIPELINE = "/nowhere"
    assert checks.check_diarization().state == State.WARNING
    forget_diarizers()
    settings.DIARIZER = "pyannote"
    finding = checks.check_diarization()
    assert (finding.state, bool(finding.fix)) == (State.WARNING, True)


@pytest.mark.parametrize(
    ("status", "state", "said"),
    [
        (200, State.OK, "the key is accepted"),
        (401, State.WARNING, "the key is wrong"),
        (403, State.OK, "may not list projects"),
        (402, State.WARNING, "no credit"),
    ],
)
def test_deepgram_is_asked_whether_the_key_is_good(
    service: AnsweringServer, status: int, state: State, said: str
) -> None:
    service.replies = [Reply(status, {})]
    finding = online_checks.check_deepgram_key()
    assert finding.state == state
    assert said in finding.found + finding.error
    assert service.requests[0].path == "/v1/projects"
    assert service.requests[0].headers["authorization"] == f"Token {KEY}"


@pytest.mark.parametrize(
    ("status", "state", "said"),
    [
        (200, State.OK, "may be read"),
        (307, State.OK, "may be read"),
        (401, State.WARNING, "wrong or has expired"),
        (403, State.WARNING, "terms are not accepted"),
        (500, State.WARNING, "status 500"),
    ],
)
def test_hub_is_asked_whether_the_terms_are_accepted(
    service: AnsweringServer, status: int, state: State, said: str
) -> None:
    service.replies = [Reply(status, "")]
    finding = online_checks.check_hub_token()
    assert finding.state == state
    assert said in finding.found + finding.error
    assert KEY not in str(finding)


def test_terms_not_accepted_come_with_their_addresses(service: AnsweringServer) -> None:
    service.replies = [Reply(403, "")]
    assert "https://hf.co/pyannote/speaker-diarization-" in online_checks.check_hub_token().fix


def test_services_that_cannot_be_reached_are_warnings(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead = "http://127.0.0.1:1"
    settings.DEEPGRAM_API_KEY, settings.DEEPGRAM_BASE_URL, settings.HF_TOKEN = KEY, dead, KEY
    monkeypatch.setenv("HF_ENDPOINT", dead)
    for look in (online_checks.check_deepgram_key, online_checks.check_hub_token):
        finding = look()
        assert (finding.state, "cannot be reached" in finding.error) == (State.WARNING, True)


def test_without_keys_nothing_is_asked(settings: Any) -> None:
    settings.DEEPGRAM_API_KEY = settings.HF_TOKEN = ""
    looks = (online_checks.check_deepgram_key, online_checks.check_hub_token)
    assert [look().state for look in looks] == [State.OFF, State.OFF]


def test_missing_decoder_would_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.check_decoder().state == State.OK
    find = partial(lambda name, real: None if name == "av" else real(name), real=find_spec)
    monkeypatch.setattr("importlib.util.find_spec", find)
    assert checks.check_decoder().state == State.FAILED
