"""requirements.lock is what the requirements name, whole, and with hashes."""

import re
from collections import defaultdict
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent.parent
LOCK = (ROOT / "requirements.lock").read_text()
SOURCES = ("requirements.txt", "requirements-s3.txt", "requirements-otel.txt")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def read_requirements(name: str) -> Iterator[Requirement]:
    for line in (ROOT / name).read_text().splitlines():
        words = line.partition("#")[0].strip()
        if words and not words.startswith("-r"):
            yield Requirement(words)


def read_lock() -> dict[str, list[tuple[Requirement, int]]]:
    """Name -> what is locked, by platform, and how many hashes it has."""
    found: dict[str, list[tuple[Requirement, int]]] = defaultdict(list)
    for line in LOCK.replace("\\\n", " ").splitlines():
        if line[:1].isalnum():
            locked = Requirement(line.partition("--hash")[0])
            found[canonicalize_name(locked.name)].append((locked, len(HASH.findall(line))))
    return dict(found)


LOCKED = read_lock()


@pytest.mark.parametrize("source", SOURCES)
def test_lock_has_every_requirement_at_its_version(source: str) -> None:
    for wanted in read_requirements(source):
        ((locked, _),) = LOCKED[canonicalize_name(wanted.name)]
        assert locked.specifier == wanted.specifier, f"{wanted.name}: run make lock"


def test_every_version_in_the_lock_is_exact_and_has_hashes() -> None:
    for locked, hashes in chain.from_iterable(LOCKED.values()):
        assert re.fullmatch(r"==[\w.]+", str(locked.specifier)), locked
        assert hashes, locked


def test_what_they_need_in_turn_is_in_the_lock() -> None:
    """As far as it is installed here: pip with --no-deps would not fetch it."""
    wanted = chain.from_iterable(read_requirements(source) for source in SOURCES)
    extras: dict[str, set[str]] = {canonicalize_name(one.name): one.extras for one in wanted}
    for name in LOCKED:
        try:
            needed = [Requirement(line) for line in requires(name) or ()]
        except PackageNotFoundError:  # another platform's
            continue
        for one in needed:
            wishes = ("", *extras.get(canonicalize_name(name), set()))
            if one.marker is None or any(one.marker.evaluate({"extra": it}) for it in wishes):
                assert canonicalize_name(one.name) in LOCKED, f"{name} needs {one}: run make lock"


def test_the_image_is_installed_from_the_lock() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert "COPY requirements.lock ." in dockerfile
    assert "--no-deps --require-hashes -r requirements.lock" in dockerfile
