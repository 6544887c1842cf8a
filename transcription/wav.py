"""The WAV container: what a header claims, checked against the bytes that are really there.

The standard library's ``wave`` refuses files whose sizes are 0 or 0xFFFFFFFF, which is what every
recorder that streams writes. So the chunks are walked here, and sizes are believed only downwards.
"""

import io
import struct
import wave
from dataclasses import dataclass

PCM, EXTENSIBLE = 0x0001, 0xFFFE
FORMAT = struct.Struct("<HHIIHH")
SUBFORMAT_OFFSET = 24
UNKNOWN_SIZES = {0, 0xFFFFFFFF}


@dataclass(frozen=True, slots=True)
class WavLayout:
    """Where the sound lies in the bytes (``start``, ``end``) and how it is written."""

    encoding: int
    channels: int
    sample_rate: int
    bits: int
    frame_bytes: int
    start: int
    end: int

    @property
    def duration(self) -> float:
        """Seconds of sound that are really there."""
        return (self.end - self.start) // self.frame_bytes / self.sample_rate


def is_wav(data: bytes) -> bool:
    return data[:4] == b"RIFF" and data[8:12] == b"WAVE"


def read_layout(data: bytes) -> WavLayout | None:
    """The layout of a WAV file; None when it is none, or its header makes no sense."""
    if not is_wav(data):
        return None
    position, header = 12, b""
    while position + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, position)
        position += 8
        if name == b"data":
            end = len(data) if size in UNKNOWN_SIZES else min(position + size, len(data))
            return _build_layout(header, position, end)
        if name == b"fmt ":
            header = data[position : position + size]
        position += size + size % 2
    return None


def _build_layout(header: bytes, start: int, end: int) -> WavLayout | None:
    if len(header) < FORMAT.size:
        return None
    encoding, channels, rate, _, frame_bytes, bits = FORMAT.unpack_from(header)
    if encoding == EXTENSIBLE and len(header) > SUBFORMAT_OFFSET + 1:
        (encoding,) = struct.unpack_from("<H", header, SUBFORMAT_OFFSET)
    if not (channels and rate and frame_bytes):
        return None
    return WavLayout(encoding, channels, rate, bits, frame_bytes, start, end)


def encode_pcm16(pcm: bytes, sample_rate: int) -> bytes:
    """A mono 16-bit WAV file."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sample_rate)
        file.writeframes(pcm)
    return buffer.getvalue()
