"""Telling the others after the fact: enqueue, live state and frames, off the request's path.

Rows and files are the truth by the time a bell rings, and the sweeper rings again what was
lost, so a Redis that is down or slow costs a log line and never a request.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import Any

from redis.exceptions import RedisError

from intellibooks import tracing

logger = logging.getLogger(__name__)

LONGEST_BACKLOG = 10_000  # beyond it the sweeper does the work; memory stays bounded
SECONDS_BETWEEN_COMPLAINTS = 10

Call = Callable[[], Any]


class Doorbell:
    """Runs calls at once (workers, commands), or in order on one thread once started (web)."""

    def __init__(self) -> None:
        self.calls: queue.SimpleQueue[Call] = queue.SimpleQueue()
        self.thread: threading.Thread | None = None
        self.complained_at = 0.0

    def start(self) -> None:
        if self.thread is None:
            self.thread = threading.Thread(target=self.run, name="doorbell", daemon=True)
            self.thread.start()

    def ring(self, call: Call) -> None:
        if self.thread is None:
            self.run_one(call)
            return
        if self.calls.qsize() < LONGEST_BACKLOG:
            self.calls.put(tracing.bind(call))
        else:
            self.complain("the backlog is full; the sweeper will ring again")

    def wait(self) -> None:
        """Returns when everything rung so far has been done."""
        if self.thread is not None:
            is_done = threading.Event()
            self.calls.put(is_done.set)
            is_done.wait()

    def run(self) -> None:
        while True:
            self.run_one(self.calls.get())

    def run_one(self, call: Call) -> None:
        try:
            call()
        except RedisError as error:
            self.complain(f"Redis does not answer: {error}")
        except Exception:
            logger.exception("a call after the commit failed")

    def complain(self, reason: str) -> None:
        if time.monotonic() - self.complained_at > SECONDS_BETWEEN_COMPLAINTS:
            self.complained_at = time.monotonic()
            logger.warning("announcements wait for the sweeper: %s", reason)


doorbell = Doorbell()
