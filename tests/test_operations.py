"""What docs/operations.md names is there: commands and their options, settings, metrics, files."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.test import Client

from intellibooks.metrics.process import REGISTRY
from meetings.figures import COUNTERS

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "operations.md").read_text()
SETTINGS = "".join(path.read_text() for path in (ROOT / "intellibooks").glob("settings*.py"))
CALLS = re.findall(r"manage\.py (\w+)([^`\n#,;]*)", PAGE)
NOT_OURS = {"DATABASE_URL", "BUCKET", "PREFIX", "ID", "FILE"}


@pytest.mark.parametrize(("name", "words"), sorted(set(CALLS)))
def test_commands_and_their_options_exist(name: str, words: str) -> None:
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    known = parser._option_string_actions  # noqa: SLF001 - argparse has no other way to ask
    assert set(re.findall(r"--[a-z][a-z-]*", words)) <= set(known)


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`([A-Z]+_[A-Z0-9_]+)(?:=\w+)?`", PAGE))))
def test_settings_exist(name: str) -> None:
    assert f'"{name}"' in SETTINGS


@pytest.mark.django_db(transaction=True)
def test_metrics_of_the_alerts_exist(client: Client) -> None:
    shown = client.get("/metrics").content.decode()
    shown += "".join(f"{name}_total\n" for name in COUNTERS)  # shown once there is one to count
    shown += "".join(f"{one.name}_bucket {one.name}_count\n" for one in REGISTRY.collect())
    named = set(re.findall(r"studio_\w+", PAGE))
    assert len(named) > 8
    assert not [name for name in named if name not in shown]


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:deploy|tests)/[\w./]+)`", PAGE))))
def test_files_exist(path: str) -> None:
    assert (ROOT / path).exists()
