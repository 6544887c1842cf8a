from pathlib import Path

from meetings.loadtest.ramp import find_rank, list_steps
from tests.intellibooks.serve_process import find_free_port, run_manage


def test_service_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{find_free_port()}"
    done = run_manage("loadtest", "--url", url, data_dir=tmp_path)
    assert done.returncode == 1
    assert "could not be made" in done.stderr


def test_steps_double_up_to_the_most() -> None:
    assert list_steps(20) == [4, 8, 16, 20]
    assert list_steps(2) == [2]


def test_rank_is_a_value_that_was_seen() -> None:
    assert find_rank([3.0, 1.0, 2.0], 0.5) == 2.0
    assert find_rank([3.0, 1.0, 2.0], 0.95) == 3.0
