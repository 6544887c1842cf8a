"""Sound that can be told from noise on disk, for the tests of encryption."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from transcription.audio import Audio, encode_wav

Encrypt = Callable[..., None]
NOISE = np.random.default_rng(5).integers(-2000, 2000, 24_000, np.int16)
CHUNKS = [encode_wav(Audio(NOISE[:16_000])), encode_wav(Audio(NOISE[8_000:]))]
# Enough of each format's beginning not to come up by chance.
BEGINNINGS = (b"RIFF\x24", b"WAVEfmt ", b"fLaC\0\0\0\x22", b"OggS\0\x02", b"\x1aE\xdf\xa3\x9f")
SAMPLES = [NOISE[place : place + 8].tobytes() for place in range(0, len(NOISE), 1000)]


def find_readable(folder: Path) -> list[str]:
    """Files in which a piece of what was recorded can be read."""
    wanted = (*BEGINNINGS, *SAMPLES)
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return [str(path) for path in paths if any(piece in path.read_bytes() for piece in wanted)]


def damage(path: Path, place: int = -1) -> None:
    stored = bytearray(path.read_bytes())
    stored[place] ^= 1
    path.write_bytes(stored)
