"""Tickets for one socket: a browser cannot send a header there, and a URL is no place for a token.

ticket:<hash>   the identity as JSON, for TICKET_SECONDS, taken out by the first who shows it
"""

import json
import secrets
from dataclasses import asdict

from redis.exceptions import RedisError

from intellibooks.auth.tokens import hash_secret
from intellibooks.errors import NotAuthenticated, StorageUnavailable
from intellibooks.identity import Identity
from intellibooks.redis_connection import get_redis

TICKET_SECONDS = 30
TICKET_BYTES = 24
LONGEST_TICKET = 64


def name_key(ticket: str) -> str:
    return f"ticket:{hash_secret(ticket)}"


def issue_ticket(identity: Identity, session_id: str = "") -> str:
    """A ticket for any room, or for one. Raises StorageUnavailable."""
    ticket = secrets.token_urlsafe(TICKET_BYTES)
    facts = asdict(identity)
    facts["scopes"] = None if identity.scopes is None else sorted(identity.scopes)
    body = json.dumps({"identity": facts, "session_id": session_id})
    try:
        get_redis().set(name_key(ticket), body, ex=TICKET_SECONDS)
    except RedisError as error:
        raise StorageUnavailable("No tickets can be issued now. Please try again.") from error
    return ticket


def redeem_ticket(ticket: str, session_id: str) -> Identity:
    """Who the ticket was issued to; it is used up. Raises NotAuthenticated."""
    if not 0 < len(ticket) <= LONGEST_TICKET:
        raise NotAuthenticated("The ticket is not valid.")
    try:
        body = get_redis().getdel(name_key(ticket))
    except RedisError as error:
        raise NotAuthenticated("Tickets cannot be checked now.") from error
    if body is None:
        raise NotAuthenticated("The ticket is used up or expired.")
    kept = json.loads(body)
    if kept["session_id"] not in {"", session_id}:
        raise NotAuthenticated("The ticket is for another room.")
    facts = kept["identity"]
    scopes = facts.pop("scopes")
    return Identity(**facts, scopes=None if scopes is None else frozenset(scopes))
