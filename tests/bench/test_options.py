from pathlib import Path

import pytest

from bench.options import Options, parse_options
from bench.registry import PARTS, load_measure

PURPOSES = {"ingest": "how fast", "live": "how soon"}


def test_without_arguments_every_part_runs() -> None:
    assert parse_options([], PURPOSES) == Options(parts=("ingest", "live"))


def test_parts_run_once_in_the_order_given() -> None:
    assert parse_options(["live", "ingest", "live"], PURPOSES).parts == ("live", "ingest")


def test_every_option_is_read() -> None:
    words = "live --json out.json --seconds 5 --rounds 2 --round-seconds 3 --chunks 4"
    words += " --checkpoints 30,10,30 --pipeline-seconds 6"
    options = parse_options(words.split(), PURPOSES)
    assert options == Options(("live",), Path("out.json"), 5, 2, 3, 4, (10, 30), 6)


def test_unknown_part_is_refused_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        parse_options(["fanout"], PURPOSES)
    assert "no such part: fanout (there are: ingest, live)" in capsys.readouterr().err


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "x", "", "99999"])
def test_length_without_a_bound_is_refused(value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        parse_options(["--seconds", value], PURPOSES)
    assert "no whole number from 1 to 3600" in capsys.readouterr().err


@pytest.mark.parametrize("name", sorted(PARTS))
def test_every_part_can_be_loaded(name: str) -> None:
    assert callable(load_measure(name))
