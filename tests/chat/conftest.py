import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def _nobody_answers(settings: Settings) -> None:
    """The chat knows no assistant: who wants one to answer names it."""
    settings.CHAT_RESPONDER = ""
