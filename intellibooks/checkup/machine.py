"""What the service stands on: interpreter, packages, secret, port, and who may come in."""

import platform
import stat
import sys
from importlib import metadata
from pathlib import Path

import django
from django.conf import settings

from intellibooks.auth.opening import OpenModeRefused, check_open_mode
from intellibooks.checkup.base import Check, Finding, Level, fails, warns, works
from intellibooks.identity import is_open
from intellibooks.port_check import PortError, find_holder
from intellibooks.serving import fetch_health

OLDEST_PYTHON = (3, 11)
SHORTEST_SECRET = 32
REQUIREMENTS = "requirements.txt"
INSTALL = f"pip install -r {REQUIREMENTS}"


def check_python() -> Finding:
    found = platform.python_version()
    if sys.version_info < OLDEST_PYTHON:
        return fails(f"{found} is too old", "python3.11 -m venv .venv")
    return works(found)


def check_packages() -> Finding:
    """Those of requirements.txt, in the versions that were tested together."""
    path = Path(settings.BASE_DIR) / REQUIREMENTS
    lines = path.read_text().splitlines() if path.is_file() else []
    pairs = [pair for line in lines if (pair := read_requirement(line))]
    if missing := [name for name, _ in pairs if not find_version(name)]:
        return fails(f"missing: {', '.join(missing)}", INSTALL)
    if others := [name for name, version in pairs if find_version(name) != version]:
        return warns(f"of another version than tested: {', '.join(others)}", INSTALL)
    return works(f"Django {django.get_version()}, {len(pairs)} packages as in {REQUIREMENTS}")


def read_requirement(line: str) -> tuple[str, str] | None:
    """Name and version where both are pinned for every platform."""
    plain = line.partition("#")[0].strip()
    name, _, version = plain.partition("==")
    if not version or ";" in plain:
        return None
    return name.partition("[")[0].strip(), version.strip()


def find_version(name: str) -> str:
    """The installed version, or nothing."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def check_secret() -> Finding:
    """Long enough, and in a file that only its owner reads, where it comes from ours."""
    fix = "python -c 'import secrets; print(\"SECRET_KEY=\" + secrets.token_urlsafe(48))' >> .env"
    if len(settings.SECRET_KEY) < SHORTEST_SECRET:
        return fails(f"SECRET_KEY is shorter than {SHORTEST_SECRET} characters", fix)
    path = Path(settings.DATA_DIR) / "secret_key"
    is_file = path.is_file() and path.read_text().strip() == settings.SECRET_KEY
    if not is_file:
        return works("from the environment")
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return warns("others on this machine can read it", f"chmod 600 {path}", str(path))
    return works(f"{path}, for its owner alone")


def check_auth() -> Finding:
    if not is_open():
        how = "sessions, tokens" + (" and JWT" if settings.JWT_JWKS_URL else "")
        return works(f"required: {how}")
    try:
        warning = check_open_mode(settings.HOST, is_allowed=False)
    except OpenModeRefused as error:
        return fails(str(error), "echo AUTH_MODE=required >> .env")
    if warning:
        return warns(warning, "echo AUTH_MODE=required >> .env", "open")
    return works(f"open: whoever reaches {settings.HOST} may do everything; fine on this machine")


def check_debug() -> Finding:
    if settings.DEBUG:
        return warns("DEBUG shows the code to whoever makes it fail", "unset DEBUG", "on")
    return works("off")


def check_port() -> Finding:
    host, port = settings.HOST, settings.PORT
    try:
        holder = find_holder(host, port)
    except PortError as error:
        return fails(str(error), "python manage.py serve --host 127.0.0.1")
    if holder is None:
        return works(f"{host}:{port} is free")
    health = fetch_health(host, port)
    if health is not None and health.get("service") == "intellibooks-studio":
        return works(f"{host}:{port} serves version {health.get('version')}, {health['status']}")
    fix = f"python manage.py serve --port {port + 1}"
    return fails(f"{host}:{port} is held by {holder}", fix)


CHECKS = (
    Check("python", check_python, is_required=True),
    Check("packages", check_packages, is_required=True),
    Check("secret", check_secret, is_required=True),
    Check("auth", check_auth, is_required=True),
    Check("debug", check_debug),
    Check("port", check_port, Level.THOROUGH, is_required=True, seconds=3.0),
)
