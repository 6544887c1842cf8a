"""What the documents say is so."""

import re
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.urls import Resolver404, resolve

ROOT = Path(__file__).resolve().parent.parent
DOCS = {path.stem: path.read_text() for path in (ROOT / "docs").glob("*.md")}
SETTINGS = "".join(path.read_text() for path in (ROOT / "intellibooks").glob("settings*.py"))
VARIABLE = re.compile(r"env\.\w+\(\s*\"([A-Z_]+)\"")


def test_every_setting_is_in_the_table_and_the_other_way_round() -> None:
    lines = DOCS["settings"].splitlines()
    rows = [line.split("|")[1] for line in lines if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}
    assert named == set(VARIABLE.findall(SETTINGS))


ROUTES = re.findall(r"`(?:GET|POST|PUT|PATCH|DELETE) (/[^`]+)`", DOCS["api"])


@pytest.mark.parametrize("route", ROUTES)
def test_routes_of_the_table_exist(route: str) -> None:
    path = route.replace("{id}", "some-id").replace("{index}", "0").replace("{key}", "k")
    try:
        assert resolve(path)
    except Resolver404:
        pytest.fail(f"{route} is in docs/api.md and nowhere else")


def test_commands_of_the_table_exist() -> None:
    named = set(re.findall(r"`manage\.py (\w+)", DOCS["commands"]))
    assert named <= set(get_commands())
    ours = {name for name, app in get_commands().items() if app in {"intellibooks", "meetings"}}
    assert ours <= named


def test_links_between_documents_lead_somewhere() -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


PAGES = {"README": (ROOT / "README.md").read_text(), **DOCS}
WRITTEN = sorted(
    {
        (page, command.strip())
        for page, text in PAGES.items()
        for command in re.findall(r"manage\.py (\w+[^`\n|#]*)", text)
    }
)


def list_flags(parser: ArgumentParser) -> Iterator[str]:
    """Of the command and of what stands below it, as in ``token create``."""
    for action in parser._actions:  # noqa: SLF001 - argparse has no other way to ask
        yield from action.option_strings
        if isinstance(action, _SubParsersAction):
            for below in action.choices.values():
                yield from list_flags(below)


@cache
def find_flags(name: str) -> set[str]:
    app = get_commands()[name]
    command = load_command_class(app, name) if isinstance(app, str) else app
    return set(list_flags(command.create_parser("manage.py", name)))


@pytest.mark.parametrize(("page", "command"), WRITTEN)
def test_every_command_that_is_written_down_takes_its_flags(page: str, command: str) -> None:
    name = command.split(maxsplit=1)[0]
    assert name in get_commands(), f"{page}: manage.py {command}"
    written = set(re.findall(r"(?<![\w-])--[a-z][\w-]*", command))
    assert written <= find_flags(name), f"{page}: manage.py {command}"


def test_every_make_target_that_is_written_down_is_one() -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page, text in PAGES.items():
        named = re.findall(r"(?:`|^)make ([a-z][\w-]*)", text, re.MULTILINE)
        assert set(named) <= targets, page


def test_every_variable_that_is_set_in_an_example_is_one() -> None:
    known = set(VARIABLE.findall(SETTINGS)) | {"ARGS", "FUZZ_FACTOR", "CI"}
    for page, text in PAGES.items():
        spans = re.findall(r"`([^`\n]+)`", text) + re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)
        for span in spans:
            named = re.findall(r"(?<![\w-])([A-Z][A-Z_]{3,})=", span)
            assert set(named) <= known, f"{page}: {span}"


def test_every_file_that_is_named_is_there() -> None:
    for page, text in PAGES.items():
        for name in re.findall(
            r"`((?:chat|meetings|intellibooks|transcription|tests|bench|deploy)/[\w/.-]+)`", text
        ):
            assert (ROOT / name).exists(), f"{page} names {name}"
