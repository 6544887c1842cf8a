import os
import stat
from pathlib import Path

import pytest

from intellibooks import env
from transcription.dotenv import set_variable

NAME = "WHISPER_MODEL_PATH"


@pytest.fixture
def dotenv(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def test_new_file_is_its_owners_alone(dotenv: Path) -> None:
    assert not set_variable(dotenv, NAME, "/models/a.bin")
    assert dotenv.read_text() == f"{NAME}=/models/a.bin\n"
    assert stat.S_IMODE(dotenv.stat().st_mode) == 0o600


def test_other_lines_stay_as_they_are(dotenv: Path) -> None:
    dotenv.write_bytes(b"# mine\r\nA=1\r\nWHISPER_MODEL_PATH=/old\nWHISPER_PATH=x\n\xff\nB=2")
    assert set_variable(dotenv, NAME, "/new")
    assert dotenv.read_bytes() == (
        b"# mine\r\nA=1\r\nWHISPER_MODEL_PATH=/new\nWHISPER_PATH=x\n\xff\nB=2"
    )


def test_line_without_an_end_is_not_grown(dotenv: Path) -> None:
    dotenv.write_text("A=1")
    set_variable(dotenv, NAME, "/new")
    assert dotenv.read_text() == f"A=1\n{NAME}=/new\n"


def test_one_line_of_the_name_stays(dotenv: Path) -> None:
    dotenv.write_text(f"export {NAME}=/a\n#{NAME}=/b\n{NAME}=/c\n")
    set_variable(dotenv, NAME, "/new")
    assert dotenv.read_text() == f"{NAME}=/new\n#{NAME}=/b\n"


def test_rights_and_links_are_kept(dotenv: Path, tmp_path: Path) -> None:
    real = tmp_path / "shared" / "settings"
    real.parent.mkdir()
    real.write_text("A=1\n")
    real.chmod(0o640)
    dotenv.symlink_to(real)
    set_variable(dotenv, NAME, "/new")
    assert dotenv.is_symlink()
    assert real.read_text() == f"A=1\n{NAME}=/new\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


@pytest.mark.parametrize("value", ["/models/a.bin", "/my models/#1 $HOME\\x/a.bin", "/mo\u00e9/a"])
def test_service_reads_what_was_written(
    dotenv: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv(NAME, "")
    monkeypatch.delenv(NAME)
    set_variable(dotenv, NAME, value)
    env.read_dotenv(dotenv)
    assert os.environ[NAME] == value


@pytest.mark.parametrize("value", ["it's", "two\nlines"])
def test_value_that_no_file_can_hold_is_refused(dotenv: Path, value: str) -> None:
    dotenv.write_text("A=1\n")
    with pytest.raises(ValueError, match="cannot stand"):
        set_variable(dotenv, NAME, value)
    assert [path.name for path in dotenv.parent.iterdir()] == [".env"]
    assert dotenv.read_text() == "A=1\n"
