import ipaddress
from typing import Any

import pytest

from intellibooks.limits.addresses import TrustProxies, name_source

PROXIES = [ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8")]


async def see(peer: str, *forwarded: str, proto: str = "") -> Any:
    """The scope as the application behind gets it."""
    seen: list[Any] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)

    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    if proto:
        headers.append((b"x-forwarded-proto", proto.encode()))
    scope = {"type": "http", "client": (peer, 1), "headers": headers, "scheme": "http"}
    await TrustProxies(application)(scope, None, None)
    return seen[0]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.9", ["1.1.1.1"], "203.0.113.9"),
        ("10.0.0.2", ["1.1.1.1"], "1.1.1.1"),
        ("10.0.0.2", ["9.9.9.9, 1.1.1.1"], "1.1.1.1"),
        ("10.0.0.2", ["9.9.9.9, 1.1.1.1, 10.0.0.3"], "1.1.1.1"),
        ("10.0.0.2", ["9.9.9.9", "1.1.1.1"], "1.1.1.1"),
        ("10.0.0.2", ["9.9.9.9, nonsense"], "10.0.0.2"),
        ("10.0.0.2", [], "10.0.0.2"),
        ("fd00::2", ["2001:db8::1"], "2001:db8::1"),
        ("::ffff:10.0.0.2", ["1.1.1.1"], "1.1.1.1"),
    ],
)
async def test_only_a_trusted_proxy_tells_the_address(
    settings: Any, peer: str, forwarded: list[str], client: str
) -> None:
    settings.TRUSTED_PROXIES = PROXIES
    assert (await see(peer, *forwarded))["client"][0] == client


async def test_nobody_is_trusted_unless_it_is_set() -> None:
    assert (await see("127.0.0.1", "1.1.1.1", proto="https"))["client"][0] == "127.0.0.1"


@pytest.mark.parametrize(("peer", "scheme"), [("10.0.0.2", "https"), ("1.1.1.1", "http")])
async def test_scheme_is_the_trusted_proxys_too(settings: Any, peer: str, scheme: str) -> None:
    settings.TRUSTED_PROXIES = PROXIES
    assert (await see(peer, proto="https"))["scheme"] == scheme


def test_customer_of_ipv6_is_one_source() -> None:
    first, second = ({"client": (f"2001:db8:1:2::{n}", 1)} for n in (1, 2))
    assert name_source(first) == name_source(second) != name_source({"client": ("2001:db8::1", 1)})
