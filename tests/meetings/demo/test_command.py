"""The command as it is called."""

import io
import socket
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from meetings.management.commands.demo import address_of_settings


@pytest.fixture
def free_url() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def run_demo(*args: Any, **options: Any) -> tuple[object, list[str]]:
    """Exit code and what it complained of."""
    complaints = io.StringIO()
    with pytest.raises(SystemExit) as left:
        call_command("demo", *args, stderr=complaints, stdout=io.StringIO(), **options)
    return left.value.code, complaints.getvalue().splitlines()


def test_absent_service_is_one_line_with_what_to_do(free_url: str) -> None:
    assert run_demo(url=free_url) == (
        1,
        [
            f"Nothing answers at {free_url}. Start the service with `make run` "
            "(or `python manage.py serve`) and try again."
        ],
    )


def test_unreadable_reference_is_told_before_anything_is_played(tmp_path: Path) -> None:
    code, complaints = run_demo(reference=tmp_path / "none.txt", url="http://127.0.0.1:1")
    assert code == 1
    assert complaints == [
        f"The reference {tmp_path}/none.txt cannot be read: No such file or directory."
    ]


@pytest.mark.parametrize("speed", ["-1", "nan", "inf", "fast"])
def test_impossible_speed_is_refused(speed: str) -> None:
    with pytest.raises(CommandError, match="must be a number, 0 or more"):
        call_command("demo", "--speed", speed)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8123"),
        ("0.0.0.0", "http://127.0.0.1:8123"),  # noqa: S104 - what HOST may say
        ("::", "http://[::1]:8123"),
    ],
)
def test_default_address_is_that_of_the_settings(
    settings: Settings, host: str, address: str
) -> None:
    settings.HOST, settings.PORT = host, 8123
    assert address_of_settings() == address
