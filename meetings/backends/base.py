"""What backends share: how they fail, and how long one that is away is left alone."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from transcription.types import Transcript

Result = dict[str, Any]
# One meeting's stages follow each other at once: an outage is paid for once, not six times.
REST_SECONDS = 60.0


class BackendError(Exception):
    """This backend has no result for this stage; the next one is asked."""


class BackendAway(BackendError):
    """It is down, overloaded or too slow: the other stages need not ask it either."""


class BackendRefused(BackendError):
    """It answered with a status that says the request is at fault."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class BackendConfused(BackendError):
    """It answered with something that is not what was asked for."""


@dataclass(slots=True)
class Breaker:
    """Which addresses are left alone, in this process, and until when by the monotonic clock."""

    until: dict[str, float] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def is_open(self, address: str) -> bool:
        with self.lock:
            return self.until.get(address, 0.0) > time.monotonic()

    def trip(self, address: str) -> None:
        with self.lock:
            self.until[address] = time.monotonic() + REST_SECONDS

    def reset(self) -> None:
        with self.lock:
            self.until.clear()


breaker = Breaker()


def has_speech(transcript: Transcript) -> bool:
    return any(segment.text.strip() for segment in transcript.segments)
