"""HTTP to addresses that strangers chose: never to this machine or its private networks.

A name is resolved once, every address it has is judged, and the connection goes to the judged
address itself, so a name that changes its mind between check and use (DNS rebinding) gains
nothing. Redirects are not followed and no proxy is asked.
"""

import ipaddress
import socket
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import httpcore

from meetings.webhooks.deadline import Deadline, TimedBackend

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
LARGEST_ANSWER = 4096  # bytes of the answer that are read
NAT64 = ipaddress.ip_network("64:ff9b::/96")  # holds an IPv4 address of any kind


class ForbiddenAddress(Exception):
    """The name leads to a place that no stranger may make us ask."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    excerpt: str


def is_allowed(address: Address, allowed: Sequence[Network]) -> bool:
    """Whether a public address, or one in a network that the operator named."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_allowed(inner, allowed)
    if any(address.version == network.version and address in network for network in allowed):
        return True
    return address.is_global and not address.is_multicast


def resolve(host: str, port: int, allowed: Sequence[Network]) -> str:
    """An address of the host to connect to. Raises ForbiddenAddress, OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(entry[4][0]).split("%")[0]) for entry in found]
    for address in addresses:
        if not is_allowed(address, allowed):
            raise ForbiddenAddress(f"{host} leads to {address}, which is not a public address.")
    return str(addresses[0])


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to what was judged, whatever the name says by then."""

    def __init__(self, allowed: Sequence[Network]) -> None:
        self.allowed = allowed
        self.backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            address = resolve(host, port, self.allowed)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        return self.backend.connect_tcp(address, port, timeout, local_address, socket_options)


def post(
    url: str,
    body: bytes,
    headers: dict[str, str],
    *,
    timeout_seconds: float,
    allowed: Sequence[Network] = (),
) -> Answer:
    """One POST, certificates checked, ``timeout_seconds`` for all of it but the name's lookup.

    Raises ForbiddenAddress, httpcore.* and OSError.
    """
    timeouts = dict.fromkeys(("connect", "read", "write", "pool"), timeout_seconds)
    backend = TimedBackend(GuardedBackend(allowed), Deadline(timeout_seconds))
    with (
        httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context(), network_backend=backend
        ) as pool,
        pool.stream(
            "POST",
            url,
            headers=[(name.encode(), value.encode()) for name, value in headers.items()],
            content=body,
            extensions={"timeout": timeouts},
        ) as response,
    ):
        kept = b""
        for part in response.iter_stream():
            kept += part
            if len(kept) >= LARGEST_ANSWER:
                break
        return Answer(response.status, kept[:LARGEST_ANSWER].decode(errors="replace"))
