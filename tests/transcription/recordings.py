"""Recordings in pieces: two that Chromium really made, and others cut anywhere."""

import io
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from tests.transcription.sounds import encode, load_meeting
from transcription.audio import Audio
from transcription.fragments import find_init

DATA = Path(__file__).with_name("data")
WEBM, MP4 = "chromium-webm", "chromium-mp4"


@cache
def load_pieces(name: str) -> tuple[bytes, ...]:
    """What MediaRecorder handed over, in order; see ``data/record_pieces.py``."""
    return tuple(path.read_bytes() for path in sorted((DATA / name).glob("*.bin")))


@cache
def make_speech(container: str, codec: str = "libopus", rate: int = 48_000) -> bytes:
    """Six seconds of the sample meeting as one file."""
    return encode(load_meeting().slice(0, 6), container, codec, rate)


@cache
def make_fragmented_aac() -> bytes:
    """An MP4 as Safari records it: index first, then a fragment every half second."""
    buffer = io.BytesIO()
    options = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "frag_duration": "500000"}
    with av.open(buffer, "w", format="mp4", options=options) as output:
        stream = output.add_stream("aac", rate=48_000, layout="mono")
        for sound in resample(load_meeting().slice(0, 6), "fltp", 48_000):
            output.mux(stream.encode(sound))
        output.mux(stream.encode(None))
    return buffer.getvalue()


def resample(audio: Audio, sample_format: str, rate: int) -> list[av.AudioFrame]:
    resampler = av.AudioResampler(format=sample_format, layout="mono", rate=rate)
    frame = av.AudioFrame.from_ndarray(audio.samples.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = audio.sample_rate
    return [*resampler.resample(frame), *resampler.resample(None)]


def get_init(pieces: Sequence[bytes]) -> bytes:
    init = find_init(pieces[0])
    assert init is not None
    return init


def cut(data: bytes, places: Sequence[float]) -> list[bytes]:
    """``data`` cut at these shares (0..1) of what follows its init segment."""
    start = len(get_init([data]))
    inner = sorted(start + round(place * (len(data) - start)) for place in places)
    return [data[first:last] for first, last in pairwise([0, *inner, len(data)])]


def decode_plainly(data: bytes) -> npt.NDArray[np.int16]:
    """The whole file by FFmpeg's own reader and the Opus reference decoder, without our parsers."""
    resampler, sound = av.AudioResampler(format="s16", layout="mono", rate=16_000), []
    with av.open(io.BytesIO(data)) as container:
        stream = container.streams.audio[0]
        decoder = stream.codec_context
        if decoder.name == "opus":
            decoder = av.CodecContext.create("libopus", "r")
            decoder.extradata = stream.codec_context.extradata
            decoder.sample_rate = 48_000
        for packet in container.demux(stream):
            for frame in decoder.decode(packet) if packet.size else ():
                frame.pts = None
                sound += [part.to_ndarray()[0] for part in resampler.resample(frame)]
    sound += [part.to_ndarray()[0] for part in resampler.resample(None)]
    return np.concatenate(sound)
