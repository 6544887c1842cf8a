"""The address a request comes from, told by proxies only where the operator trusts them."""

import ipaddress
from collections.abc import Sequence
from typing import Any

from django.conf import settings

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
SCHEMES = {"http": {"http": "http", "https": "https"}, "websocket": {"http": "ws", "https": "wss"}}


class TrustProxies:
    """ASGI middleware: ``scope["client"]`` and the scheme become what a trusted proxy saw.

    Of anybody else X-Forwarded-For is a claim that costs nothing, and is not read.
    """

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        peer = (scope.get("client") or ("", 0))[0]
        trusted: Sequence[Network] = getattr(settings, "TRUSTED_PROXIES", ())
        if trusted and is_among(read_address(peer), trusted):
            headers = dict(scope["headers"])
            hops = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
            proto = headers.get(b"x-forwarded-proto", b"").decode("latin-1").strip().lower()
            scheme = SCHEMES[scope["type"]].get(proto, scope.get("scheme", "http"))
            client = find_client(peer, b",".join(hops).decode("latin-1"), trusted)
            scope = {**scope, "client": (client, 0), "scheme": scheme}
        await self.application(scope, receive, send)


def find_client(peer: str, forwarded: str, trusted: Sequence[Network]) -> str:
    """The last hop that no proxy of ours is; each proxy adds the address it saw at the end."""
    client = peer
    for hop in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
        address = read_address(hop)
        if address is None:
            break
        client = str(address)
        if not is_among(address, trusted):
            break
    return client


def read_address(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address


def is_among(address: Address | None, networks: Sequence[Network]) -> bool:
    return address is not None and any(address in network for network in networks)


def name_source(scope: Any) -> str:
    """What limits count: the address, of IPv6 the /64 network that one customer has."""
    text = str((scope.get("client") or ("",))[0])
    address = read_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address or text)
