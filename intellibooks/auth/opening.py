"""Open mode is for this machine alone, unless somebody says out loud that it is not."""

from django.conf import settings

from intellibooks.identity import is_open
from intellibooks.port_check import is_loopback


class OpenModeRefused(RuntimeError):
    """The service would trust whoever reaches it; the text says what to do."""


def check_open_mode(host: str, *, is_allowed: bool) -> str:
    """A warning to show at the start, empty where there is no reason. Raises OpenModeRefused."""
    if not is_open() or is_loopback(host):
        return ""
    if is_allowed or settings.ALLOW_OPEN:
        return (
            f"Warning: {host} can be reached from the network, and open mode trusts whoever "
            "does so. Use a trusted network or a proxy that asks who is there."
        )
    raise OpenModeRefused(
        f"{host} can be reached from the network, and AUTH_MODE=open trusts whoever does so. "
        "Set AUTH_MODE=required, listen on 127.0.0.1, or say --allow-open (ALLOW_OPEN=true)."
    )
