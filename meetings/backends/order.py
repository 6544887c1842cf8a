"""THE entry to the analyses: the first backend of the configured order that can has the stage."""

import logging
from typing import Protocol

from django.conf import settings

from meetings.analysis.registry import ANALYSES
from meetings.backends import agent, llm
from meetings.backends.base import BackendError, Result, has_speech
from transcription.types import Transcript

logger = logging.getLogger(__name__)

LOCAL = "local"


class Backend(Protocol):
    """``can_analyse`` costs nothing; ``analyse`` raises BackendError for the next one's turn."""

    def can_analyse(self, stage: str) -> bool: ...

    def analyse(self, stage: str, transcript: Transcript) -> Result: ...


BACKENDS: dict[str, Backend] = {"llm": llm, "agent": agent}


def analyse(stage: str, transcript: Transcript) -> Result:
    """The result of one stage; ``engine`` says who made it.

    Our own analysis is the last resort even where the order does not list it, and the only one of
    a meeting without speech. Raises KeyError for a stage that does not exist.
    """
    for name in settings.ANALYSIS_BACKENDS if has_speech(transcript) else ():
        backend = BACKENDS.get(name)
        if backend is None:
            break
        if not backend.can_analyse(stage):
            continue
        try:
            return backend.analyse(stage, transcript)
        except BackendError as error:
            logger.warning("%s could not do the %s of a meeting: %s", name, stage, error)
    return {**ANALYSES[stage](transcript), "engine": LOCAL}
