"""Disks that are full when a test wants them to be."""

import errno
import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

MEBIBYTE = 1024 * 1024


@contextmanager
def small_disk(folder: Path, mebibytes: int) -> Iterator[None]:
    """A file system of that size under the folder; the test is skipped where none is to be had."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:  # noqa: S603
        pytest.skip("no right to mount a small disk here: run as root")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)  # noqa: S603, S607


@contextmanager
def own_data_dir() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ib-disk-") as name:
        yield Path(name)


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Not a byte is free on the folder's disk until the block ends."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                write_until_refused(file.fileno())
        except OSError as error:
            assert error.errno == errno.ENOSPC  # noqa: PT017 - what the loop waits for
    try:
        yield
    finally:
        ballast.unlink()


def write_until_refused(descriptor: int) -> None:
    for size in (MEBIBYTE, 4096, 1):
        try:
            while True:
                os.write(descriptor, bytes(size))
        except OSError as error:
            if size == 1 or error.errno != errno.ENOSPC:
                raise


@contextmanager
def files_limited(processes: Sequence[psutil.Process], size: int) -> Iterator[None]:
    """The processes cannot let a file grow beyond so many bytes, as with a quota; needs no root."""
    limits = [process.rlimit(psutil.RLIMIT_FSIZE) for process in processes]
    for process, (_, hard) in zip(processes, limits, strict=True):
        process.rlimit(psutil.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        for process, before in zip(processes, limits, strict=True):
            process.rlimit(psutil.RLIMIT_FSIZE, before)
