"""The environment is read loudly."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intellibooks import env
from tests.intellibooks.serve_process import ROOT, build_env


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.delenv("THING", raising=False)
    monkeypatch.delenv("THING_FILE", raising=False)
    return monkeypatch


def test_unset_and_blank_mean_the_default(put: pytest.MonkeyPatch) -> None:
    assert env.text("THING", "default") == "default"
    put.setenv("THING", "  ")
    assert env.text("THING", "default") == "default"
    assert env.flag("THING", default=True) is True
    assert env.whole_number("THING", 7, minimum=1, maximum=9) == 7


@pytest.mark.parametrize(("value", "expected"), [("YES", True), ("on", True), ("0", False)])
def test_flag_reads_the_usual_words(put: pytest.MonkeyPatch, value: str, *, expected: bool) -> None:
    put.setenv("THING", value)
    assert env.flag("THING", default=not expected) is expected


def test_flag_refuses_other_words_and_names_the_variable(put: pytest.MonkeyPatch) -> None:
    put.setenv("THING", "maybe")
    with pytest.raises(env.SettingError, match="THING='maybe' is not allowed: true or false"):
        env.flag("THING", default=True)


@pytest.mark.parametrize("value", ["0", "10", "-1", "1.5", "x", "٣", "1e1"])
def test_whole_number_refuses_what_is_not_one_in_range(put: pytest.MonkeyPatch, value: str) -> None:
    put.setenv("THING", value)
    with pytest.raises(env.SettingError, match="a whole number from 1 to 9"):
        env.whole_number("THING", 5, minimum=1, maximum=9)


@given(number=st.integers(1, 65535))
def test_every_number_in_range_is_read_back(number: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("THING", f" {number} ")
        assert env.whole_number("THING", 1, minimum=1, maximum=65535) == number


@pytest.mark.parametrize("value", ["a, b ,", '["a", "b"]'])
def test_names_come_as_comma_list_or_json(put: pytest.MonkeyPatch, value: str) -> None:
    put.setenv("THING", value)
    assert env.names("THING", ()) == ("a", "b")


@pytest.mark.parametrize("value", ["[1]", "[a"])
def test_broken_json_list_is_refused(put: pytest.MonkeyPatch, value: str) -> None:
    put.setenv("THING", value)
    with pytest.raises(env.SettingError, match="JSON list of strings"):
        env.names("THING", ())


def test_unknown_choice_is_refused(put: pytest.MonkeyPatch) -> None:
    put.setenv("THING", "a,c")
    with pytest.raises(env.SettingError, match="THING='c' is not allowed: a list of a, b"):
        env.choices("THING", ("a",), ("a", "b"))


def test_secret_is_read_from_a_file(put: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("abc\n")
    put.setenv("THING_FILE", str(tmp_path / "key"))
    assert env.secret("THING") == "abc"


def test_missing_secret_file_is_refused(put: pytest.MonkeyPatch, tmp_path: Path) -> None:
    put.setenv("THING_FILE", str(tmp_path / "none"))
    with pytest.raises(env.SettingError, match="THING_FILE"):
        env.secret("THING")


def test_refused_url_does_not_show_its_password(put: pytest.MonkeyPatch) -> None:
    put.setenv("THING", "http://user:hunter2@host/")
    with pytest.raises(env.SettingError) as caught:
        env.url("THING", ("redis",))
    assert "hunter2" not in str(caught.value)
    assert "THING" in str(caught.value)


@pytest.mark.parametrize("value", ["localhost:3000", "http://a/path", "*"])
def test_origin_is_scheme_and_host_only(put: pytest.MonkeyPatch, value: str) -> None:
    put.setenv("THING", value)
    with pytest.raises(env.SettingError, match="origins such as"):
        env.origins("THING", ())


def test_origin_loses_its_last_slash(put: pytest.MonkeyPatch) -> None:
    put.setenv("THING", "https://a.example/")
    assert env.origins("THING", ()) == ["https://a.example"]


def test_database_url_becomes_settings(put: pytest.MonkeyPatch) -> None:
    put.setenv("THING", "postgres://me:word@db:5433/books")
    found = env.database("THING")
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("db", 5433, "books")
    assert str(found["ENGINE"]).endswith("postgresql")


@pytest.mark.parametrize("entry", ["9100", '{"port": 9100}'])
def test_port_comes_from_the_shared_file_above(
    put: pytest.MonkeyPatch, tmp_path: Path, entry: str
) -> None:
    shared = tmp_path / "packages" / "core" / "ports.json"
    shared.parent.mkdir(parents=True)
    shared.write_text(f'{{"services": {{"websocket": {entry}}}}}')
    root = tmp_path / "services" / "studio"
    assert env.port("THING", 8004, root=root) == 9100
    put.setenv("THING", "9200")
    assert env.port("THING", 8004, root=root) == 9200


def test_broken_shared_port_file_is_named(tmp_path: Path) -> None:
    shared = tmp_path / "packages" / "core" / "ports.json"
    shared.parent.mkdir(parents=True)
    shared.write_text("{}")
    with pytest.raises(env.SettingError, match=r"ports\.json"):
        env.port("THING", 8004, root=tmp_path)


def test_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secret_key"
    first = env.persistent_secret(path)
    assert env.persistent_secret(path) == first
    assert len(first) >= 50
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("query", "kept"), [("", "0"), ("?conn_max_age=60", "60")])
def test_connections_are_kept_only_where_the_url_says_so(
    tmp_path: Path, query: str, kept: str
) -> None:
    program = "from intellibooks.settings import DATABASE; print(DATABASE['CONN_MAX_AGE'])"
    url = f"postgres://one@nowhere/none{query}"
    env = build_env(tmp_path, DATABASE_URL=url, DATABASE_POOL="false")
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.stdout.strip() == kept, done.stderr
