"""Who opens a socket, asked before the handshake is answered; and asked again while it is open.

What is shown, in this order: ``?ticket=``, the subprotocol ``bearer, <token>``, a bearer header
(programs), the session cookie, in open mode ``?user_id=``; ``?share=`` beside or instead of them.
"""

import asyncio
import re
from dataclasses import replace
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async
from django.db import DatabaseError

from intellibooks.auth.authentication import LONGEST_LINK
from intellibooks.auth.credentials import (
    identify_bearer,
    identify_claim,
    identify_session,
    read_bearer,
    read_session_key,
)
from intellibooks.auth.tickets import redeem_ticket
from intellibooks.auth.watch import FindViewers, OpenSocket, Watch
from intellibooks.errors import DomainError, NotAuthenticated
from intellibooks.identity import STRANGER, Identity, is_open

ROOM = re.compile(r"/ws/chat/([^/]{1,64})/?")
BEARER = "bearer"
REFUSED = 1008


class AuthenticateSockets:
    """ASGI middleware: sets ``scope["identity"]``, or refuses the handshake.

    ``find_viewers`` tells, of pairs of identity and room id, which may see the room now.
    """

    def __init__(self, application: Any, find_viewers: FindViewers) -> None:
        self.application = application
        self.find_viewers = find_viewers
        # One for each event loop: a process has one, a test run many.
        self.watches: WeakKeyDictionary[asyncio.AbstractEventLoop, Watch] = WeakKeyDictionary()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        identity = await self.find_identity(scope)
        if identity is None or not (identity.is_authenticated or identity.share_token):
            await receive()  # websocket.connect
            await send({"type": "websocket.close", "code": REFUSED})
            return
        socket = OpenSocket(identity, read_room(scope["path"]), send)
        socket.subprotocol = BEARER if offers_bearer(scope) else None
        watch = self.find_watch()
        watch.add(socket)
        try:
            await self.application({**scope, "identity": identity}, receive, socket.send)
        finally:
            watch.remove(socket)

    def find_watch(self) -> Watch:
        loop = asyncio.get_running_loop()
        if loop not in self.watches:
            self.watches[loop] = Watch(self.find_viewers)
        return self.watches[loop]

    async def find_identity(self, scope: Any) -> Identity | None:
        try:
            return await database_sync_to_async(identify_socket, thread_sensitive=False)(scope)
        except (DomainError, DatabaseError):
            return None


def identify_socket(scope: Any) -> Identity:
    """Raises NotAuthenticated, InvalidRequest."""
    query = read_query(scope)
    identity = find_shown(scope, query) or find_cookie(scope) or find_claim(query)
    link = query.get("share", "")
    return replace(identity, share_token=link[:LONGEST_LINK]) if link else identity


def find_shown(scope: Any, query: dict[str, str]) -> Identity | None:
    if ticket := query.get("ticket"):
        return redeem_ticket(ticket, read_room(scope["path"]))
    if offers_bearer(scope):
        return identify_bearer(scope["subprotocols"][1])
    secret = read_bearer(read_header(scope, b"authorization"))
    return identify_bearer(secret) if secret else None


def find_cookie(scope: Any) -> Identity | None:
    """Of a session; that the page is ours is what RefuseForeignSockets has made sure of."""
    try:
        cookies = SimpleCookie(read_header(scope, b"cookie"))
    except CookieError:
        return None
    key = read_session_key({name: morsel.value for name, morsel in cookies.items()})
    try:
        return identify_session(key) if key else None
    except NotAuthenticated:
        return None


def find_claim(query: dict[str, str]) -> Identity:
    return identify_claim(query.get("user_id", "")) if is_open() else STRANGER


def offers_bearer(scope: Any) -> bool:
    offered = scope.get("subprotocols") or []
    return len(offered) > 1 and offered[0] == BEARER


def read_room(path: str) -> str:
    found = ROOM.fullmatch(path)
    return found.group(1) if found else ""


def read_query(scope: Any) -> dict[str, str]:
    try:
        fields = parse_qs(scope["query_string"].decode("ascii"), max_num_fields=32)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}


def read_header(scope: Any, name: bytes) -> str:
    headers: dict[bytes, bytes] = dict(scope["headers"])
    return headers.get(name, b"").decode("latin-1")


async def identify_scope(scope: Any) -> Identity | None:
    """Of an HTTP request, for its limits: a stranger where nothing valid is shown, None while
    the database that would tell is away.
    """
    secret = read_bearer(read_header(scope, b"authorization"))
    if not secret and not read_header(scope, b"cookie"):
        return STRANGER
    try:
        return await database_sync_to_async(identify_shown, thread_sensitive=False)(scope, secret)
    except DomainError:
        return STRANGER
    except DatabaseError:
        return None


def identify_shown(scope: Any, secret: str) -> Identity:
    return identify_bearer(secret) if secret else (find_cookie(scope) or STRANGER)
