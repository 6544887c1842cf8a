"""The log of acts that matter for security: a row for the administrator, a line for the log."""

import logging
from typing import Any

from django.db import DatabaseError, transaction

from intellibooks.limits.limiter import allow_now
from intellibooks.models import AuditEntry
from intellibooks.request_id import current_address, current_request_id

logger = logging.getLogger("intellibooks.audit")

LONGEST = 150
ALLOWED, DENIED = "allowed", "denied"


def record(
    action: str, *, actor: str = "", target: str = "", outcome: str = ALLOWED, **facts: Any
) -> None:
    """Keep one act. ``facts`` are JSON values; never a secret, never what people said.

    A database that is away costs the row, not the act: the line is in the log all the same.
    """
    row = AuditEntry(
        actor=clip(actor),
        action=action[:64],
        target=clip(target),
        outcome=outcome[:32],
        address=current_address()[:64],
        request_id=current_request_id()[:64],
        facts=facts,
    )
    logger.info("%s %s: %s (from %s)", row, outcome, facts or "-", row.address or "here")
    try:
        with transaction.atomic():  # a savepoint: a failed row must not break what it tells of
            row.save()
    except DatabaseError as error:
        logger.error("the audit entry could not be stored: %s", error)


def record_denial(action: str, *, actor: str = "", target: str = "", **facts: Any) -> None:
    """The same for a refusal; of a flood of them only a sample is kept."""
    if allow_now("denials", current_address() or actor).allowed:
        record(action, actor=actor, target=target, outcome=DENIED, **facts)


def clip(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())[:LONGEST]
