from pathlib import Path

import numpy as np
import pytest

from tests.transcription.sounds import load_meeting, make_silence, make_tone
from transcription.audio import Audio, decode
from transcription.opus import OpusWriter


def write(path: Path, audio: Audio, step: float = 0.7) -> float:
    with OpusWriter(path) as writer:
        for index in range(round(audio.duration / step) + 1):
            writer.write(audio.slice(index * step, (index + 1) * step))
    return writer.duration


@pytest.mark.parametrize("samples", [16_000, 16_001, 48_517, 320_319])
def test_recording_keeps_its_length_to_the_sample(tmp_path: Path, samples: int) -> None:
    sound = Audio(load_meeting().samples[:samples])
    assert write(tmp_path / "recording.opus", sound) == sound.duration
    assert len(decode((tmp_path / "recording.opus").read_bytes()).samples) == samples


def test_sound_stays_in_its_place(tmp_path: Path) -> None:
    sound, path = load_meeting().slice(0, 20), tmp_path / "recording.opus"
    write(path, sound)
    heard = decode(path.read_bytes()).samples.astype(float)
    likeness = [np.dot(np.roll(heard, -lag), sound.samples) for lag in range(-50, 51)]
    assert np.argmax(likeness) - 50 == 0


def test_hour_takes_14_megabytes(tmp_path: Path) -> None:
    sound, path = load_meeting().slice(0, 60), tmp_path / "recording.opus"
    write(path, sound)
    assert path.stat().st_size * 60 == pytest.approx(14e6, rel=0.1)


def test_recording_that_fails_halfway_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with OpusWriter(tmp_path / "recording.opus") as writer:
            writer.write(make_tone(1))
            raise KeyError("the next chunk is missing")

    with pytest.raises(KeyError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_older_recording_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "recording.opus"
    path.write_bytes(b"old")
    with OpusWriter(path) as writer:
        writer.write(make_silence(1))
        assert path.read_bytes() == b"old"
    assert decode(path.read_bytes()).duration == 1
