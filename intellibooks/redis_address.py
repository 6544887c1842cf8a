"""What REDIS_URL says besides an address."""

from typing import Any

from redis.connection import SSLConnection, parse_url

ADDRESS = ("host", "port", "path", "connection_class")


def read_credentials(url: str) -> dict[str, Any]:
    """User, password, database and TLS, as redis-py calls them."""
    parts: dict[str, Any] = dict(parse_url(url))  # type: ignore[no-untyped-call]
    kept = {name: value for name, value in parts.items() if name not in ADDRESS}
    is_tls = parts.get("connection_class") is SSLConnection
    return {**kept, "ssl": True} if is_tls else kept
