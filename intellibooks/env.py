"""The environment, read loudly: a value that makes no sense stops the start and says why."""

import ipaddress
import json
import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from intellibooks.limits.rates import Rate, parse_rate
from intellibooks.media_keys import MediaKeys, parse_media_keys

TRUE_WORDS = {"1", "true", "yes", "on"}
FALSE_WORDS = {"0", "false", "no", "off"}
DATABASE_SCHEMES = ("sqlite", "postgres", "postgresql")


class SettingError(ImproperlyConfigured):
    """A variable with a value that is not allowed; the text names it and what is."""

    def __init__(self, name: str, value: str, allowed: str) -> None:
        super().__init__(f"{name}={value!r} is not allowed: {allowed}.")


def read_dotenv(path: Path) -> None:
    """Variables of a .env file, for those the environment itself does not set."""
    if path.is_file():
        environ.Env.read_env(path)


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def secret(name: str) -> str:
    """The variable, or the content of the file that ``<name>_FILE`` points at."""
    file_name = text(f"{name}_FILE")
    if not file_name:
        return text(name)
    try:
        return Path(file_name).read_text().strip()
    except OSError as error:
        raise SettingError(f"{name}_FILE", file_name, f"a readable file ({error})") from error


def flag(name: str, *, default: bool) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value not in TRUE_WORDS | FALSE_WORDS:
        raise SettingError(name, value, "true or false")
    return value in TRUE_WORDS


def whole_number(name: str, default: int, *, minimum: int, maximum: int) -> int:
    value = text(name)
    if not value:
        return default
    if not value.isascii() or not value.isdigit() or not minimum <= int(value) <= maximum:
        raise SettingError(name, value, f"a whole number from {minimum} to {maximum}")
    return int(value)


def names(name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    """A comma list or a JSON list of strings."""
    value = text(name)
    if not value:
        return default
    if not value.startswith("["):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    try:
        parsed = json.loads(value)
    except ValueError as error:
        raise SettingError(name, value, "a comma list or a JSON list of strings") from error
    if not all(isinstance(part, str) for part in parsed):
        raise SettingError(name, value, "a comma list or a JSON list of strings")
    return tuple(parsed)


def addresses(name: str) -> list[tuple[str, int]]:
    """``host:port,host:port`` as pairs."""
    found = []
    for part in names(name, ()):
        host, _, port_text = part.rpartition(":")
        if not host or not port_text.isdecimal() or not 0 < int(port_text) < 2**16:
            raise SettingError(name, part, "host:port, with commas between them")
        found.append((host.strip("[]"), int(port_text)))
    return found


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = text(name, default)
    if value not in allowed:
        raise SettingError(name, value, f"one of {', '.join(allowed)}")
    return value


def choices(name: str, default: tuple[str, ...], allowed: tuple[str, ...]) -> tuple[str, ...]:
    chosen = names(name, default)
    if unknown := [part for part in chosen if part not in allowed]:
        raise SettingError(name, ",".join(unknown), f"a list of {', '.join(allowed)}")
    return chosen


def origins(name: str, default: tuple[str, ...]) -> list[str]:
    """Web origins: scheme and host, no path."""
    chosen = names(name, default)
    for origin in chosen:
        parts = urlsplit(origin)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/"):
            raise SettingError(name, origin, "origins such as http://localhost:3001")
    return [origin.rstrip("/") for origin in chosen]


def url(name: str, schemes: tuple[str, ...]) -> str:
    value = secret(name)
    parts = urlsplit(value)
    if value and (parts.scheme not in schemes or not (parts.netloc or parts.path)):
        shown = value if parts.password is None else f"{parts.scheme}://..."
        raise SettingError(name, shown, f"a URL that starts with {' or '.join(schemes)}://")
    return value


def database(name: str) -> dict[str, object]:
    """Django's settings of the database a URL names, or nothing where it is not set."""
    value = url(name, DATABASE_SCHEMES)
    return dict(environ.Env.db_url_config(value)) if value else {}


def rate(name: str, default: str) -> Rate | None:
    """So many in so much time; None where the operator switched the limit off."""
    value = text(name, default)
    try:
        return parse_rate(value)
    except ValueError as error:
        raise SettingError(name, value, "a rate such as 20/s or 100/10min, or off") from error


def media_keys(name: str) -> MediaKeys:
    """A comma list of ``<id>:<base64 of 32 bytes>``; what is refused is not shown."""
    try:
        return parse_media_keys(secret(name))
    except ValueError as error:
        allowed = f"a list of <id>:<base64 of 32 bytes> ({error})"
        raise SettingError(name, "...", allowed) from None  # the cause may show a key


def networks(name: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Addresses and networks such as 10.0.0.0/8."""
    try:
        return [ipaddress.ip_network(part) for part in names(name, ())]
    except ValueError as error:
        raise SettingError(name, text(name), "a list of addresses or networks") from error


def port(name: str, default: int, *, root: Path) -> int:
    """The variable, else ``services.websocket`` of packages/core/ports.json in or above root."""
    shared = default
    for folder in (root, *root.parents):
        path = folder / "packages" / "core" / "ports.json"
        if path.is_file():
            shared = read_shared_port(path)
            break
    return whole_number(name, shared, minimum=1, maximum=65535)


def read_shared_port(path: Path) -> int:
    allowed = 'JSON with {"services": {"websocket": <port>}}'
    try:
        entry = json.loads(path.read_text())["services"]["websocket"]
        return int(entry["port"] if isinstance(entry, dict) else entry)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise SettingError(str(path), str(error), allowed) from error


def persistent_secret(path: Path) -> str:
    """A secret made once and kept in a file only its owner can read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()
