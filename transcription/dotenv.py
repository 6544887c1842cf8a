"""Sets one variable in a .env file and leaves everything else in it as it was."""

import os
import re
import tempfile
from pathlib import Path

PLAIN = re.compile(r"[\w./:@%+,~-]*")


def set_variable(path: Path, name: str, value: str) -> bool:
    """Writes ``name=value``, the file whole or as before; whether the name stood there already.

    One line of that name stays. A new file only its owner can read, an old one keeps its rights,
    a symbolic link stays one. Raises OSError, and ValueError for a value no such file can hold.
    """
    target = path.resolve()
    line = f"{name}={quote(value)}"
    # Bytes that are no UTF-8 and the line ends of another system are somebody's, and stay.
    old = target.read_bytes().decode(errors="surrogateescape") if target.exists() else ""
    places, new = replace_line(old, name, line)
    write_whole(target, new.encode(errors="surrogateescape"))
    return places > 0


def quote(value: str) -> str:
    if PLAIN.fullmatch(value):
        return value
    if "'" in value or not value.isprintable():
        raise ValueError(f"{value!r} cannot stand in a .env file")
    return f"'{value}'"


def replace_line(text: str, name: str, line: str) -> tuple[int, str]:
    """How many lines of that name there were, and the text with one."""
    pattern = re.compile(rf"\s*(?:export\s+)?{re.escape(name)}\s*=")
    lines = text.splitlines(keepends=True)
    places = [index for index, old in enumerate(lines) if pattern.match(old)]
    if not places:
        line_break = "" if not text or text.endswith("\n") else "\n"
        return 0, f"{text}{line_break}{line}\n"
    lines[places[0]] = f"{line}\n"
    kept = "".join(old for index, old in enumerate(lines) if index not in places[1:])
    return len(places), kept


def write_whole(target: Path, content: bytes) -> None:
    """Beside it first, then under its name."""
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".env-", delete=False) as file:
        part = Path(file.name)
        try:
            file.write(content)
            file.flush()
            keep_rights(target, file.fileno())
            os.fsync(file.fileno())
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)


def keep_rights(target: Path, descriptor: int) -> None:
    if not target.exists():
        return  # a temporary file is its owner's alone, as a new .env should be
    old = target.stat()
    os.fchmod(descriptor, old.st_mode & 0o7777)
    if (old.st_uid, old.st_gid) != (os.geteuid(), os.getegid()):
        os.fchown(descriptor, old.st_uid, old.st_gid)
