from pathlib import Path

import numpy as np
import pytest

from tests.transcription.sounds import make_noise, make_silence
from transcription.audio import decode
from transcription.flac import FlacWriter


def test_recording_comes_back_bit_by_bit(tmp_path: Path) -> None:
    sound, path = make_noise(3, 1), tmp_path / "recording.flac"
    with FlacWriter(path) as writer:
        for start in (0, 0.07, 1.1, 2.9):
            writer.write(sound.slice(start, {0: 0.07, 0.07: 1.1, 1.1: 2.9}.get(start, 3)))
        writer.write(make_silence(0))
    assert writer.duration == pytest.approx(3)
    assert np.array_equal(decode(path.read_bytes()).samples, sound.samples)


def test_recording_that_fails_halfway_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with FlacWriter(tmp_path / "recording.flac") as writer:
            writer.write(make_noise(1, 0))
            raise KeyError("the next chunk is missing")

    with pytest.raises(KeyError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_older_recording_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "recording.flac"
    path.write_bytes(b"old")
    with FlacWriter(path) as writer:
        writer.write(make_silence(1))
        assert path.read_bytes() == b"old"
    assert decode(path.read_bytes()).duration == 1
