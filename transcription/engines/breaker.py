"""Leaves an engine in peace that failed several times in a row, and tries it again later."""

import threading
import time
from collections.abc import Callable

from django.conf import settings

from transcription.engines.base import EngineError

FAILURES, REST_SECONDS = 3, 30.0

_breakers: dict[str, "Breaker"] = {}
_making = threading.Lock()


class Breaker:
    """Closed: everybody may ask. Open, after ``failures`` in a row: nobody for ``rest_seconds``.
    Then one may try: if that works it is closed, otherwise open again.

    The circuit breaker of Nygard, "Release It!" (2007).
    """

    def __init__(
        self,
        name: str,
        *,
        failures: int,
        rest_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._failures, self._rest_seconds, self._clock = failures, rest_seconds, clock
        self._lock = threading.Lock()
        self._count = 0
        self._opened_at: float | None = None
        self._is_trying = False
        self._reason = ""

    def admit(self) -> None:
        """Returns when the engine may be asked; raises EngineError (it may pass) when not.

        Who was admitted calls one of the ``record_`` methods, or ``release``.
        """
        with self._lock:
            if self._opened_at is None:
                return
            left = self._opened_at + self._rest_seconds - self._clock()
            if left > 0 or self._is_trying:
                again = f"asked again in {max(1.0, left):.0f} s"
                message = f"{self._name} rests after {self._count} failures, {again}: "
                raise EngineError(message + self._reason, permanent=False)
            self._is_trying = True

    def record_success(self) -> None:
        with self._lock:
            self._count, self._opened_at, self._is_trying = 0, None, False

    def record_failure(self, reason: str) -> None:
        with self._lock:
            self._count += 1
            self._is_trying = False
            self._reason = reason
            if self._count >= self._failures:
                self._opened_at = self._clock()

    def release(self) -> None:
        """Nothing was learned about the engine's health."""
        with self._lock:
            self._is_trying = False


def get_breaker(name: str) -> Breaker:
    """The engine's breaker in this process."""
    with _making:
        if name not in _breakers:
            failures = int(getattr(settings, "SPEECH_BREAKER_FAILURES", FAILURES))
            rest = float(getattr(settings, "SPEECH_BREAKER_SECONDS", REST_SECONDS))
            _breakers[name] = Breaker(name, failures=failures, rest_seconds=rest)
        return _breakers[name]


def forget_breakers() -> None:
    """All closed, as in a new process."""
    with _making:
        _breakers.clear()
