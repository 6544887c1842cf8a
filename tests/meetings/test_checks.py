from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from intellibooks.checkup.base import State
from meetings import checks
from tests.transcription.engines.answering_server import AnsweringServer, Reply, serving
from tests.transcription.engines.whisper_stage import Stage
from transcription.engines.base import forget_engines


@pytest.fixture(autouse=True)
def _read_settings_again() -> Iterator[None]:
    forget_engines()
    yield
    forget_engines()


@pytest.fixture
def model(settings: Any) -> Iterator[AnsweringServer]:
    """Stands in for a language model."""
    with serving() as server:
        settings.LLM_BASE_URL, settings.LLM_MODEL = f"{server.url}/v1", "small"
        settings.LLM_API_KEY = "hush"
        yield server


def test_embedded_engine_understands_the_test_sentence(settings: Any) -> None:
    settings.SPEECH_ENGINES = ("pocketsphinx",)
    finding = checks.check_hearing()
    assert finding.state == State.OK
    assert finding.found.startswith("pocketsphinx understood the test sentence")


def test_engine_that_breaks_at_work_is_a_warning_while_another_hears(
    settings: Any, tmp_path: Path
) -> None:
    stage = Stage(tmp_path)
    stage.play("exit 3")  # the model cannot be loaded, as whisper-cli says it
    settings.SPEECH_ENGINES = ("whisper_cli", "pocketsphinx")
    settings.WHISPER_PATH, settings.WHISPER_MODEL_PATH = str(stage.program), str(stage.model)
    finding = checks.check_hearing()
    assert finding.state == State.WARNING
    assert "damaged, cut short or of another version" in finding.error
    assert finding.found.startswith("pocketsphinx understood")


def test_engine_that_hears_something_else_fails(settings: Any, tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    heard = '{"offsets": {"from": 0, "to": 900}, "text": " Thanks for watching."}'
    stage.play_result(f'{{"transcription": [{heard}]}}')
    settings.SPEECH_ENGINES = ("whisper_cli",)
    settings.WHISPER_PATH, settings.WHISPER_MODEL_PATH = str(stage.program), str(stage.model)
    finding = checks.check_hearing()
    assert (finding.state, bool(finding.fix)) == (State.FAILED, True)


def test_decoder_reads_what_browsers_send() -> None:
    assert checks.check_decoding().found.startswith("read 139 s of Opus")


def test_half_a_language_model_is_a_warning(settings: Any) -> None:
    settings.LLM_BASE_URL, settings.LLM_MODEL = "http://127.0.0.1:1/v1", ""
    assert checks.check_llm().error.startswith("LLM_MODEL is not set")
    settings.LLM_BASE_URL = ""
    assert checks.check_llm().state == State.OFF


def test_services_nobody_listens_at_are_warnings_without_their_passwords(settings: Any) -> None:
    settings.LLM_BASE_URL, settings.LLM_MODEL = "http://ann:hush@127.0.0.1:1/v1", "small"
    settings.AGENT_SERVICE_URL = "http://ann:hush@127.0.0.1:1"
    for look in (checks.check_llm_port, checks.check_agent_port):
        finding = look()
        assert finding.state == State.WARNING
        assert finding.error.startswith("127.0.0.1:1 cannot be reached")
        assert "hush" not in str(finding)


@pytest.mark.parametrize(
    ("reply", "state", "said"),
    [
        (Reply(200, {"data": [{"id": "small"}]}), State.OK, "and lists it"),
        (Reply(200, {"data": [{"id": "smaller"}]}), State.WARNING, "does not list this model"),
        (Reply(200, {"data": [{"id": "small:latest"}]}), State.OK, "and lists it"),
        (Reply(200, "no list"), State.OK, "small at "),
        (Reply(401, {}), State.WARNING, "status 401"),
    ],
)
def test_language_model_is_asked_what_it_has(
    model: AnsweringServer, reply: Reply, state: State, said: str
) -> None:
    model.replies = [reply]
    finding = checks.check_llm_model()
    assert finding.state == state
    assert said in finding.found + finding.error
    assert model.requests[-1].headers["authorization"] == "Bearer hush"


def test_agent_that_listens_is_fine(model: AnsweringServer, settings: Any) -> None:
    settings.AGENT_SERVICE_URL = model.url
    assert checks.check_agent_port().state == State.OK
    assert model.requests == []
