import socket
from pathlib import Path
from typing import Any

import pytest

from intellibooks.checkup import machine
from intellibooks.checkup.base import State
from intellibooks.checkup.system import report_openness


def test_this_machine_has_what_is_needed() -> None:
    assert machine.check_python().state == State.OK
    assert machine.check_packages().state in {State.OK, State.WARNING}


def test_missing_package_and_another_version_are_told_apart(settings: Any, tmp_path: Path) -> None:
    settings.BASE_DIR = tmp_path
    (tmp_path / "requirements.txt").write_text("# all\ndjango==1.0\nnowhere==2 ; python_version\n")
    assert machine.check_packages().state == State.WARNING
    (tmp_path / "requirements.txt").write_text("no-such-package[extra]==1.0\n")
    finding = machine.check_packages()
    assert (finding.state, finding.error) == (State.FAILED, "missing: no-such-package")


def test_short_secret_fails_and_is_not_shown(settings: Any) -> None:
    settings.SECRET_KEY = "hush"
    finding = machine.check_secret()
    assert finding.state == State.FAILED
    assert "hush" not in str(finding)


def test_secret_that_others_can_read_is_a_warning(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    path = tmp_path / "secret_key"
    path.write_text(settings.SECRET_KEY)
    path.chmod(0o644)
    finding = machine.check_secret()
    assert (finding.state, finding.fix) == (State.WARNING, f"chmod 600 {path}")


def test_open_mode_on_the_network_fails_unless_it_is_allowed(settings: Any) -> None:
    settings.AUTH_MODE, settings.HOST, settings.ALLOW_OPEN = "open", "10.0.0.5", False
    assert machine.check_auth().state == State.FAILED
    assert [message.id for message in report_openness()] == ["intellibooks.E001"]
    settings.ALLOW_OPEN = True
    assert [message.id for message in report_openness()] == ["intellibooks.W001"]


@pytest.mark.parametrize(("mode", "host"), [("open", "127.0.0.1"), ("required", "10.0.0.5")])
def test_safe_ways_in_are_fine(mode: str, host: str, settings: Any) -> None:
    settings.AUTH_MODE, settings.HOST = mode, host
    assert machine.check_auth().state == State.OK
    assert report_openness() == []


def test_port_of_another_program_fails(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings.HOST, settings.PORT = listener.getsockname()
        listener.settimeout(0)
        finding = machine.check_port()
        assert finding.state == State.FAILED
        assert finding.fix == f"python manage.py serve --port {settings.PORT + 1}"
    assert machine.check_port().state == State.OK
