from collections.abc import Iterator

import pytest
from pytest_django import Settings

from meetings.backends.base import breaker
from tests.meetings.analysis.meetings import TEAM_MEETING, write_meeting
from tests.meetings.backends.servers import Server, serving
from transcription.types import Transcript


@pytest.fixture(autouse=True)
def _unconfigured(settings: Settings) -> Iterator[None]:
    """The defaults: an order, and nobody to ask."""
    settings.ANALYSIS_BACKENDS = ("llm", "agent", "local")
    settings.LLM_BASE_URL = settings.LLM_MODEL = settings.LLM_API_KEY = ""
    settings.LLM_TIMEOUT_SECONDS, settings.LLM_MAX_TOKENS = 5, 8_000
    settings.AGENT_SERVICE_URL = ""
    breaker.reset()
    yield
    breaker.reset()


@pytest.fixture
def model(settings: Settings) -> Iterator[Server]:
    """An OpenAI-compatible endpoint that is configured."""
    with serving() as server:
        settings.LLM_BASE_URL, settings.LLM_MODEL = f"{server.url}/v1", "tiny"
        yield server


@pytest.fixture
def agent_service(settings: Settings) -> Iterator[Server]:
    with serving() as server:
        settings.AGENT_SERVICE_URL = server.url
        yield server


@pytest.fixture
def meeting() -> Transcript:
    return write_meeting(TEAM_MEETING)
