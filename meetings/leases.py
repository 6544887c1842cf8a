"""Work that one worker at a time does, and that another takes over when it falls silent.

A lease is a row's token and the moment it ends, by the database's clock. Whoever holds it
extends it while working; a result is written only under the token it was claimed with, so
a worker that was stopped for a minute and wakes up cannot overwrite its successor.
"""

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import DatabaseError, connection, models
from django.db.models import F, Q
from django.db.models.functions import Now


def new_key() -> str:
    return uuid.uuid4().hex


def seconds_from_now(seconds: float) -> Any:
    """A moment by the database's clock, so that no two machines need to agree on the time."""
    return Now() + models.Value(timedelta(seconds=seconds), models.DurationField())


class LeasedQuerySet(models.QuerySet[Any]):
    """Rows that one worker at a time works on, for as long as it keeps saying so."""

    def free(self) -> Self:
        """Rows nobody holds and whose wait after a failure is over."""
        return self.filter(
            Q(lease_until=None) | Q(lease_until__lt=Now()),
            Q(retry_at=None) | Q(retry_at__lte=Now()),
        )

    def claim(self, **changes: Any) -> str:
        """Take the free row of this queryset: a fencing token, or nothing if it is taken."""
        token = new_key()
        until = seconds_from_now(settings.LEASE_SECONDS)
        taken = self.free().update(
            lease_token=token, lease_until=until, attempts=F("attempts") + 1, **changes
        )
        return token if taken else ""

    def extend(self, token: str) -> bool:
        """Whether the lease is still ours; if so it now ends LEASE_SECONDS from now."""
        until = seconds_from_now(settings.LEASE_SECONDS)
        return bool(self.filter(lease_token=token).update(lease_until=until))

    def release(self, token: str, *, retry_seconds: float | None = None, **changes: Any) -> bool:
        """Give the row back with its changes; False, and nothing changed, if we lost it."""
        retry_at = None if retry_seconds is None else seconds_from_now(retry_seconds)
        return bool(
            self.filter(lease_token=token).update(
                lease_token="", lease_until=None, retry_at=retry_at, **changes
            )
        )


class Leased(models.Model):
    """Work with an owner: a lease that ends by itself, and a token that fences late results."""

    lease_token = models.CharField(max_length=32, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    retry_at = models.DateTimeField(null=True, blank=True, editable=False)
    attempts = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True


@contextmanager
def kept(row: LeasedQuerySet, token: str) -> Iterator[Callable[[], bool]]:
    """Extends the lease until the block ends; yields a question: is it still ours?"""
    ended, lost = threading.Event(), threading.Event()

    def keep_extending() -> None:
        while not ended.wait(settings.LEASE_SECONDS / 4):
            try:
                if not row.all().extend(token):
                    lost.set()
                    break
            except DatabaseError:
                connection.close()  # gone for now; the lease outlives three missed turns
        connection.close()

    thread = threading.Thread(target=keep_extending, name="lease", daemon=True)
    thread.start()
    try:
        yield lambda: not lost.is_set()
    finally:
        ended.set()
        thread.join()
