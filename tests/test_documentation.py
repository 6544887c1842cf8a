"""What the documents say is so."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.urls import Resolver404, resolve

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
SETTINGS = (ROOT / "intellibooks" / "settings.py").read_text()
VARIABLE = re.compile(r"env\.\w+\(\s*\"([A-Z_]+)\"")


def section(title: str) -> str:
    return README.split(f"## {title}\n")[1].split("\n## ")[0]


def test_every_setting_is_in_the_table_and_the_other_way_round() -> None:
    lines = section("Settings").splitlines()
    rows = [line.split("|")[1] for line in lines if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}
    assert named == set(VARIABLE.findall(SETTINGS))


ROUTES = re.findall(r"`(?:GET|POST|PUT) (/[^`]+)`", section("API"))


@pytest.mark.parametrize("route", ROUTES)
def test_routes_of_the_table_exist(route: str) -> None:
    path = route.replace("{id}", "some-id").replace("{index}", "0")
    try:
        assert resolve(path)
    except Resolver404:
        pytest.fail(f"{route} is in the README and nowhere else")


def test_commands_of_the_table_exist() -> None:
    named = set(re.findall(r"`manage\.py (\w+)", section("Commands")))
    assert named <= set(get_commands())
    ours = {name for name, app in get_commands().items() if app in {"intellibooks", "meetings"}}
    assert ours <= named


def test_links_between_documents_lead_somewhere() -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
