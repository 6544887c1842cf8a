"""The installation that docs/operations.md describes, typed line by line under another root.

``useradd`` and ``systemctl`` are told of that root; ``systemd-run``, which needs a running systemd,
is played by a script that does what its options say. What requirements.lock names and is
installed here already is not fetched again.
"""

import os
import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from intellibooks.media_keys import parse_media_keys
from tests.intellibooks.serve_process import build_env

ROOT = Path(__file__).resolve().parent.parent.parent
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
USERADD = '#!/bin/sh\nexec {useradd} --prefix "{root}" "$@"\n'
SYSTEMCTL = '#!/bin/sh\nexec {systemctl} --root="{root}" "$1" "$3"\n'  # no --now
SYSTEMD_RUN = """#!/bin/bash
set -eu
while [ "${1#-}" != "$1" ]; do
  case "$1" in
    --wait|--pipe|--uid=studio) ;;
    --setenv=*) export "${1#--setenv=}" ;;
    -p) shift
      case "$1" in
        EnvironmentFile=*) set -a; . "${1#*=}"; set +a ;;
        WorkingDirectory=*) cd "${1#*=}" ;;
        *) echo "unknown property $1" >&2; exit 2 ;;
      esac ;;
    *) echo "unknown option $1" >&2; exit 2 ;;
  esac
  shift
done
exec "$@"
"""


def find_block(after: str) -> str:
    """The lines of the first block that follows these words."""
    block = re.search(r"```\n(.*?)```", OPERATIONS[OPERATIONS.index(after) :], re.DOTALL)
    assert block
    return block[1]


def write_program(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text)
    (folder / name).chmod(0o755)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A machine's folders, with the repository unpacked, and the programs that only look there."""
    root = tmp_path / "root"
    for folder in ("bin", "etc/systemd/system", "var/lib", "opt"):
        (root / folder).mkdir(parents=True)
    for name in ("passwd", "group", "shadow", "gshadow"):
        (root / "etc" / name).touch()
    leave = shutil.ignore_patterns(".*", "var", "__pycache__", "node_modules")
    shutil.copytree(ROOT, root / "opt" / "studio", ignore=leave)
    places = {"root": root, "useradd": find("useradd"), "systemctl": find("systemctl")}
    write_program(root / "bin", "useradd", USERADD.format(**places))
    write_program(root / "bin", "systemctl", SYSTEMCTL.format(**places))
    write_program(root / "bin", "systemd-run", SYSTEMD_RUN)
    return root


def find(program: str) -> str:
    path = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if path is None:
        pytest.skip(f"no {program} on this machine")
    return path


def lend_packages(block: str, root: Path) -> str:
    """After the line that makes the environment, one that shows it what is installed here."""
    (line,) = re.findall(r"^python3 -m venv (\S+)$", block, re.MULTILINE)
    packages = sysconfig.get_paths()["purelib"]
    lent = f'echo "{packages}" > "$(echo {line}/lib/python3.*/site-packages)/lent.pth"'
    return block.replace(f"venv {line}\n", f"venv {line}\n{lent}\n")


def test_installation_with_systemd_leads_to_a_migrated_service(root: Path) -> None:
    if os.geteuid():
        pytest.skip("the installation is made by root")
    block = find_block("With systemd, as root")
    useradd, _, others = block.partition("\n")
    others = re.sub(r"(?<![\w/.])/(?=(opt|etc|var)/)", f"{root}/", others)
    script = lend_packages(f"{useradd}\n{others}", root)
    env = {**build_env(root), "PATH": f"{root}/bin:{os.environ['PATH']}"}
    del env["DATA_DIR"]  # the lines name it
    done = subprocess.run(  # noqa: S603 - the lines of our own document
        ["/bin/bash", "-euxo", "pipefail", "-c", script],
        env={**env, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (root / "etc" / "passwd").read_text().startswith("studio:x:")
    assert (root / "var" / "lib" / "studio" / "intellibooks.sqlite3").stat().st_size > 0
    wanted = root / "etc" / "systemd" / "system" / "multi-user.target.wants" / "studio.target"
    assert wanted.is_symlink()


def test_key_that_the_encryption_line_makes_is_one(tmp_path: Path) -> None:
    line = find_block("## Encryption of audio").splitlines()[0]
    subprocess.run(["/bin/bash", "-euc", line], cwd=tmp_path, check=True)  # noqa: S603
    name, _, value = (tmp_path / ".env").read_text().strip().partition("=")
    assert name == "MEDIA_ENCRYPTION_KEYS"
    assert parse_media_keys(value).writing
