"""What all containers come down to: packets of one audio track, and how to decode them."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import gcd
from typing import Protocol

# No packet of sound is larger. What claims to be is damage or malice, and is not waited for.
LONGEST_ELEMENT = 1024 * 1024
# Places of one piece that are tried before it is given up: far more than any damage needs.
MOST_TRIES = 20_000
OPUS_RATE, SPEECH_RATE = 48_000, 16_000
OPUS = "libopus"  # exactly as many samples as the packet says, unlike FFmpeg's own decoder
OPUS_HEAD_BYTES = 19
OPUS_LONGEST = 5760  # samples: 120 ms, RFC 6716 section 3.2.5
# RFC 6716 table 2, samples at 48 kHz: 12 SILK, 4 hybrid and 16 CELT configurations.
OPUS_FRAME_SAMPLES = 3 * (480, 960, 1920, 2880) + 2 * (480, 960) + 4 * (120, 240, 480, 960)
OPUS_CHANNELS_AT, OPUS_DELAY_AT = 9, slice(10, 12)


class Broken(ValueError):
    """These bytes are not what must stand here; the reader looks for the next right place."""


@dataclass(frozen=True, slots=True)
class Codec:
    """How the packets are decoded: FFmpeg's name of the decoder and what it must know before.

    ``delay`` are the samples at the start of the stream that are not sound (Opus: pre-skip).
    """

    name: str
    extradata: bytes
    sample_rate: int
    delay: int = 0

    @property
    def alignment(self) -> int:
        """After so many samples one at 16 kHz falls together with one of the codec's rate."""
        return self.sample_rate // gcd(self.sample_rate, SPEECH_RATE)


@dataclass(frozen=True, slots=True)
class Init:
    """The part of a stream without which no other can be read."""

    data: bytes
    codec: Codec
    track: int


@dataclass(frozen=True, slots=True)
class Packet:
    """One coded packet and the ``samples`` at the codec's rate that are to come out of it.

    ``position`` is its first sample counted from the start of the stream, where the container
    says so.
    """

    data: bytes
    samples: int
    position: int | None = None


class Reader(Protocol):
    """Cuts pieces of a stream, which may be cut anywhere, into packets.

    ``is_synced`` is False while it does not know where in the container it is: at first, unless
    it starts behind the init segment, and after damage.
    """

    is_synced: bool

    def __init__(self, init: Init, *, is_synced: bool) -> None: ...

    def feed(self, piece: bytes) -> list[Packet]:
        """The packets whose last byte is in this piece, in order."""
        ...


def count_opus_samples(packet: bytes) -> int:
    """Samples at 48 kHz by the table of contents (RFC 6716 section 3.1); 0 if it makes no sense."""
    if not packet:
        return 0
    frames = (1, 2, 2, packet[1] & 0x3F if len(packet) > 1 else 0)[packet[0] & 3]
    samples = frames * OPUS_FRAME_SAMPLES[packet[0] >> 3]
    return samples if samples <= OPUS_LONGEST else 0


def read_opus_head(head: bytes) -> Codec:
    """The codec of an identification header (RFC 7845 section 5.1). Raises Broken."""
    if len(head) < OPUS_HEAD_BYTES or not head.startswith(b"OpusHead") or head[8] >> 4:
        raise Broken("no identification header")
    if not head[OPUS_CHANNELS_AT]:
        raise Broken("no channels")
    delay = int.from_bytes(head[OPUS_DELAY_AT], "little")
    # The decoder would leave the delay out by itself, also where we start in the middle.
    undelayed = head[: OPUS_DELAY_AT.start] + bytes(2) + head[OPUS_DELAY_AT.stop :]
    return Codec(OPUS, undelayed, OPUS_RATE, delay)


def count_samples(packets: Iterable[Packet]) -> int:
    return sum(packet.samples for packet in packets)


def keep_last(packets: list[Packet], samples: float) -> list[Packet]:
    """The shortest end of the packets that has so many samples; all where there are fewer."""
    kept = len(packets)
    while kept and samples > 0:
        kept -= 1
        samples -= packets[kept].samples
    return packets[kept:]
