"""Fixtures for what meetings keep on disk, and for the commands that look after it."""

import base64
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from intellibooks.media_keys import parse_media_keys


@pytest.fixture
def data_dir(settings: Settings, tmp_path: Path) -> Path:
    """A DATA_DIR of the test's own, with its own media storage."""
    media = {**settings.STORAGES["media"], "OPTIONS": {"location": tmp_path / "media"}}
    settings.DATA_DIR = tmp_path
    settings.STORAGES = {**settings.STORAGES, "media": media}
    return tmp_path


@pytest.fixture
def encrypt(settings: Settings, data_dir: Path) -> Callable[..., None]:
    """Sets MEDIA_ENCRYPTION_KEYS to keys of these names; the first encrypts, ``off`` none."""

    def choose(*names: str) -> None:
        keys = [f"{name}:{base64.b64encode(name.encode().ljust(32)).decode()}" for name in names]
        text = ",".join(key if not key.startswith("off:") else "off" for key in keys)
        settings.MEDIA_ENCRYPTION_KEYS = parse_media_keys(text)

    return choose


@pytest.fixture
def age_files(data_dir: Path) -> Callable[[float], None]:
    """As if everything on disk had been written so many seconds earlier."""

    def age(seconds: float) -> None:
        then = time.time() - seconds
        for path in data_dir.rglob("*"):
            os.utime(path, (then, then))

    return age


@pytest.fixture
def run_command() -> Callable[..., int]:
    """Runs a management command; its exit code."""

    def run(*arguments: str) -> int:
        try:
            call_command(*arguments)
        except SystemExit as ended:
            return int(ended.code or 0)
        return 0

    return run
