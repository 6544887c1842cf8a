"""Whether a file is the ggml model that it is said to be."""

import hashlib
import struct
from pathlib import Path

from transcription.models_catalogue import WhisperModel

MAGIC = b"lmgg"
# vocabulary, audio positions, width, heads, layers; text positions, width, heads, layers; mels,
# kind of numbers
HEADER = struct.Struct("<4s11i")
ENGLISH_VOCABULARY, LARGEST_VOCABULARY = 51_864, 51_866
AUDIO_POSITIONS, TEXT_POSITIONS = 1500, 448
MELS = (80, 128)
PIECE = 1024 * 1024


class ModelRefused(Exception):
    """The file is not the model that was asked for; the text says what is wrong with it."""


def check_model_file(path: Path, model: WhisperModel, sha256: str = "") -> None:
    """Raises ModelRefused, and OSError.

    Looks at the header, then at the sums: the one the server named (``sha256``, may be empty)
    and the one whisper.cpp publishes for this model, if any.
    """
    check_header(read_header(path), model)
    if not sha256 and not model.sha1:
        return
    found_sha1, found_sha256 = measure_sums(path)
    for name, wanted, found in (
        ("SHA-256", sha256, found_sha256),
        ("SHA-1", model.sha1, found_sha1),
    ):
        if wanted and wanted.lower() != found:
            raise ModelRefused(f"its {name} is {found} instead of {wanted}")


def read_header(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEADER.size)


def check_header(header: bytes, model: WhisperModel) -> None:
    """Raises ModelRefused."""
    if not header.startswith(MAGIC):
        raise ModelRefused("it is no ggml model")
    if len(header) < HEADER.size:
        raise ModelRefused("it ends inside its header")
    _, vocabulary, audio, width, _, _, text, _, _, _, mels, _ = HEADER.unpack(header)
    is_whisper = ENGLISH_VOCABULARY <= vocabulary <= LARGEST_VOCABULARY and mels in MELS
    if not is_whisper or (audio, text) != (AUDIO_POSITIONS, TEXT_POSITIONS):
        raise ModelRefused("it is a ggml model, and not one of Whisper")
    if width != model.width or (vocabulary == ENGLISH_VOCABULARY) != model.is_english_only:
        raise ModelRefused(f"it is another model of Whisper than {model.name}")


def measure_sums(path: Path) -> tuple[str, str]:
    """SHA-1 and SHA-256 in hexadecimal digits."""
    # SHA-1 because it is what is published: a guard against damage, not against an attacker.
    sums = hashlib.sha1(usedforsecurity=False), hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            for one in sums:
                one.update(piece)
    return sums[0].hexdigest(), sums[1].hexdigest()
