"""The deployment files name what exists: commands, ports, paths, settings."""

import configparser
import re
import shlex
from pathlib import Path
from typing import Any

import crossplane
import pytest
import yaml
from django.core.management import get_commands

from intellibooks.settings import LOOPBACK_HOSTS

ROOT = Path(__file__).resolve().parent.parent.parent
PROBES = ("readinessProbe", "livenessProbe")
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
SETTINGS = "".join(path.read_text() for path in (ROOT / "intellibooks").glob("settings*.py"))


def read_compose() -> dict[str, Any]:
    compose: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return compose


def read_kubernetes() -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((ROOT / "deploy" / "kubernetes" / "studio.yaml").read_text()))


def list_compose_commands() -> list[str]:
    services = read_compose()["services"].values()
    return [one["command"] for one in services if "manage.py" in str(one.get("command"))]


def list_containers() -> list[dict[str, Any]]:
    pods = [one["spec"]["template"]["spec"] for one in read_kubernetes() if "Deploy" in one["kind"]]
    return [box for pod in pods for box in [*pod.get("initContainers", []), *pod["containers"]]]


def find_words_of_manage(words: list[str]) -> list[str]:
    return words[words.index("manage.py") + 1 :]


COMMANDS = [
    *(shlex.split(command) for command in list_compose_commands()),
    *(box["command"] for box in list_containers()),
    ["python", "manage.py", "web"],  # the image's own
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_of_a_container_is_one_of_ours(words: list[str]) -> None:
    name, *arguments = find_words_of_manage(words)
    assert name in get_commands()
    assert name != "work" or set(arguments) <= {"live", "pipeline"}


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_every_systemd_unit_starts_one_of_our_commands(path: Path) -> None:
    unit = configparser.ConfigParser(strict=True, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(path.read_text())
    words = shlex.split(unit["Service"]["ExecStart"])
    assert find_words_of_manage(words)[0] in get_commands()
    assert unit["Service"]["Restart"] == "always"
    assert unit["Install"]["WantedBy"] == "studio.target"
    # What lies there is for nobody else on the machine.
    assert (unit["Service"]["StateDirectoryMode"], unit["Service"]["UMask"]) == ("0700", "0077")
    # All else is read-only for it: ProtectSystem.
    assert (
        unit["Service"]["Environment"] == f"DATA_DIR=/var/lib/{unit['Service']['StateDirectory']}"
    )


def test_target_wants_each_kind_of_unit() -> None:
    text = (ROOT / "deploy" / "systemd" / "studio.target").read_text()
    wanted = {re.sub(r"@\d+", "@", name) for name in re.findall(r"studio-\S+\.service", text)}
    assert wanted == {path.name for path in UNITS}


def test_nginx_understands_its_file(tmp_path: Path) -> None:
    config = ROOT / "deploy" / "nginx" / "intellibooks.conf"
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"events {{}}\nhttp {{ include {config}; }}\n")
    parsed = crossplane.parse(str(whole))
    assert (parsed["status"], parsed["errors"]) == ("ok", [])


def test_compose_waits_for_the_migrations_and_survives_a_crash_of_redis() -> None:
    services = read_compose()["services"]
    assert services["web"]["depends_on"]["migrate"] == {
        "condition": "service_completed_successfully"
    }
    assert "--appendonly yes" in services["redis"]["command"]
    used = {name.split(":")[0] for one in services.values() for name in one.get("volumes", [])}
    assert used - {"./models"} == set(read_compose()["volumes"])


def test_containers_run_without_privileges() -> None:
    assert "USER studio" in (ROOT / "Dockerfile").read_text()
    for one in read_kubernetes():
        if one["kind"] == "Deployment":
            assert one["spec"]["template"]["spec"]["securityContext"]["runAsNonRoot"] is True


def test_probes_ask_under_a_name_that_is_always_allowed() -> None:
    probes = [box[kind] for box in list_containers() for kind in PROBES if kind in box]
    assert len(probes) == len(PROBES)
    for probe in probes:
        (header,) = probe["httpGet"]["httpHeaders"]
        assert (header["name"], header["value"] in LOOPBACK_HOSTS) == ("Host", True)


def test_image_holds_every_app_and_no_test() -> None:
    copied = re.findall(r"^COPY (\w+) \1$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert sorted(copied) == ["chat", "intellibooks", "meetings", "transcription"]


def list_variables() -> set[str]:
    example = (ROOT / "deploy" / "studio.env.example").read_text()
    named = set(re.findall(r"^#? ?([A-Z_]+)=", example, re.MULTILINE))
    for one in read_kubernetes():
        named |= set(one.get("data", {}))
    return named | (set(read_compose()["x-studio"]["environment"]))


@pytest.mark.parametrize("name", sorted(list_variables()))
def test_every_variable_is_a_setting(name: str) -> None:
    assert f'"{name}"' in SETTINGS
