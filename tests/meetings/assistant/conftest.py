from collections.abc import Iterator

import pytest
from pytest_django import Settings

from meetings.backends.base import breaker
from tests.meetings.assistant.servers import Backend, serving


@pytest.fixture(autouse=True)
def _unconfigured(settings: Settings) -> Iterator[None]:
    """Nobody to ask but our own code, and the time that a product has."""
    settings.LLM_BASE_URL = settings.LLM_MODEL = settings.LLM_API_KEY = ""
    settings.LLM_TIMEOUT_SECONDS, settings.LLM_MAX_TOKENS = 5, 8_000
    settings.AGENT_SERVICE_URL = ""
    settings.ASSISTANT_ANSWERS, settings.ASSISTANT_TIMEOUT_SECONDS = "mentions", 10
    breaker.reset()
    yield
    breaker.reset()


@pytest.fixture
def model(settings: Settings) -> Iterator[Backend]:
    """An OpenAI-compatible endpoint that is configured, and streams."""
    with serving() as backend:
        settings.LLM_BASE_URL, settings.LLM_MODEL = f"{backend.url}/v1", "tiny"
        yield backend


@pytest.fixture
def agent_service(settings: Settings) -> Iterator[Backend]:
    with serving() as backend:
        settings.AGENT_SERVICE_URL = backend.url
        yield backend
