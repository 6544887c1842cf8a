"""Packets of one stream to sound, in the contained process of ``decode_process``."""

import json
import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np

from transcription import decode_process
from transcription.audio import (
    DECODER,
    MEBIBYTE,
    REFUSALS,
    SAMPLE_BYTES,
    SAMPLE_RATE,
    Audio,
    AudioError,
    build_length_error,
)
from transcription.contained import run_contained
from transcription.streams.packets import Codec, Packet, count_samples

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a stream that is decoded at once.

    ``groups`` are heard, each by itself. The packets of ``warm`` directly before them and of
    ``ahead`` directly behind are decoded and thrown away. ``origin`` is the position of the first
    of all in the stream, in samples at the codec's rate; negative where the decoder's delay is.
    """

    codec: Codec
    origin: int
    warm: list[Packet]
    groups: list[list[Packet]]
    ahead: list[Packet]


def render(part: Part, max_seconds: float) -> Iterator[Audio]:
    """One Audio for each group. Raises AudioError if one is longer than ``max_seconds``."""
    counts = [count_samples(group) for group in part.groups]
    if max(counts, default=0) > max_seconds * part.codec.sample_rate:
        raise build_length_error(max_seconds)
    drop = count_unaligned(part)
    first = part.origin + drop
    heard_from = part.origin + count_samples(part.warm)
    edges = [
        scale_position(max(0, position - first), part.codec.sample_rate)
        for position in accumulate(counts, initial=heard_from)
    ]
    samples = _decode(part, drop, edges[0], edges[-1])
    for start, end in pairwise(edges):
        yield Audio(samples[start - edges[0] : end - edges[0]])


def count_unaligned(part: Part) -> int:
    """Samples to leave out at first: the delay, or else up to where samples of both rates meet."""
    return -part.origin if part.origin < 0 else -part.origin % part.codec.alignment


def scale_position(position: int, rate: int) -> int:
    """The nearest sample at 16 kHz, as the resampler counts."""
    return (2 * position * SAMPLE_RATE + rate) // (2 * rate)


def _decode(
    part: Part, drop: int, start: int, end: int
) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """The samples from ``start`` to ``end`` at 16 kHz, counted from behind ``drop``."""
    if start == end:
        return np.zeros(0, np.int16)
    packets = [*part.warm, *(packet for group in part.groups for packet in group), *part.ahead]
    order: decode_process.PacketOrder = {
        "codec": part.codec.name,
        "sample_rate": part.codec.sample_rate,
        "extradata": len(part.codec.extradata),
        "sizes": [len(packet.data) for packet in packets],
        "samples": [packet.samples for packet in packets],
        "drop": drop,
        "start": start,
        "end": end,
    }
    content = b"".join([part.codec.extradata, *(packet.data for packet in packets)])
    seconds = count_samples(packets) / part.codec.sample_rate
    output = _run(
        json.dumps(order).encode() + b"\n" + content, seconds, (end - start) * SAMPLE_BYTES
    )
    return np.frombuffer(output, np.int16)


def _run(content: bytes, seconds: float, size: int) -> bytes:
    """``size`` bytes of samples. Raises AudioError."""
    outcome = run_contained(
        [sys.executable, "-I", DECODER, decode_process.PACKETS],
        stdin=content,
        timeout=30 + seconds / 5,
        output_cap=size,
        limits={
            "RLIMIT_CPU": round(10 + seconds / 30),
            "RLIMIT_AS": 1024 * MEBIBYTE + 3 * len(content),
            "RLIMIT_FSIZE": 64 * 1024,
            "RLIMIT_NPROC": 0,
            "RLIMIT_CORE": 0,
        },
    )
    if outcome.returncode or len(outcome.output) != size:
        logger.warning(
            "the decoder ended with %d: %s", outcome.returncode, outcome.complaint[-300:]
        )
        raise AudioError(REFUSALS[decode_process.UNREADABLE])
    return outcome.output
