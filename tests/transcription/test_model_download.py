"""Models are fetched from a real server on this machine, which fails as real ones do."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.transcription.model_server import ModelServer, make_model_bytes, serving_model
from transcription.model_download import (
    DownloadError,
    Interrupted,
    NoRoom,
    NotServed,
    Unreachable,
    fetch_model,
    locking,
)
from transcription.models_catalogue import MODELS

TINY = MODELS["tiny-q5_1"]  # no sum is published for it
CONTENT = make_model_bytes(TINY)
NO_PAUSES = (0.0, 0.0)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with serving_model(CONTENT) as server:
        yield server


class Fetching:
    """Fetches into a folder of its own and notes what it was told."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.told: list[tuple[int, int | None]] = []

    def fetch(self, name: str = TINY.name, timeout: float = 5) -> Path:
        tell = lambda received, total: self.told.append((received, total))  # noqa: E731
        return fetch_model(MODELS[name], self.url, self.folder, tell, NO_PAUSES, timeout)

    def fail(self, kind: type[DownloadError], name: str = TINY.name, timeout: float = 5) -> str:
        with pytest.raises(kind) as failure:
            self.fetch(name, timeout)
        return str(failure.value)

    @property
    def part(self) -> Path:
        return self.folder / "ggml-tiny-q5_1.bin.part"

    @property
    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
def fetching(tmp_path: Path, server: ModelServer) -> Fetching:
    return Fetching(tmp_path / "models", server.url)


def test_file_arrives_whole_and_alone(fetching: Fetching) -> None:
    path = fetching.fetch()
    assert path.read_bytes() == CONTENT
    assert fetching.names == ["ggml-tiny-q5_1.bin"]


def test_progress_is_told_from_nothing_to_all(fetching: Fetching) -> None:
    fetching.fetch()
    assert fetching.told[0] == (0, len(CONTENT))
    assert fetching.told[-1] == (len(CONTENT), len(CONTENT))


def test_broken_line_is_gone_on_with(fetching: Fetching, server: ModelServer) -> None:
    server.break_after = [100_000, 50_000]
    assert fetching.fetch().read_bytes() == CONTENT
    assert server.ranges == ["", "bytes=100000-", "bytes=150000-"]


def test_next_run_goes_on_where_the_last_one_stopped(
    fetching: Fetching, server: ModelServer
) -> None:
    server.break_after = [100_000, 0, 0, 0]
    assert Interrupted.is_kept
    fetching.fail(Interrupted)
    assert fetching.part.stat().st_size == 100_000
    assert fetching.fetch().read_bytes() == CONTENT
    assert server.ranges[-1] == "bytes=100000-"


def test_server_without_ranges_sends_it_again(fetching: Fetching, server: ModelServer) -> None:
    server.ignores_ranges, server.break_after = True, [100_000]
    assert fetching.fetch().read_bytes() == CONTENT


def test_two_versions_are_never_joined(fetching: Fetching, server: ModelServer) -> None:
    server.break_after = [100_000, 0, 0, 0]
    fetching.fail(Interrupted)
    server.content = make_model_bytes(TINY, 200_000)[:-1] + b"!"
    assert fetching.fetch().read_bytes() == server.content


def test_part_of_an_unknown_version_is_not_gone_on_with(
    fetching: Fetching, server: ModelServer
) -> None:
    server.has_tag, server.break_after = False, [100_000, 0, 0, 0]
    fetching.fail(Interrupted)
    fetching.part.write_bytes(b"x" * 100_000)
    assert fetching.fetch().read_bytes() == CONTENT


def test_part_that_is_whole_already_is_only_checked(
    fetching: Fetching, server: ModelServer
) -> None:
    server.break_after = [100_000, 0, 0, 0]
    fetching.fail(Interrupted)
    fetching.part.write_bytes(CONTENT)
    assert fetching.fetch().read_bytes() == CONTENT


def test_part_that_is_too_long_is_fetched_anew(fetching: Fetching, server: ModelServer) -> None:
    server.break_after = [100_000, 0, 0, 0]
    fetching.fail(Interrupted)
    fetching.part.write_bytes(CONTENT + b"more")
    assert fetching.fetch().read_bytes() == CONTENT


def test_busy_server_is_asked_again(fetching: Fetching, server: ModelServer) -> None:
    server.busy_times = 2
    assert fetching.fetch().read_bytes() == CONTENT


def test_server_that_stays_busy_is_left(fetching: Fetching, server: ModelServer) -> None:
    server.busy_times = 9
    assert "the server answered 503" in fetching.fail(Interrupted)
    assert len(server.requests) == len(NO_PAUSES) + 1


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_refusal_is_not_tried_again(fetching: Fetching, server: ModelServer, status: int) -> None:
    server.status = status
    assert f"answered {status}" in fetching.fail(NotServed)
    assert len(server.requests) == 1


def test_slow_server_is_waited_for(fetching: Fetching, server: ModelServer) -> None:
    server.pause_seconds = 0.01  # 0.7 s in all, with a time-out of 0.3 s between two pieces
    assert fetching.fetch(timeout=0.3).read_bytes() == CONTENT


def test_server_that_falls_silent_is_left(fetching: Fetching, server: ModelServer) -> None:
    server.pause_seconds = 1.0
    assert "timed out" in fetching.fail(Interrupted, timeout=0.1)


def test_nobody_there_is_told_at_once(tmp_path: Path) -> None:
    fetching = Fetching(tmp_path, "http://127.0.0.1:9")
    assert "http://127.0.0.1:9/ggml-tiny-q5_1.bin" in fetching.fail(Unreachable)


def test_password_in_the_address_is_not_shown(tmp_path: Path) -> None:
    assert "secret" not in Fetching(tmp_path, "http://me:secret@127.0.0.1:9").fail(Unreachable)


def test_sum_that_the_hub_names_is_held(fetching: Fetching, server: ModelServer) -> None:
    fetching.url = f"{server.url}/hub"
    assert fetching.fetch().read_bytes() == CONTENT


def test_damaged_file_is_refused_and_removed(fetching: Fetching, server: ModelServer) -> None:
    fetching.url = f"{server.url}/hub"
    server.break_after = [200_000, 0, 0, 0]
    fetching.fail(Interrupted)
    damaged = bytearray(fetching.part.read_bytes())
    damaged[1000] ^= 1
    fetching.part.write_bytes(damaged)
    wanted = hashlib.sha256(CONTENT).hexdigest()
    assert f"instead of {wanted}" in fetching.fail(NotServed)
    assert fetching.names == []


def test_published_sum_is_held(fetching: Fetching, server: ModelServer) -> None:
    server.content = make_model_bytes(MODELS["tiny"])
    assert f"instead of {MODELS['tiny'].sha1}" in fetching.fail(NotServed, "tiny")
    assert fetching.names == []


def test_other_size_than_announced_is_refused(fetching: Fetching, server: ModelServer) -> None:
    fetching.url, server.promised_size = f"{server.url}/hub", 999_999
    server.has_length = False
    assert "300000 bytes instead of 999999" in fetching.fail(NotServed)


def test_shorter_file_than_announced_is_never_taken(
    fetching: Fetching, server: ModelServer
) -> None:
    server.promised_size = len(CONTENT) + 1
    assert "300000 bytes, then 300001" in fetching.fail(NotServed)
    assert "ggml-tiny-q5_1.bin" not in fetching.names


def test_file_without_size_and_sum_is_not_believed(fetching: Fetching, server: ModelServer) -> None:
    server.has_length = False
    assert "neither its size nor a sum" in fetching.fail(NotServed)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<html>Please log in</html>", "no ggml model"),
        (CONTENT[:20], "ends inside its header"),
        (b"lmgg" + bytes(400), "not one of Whisper"),
        (make_model_bytes(MODELS["base"]), "another model of Whisper than tiny-q5_1"),
        (make_model_bytes(MODELS["tiny.en"]), "another model of Whisper than tiny-q5_1"),
    ],
)
def test_something_else_is_refused(
    fetching: Fetching, server: ModelServer, content: bytes, reason: str
) -> None:
    server.content = content
    assert reason in fetching.fail(NotServed)
    assert fetching.names == []


def test_full_disk_is_seen_before_a_byte_is_written(
    fetching: Fetching, server: ModelServer
) -> None:
    server.promised_size = 10**17
    assert "too little room" in fetching.fail(NoRoom)
    assert fetching.part.stat().st_size == 0


def test_folder_that_cannot_be_made_is_told(tmp_path: Path, server: ModelServer) -> None:
    (tmp_path / "file").touch()
    assert "cannot take the file" in Fetching(tmp_path / "file", server.url).fail(NoRoom)


def test_two_at_once_do_not_mix(fetching: Fetching) -> None:
    fetching.folder.mkdir()
    with locking(fetching.part):
        assert "Another process" in fetching.fail(NoRoom)
