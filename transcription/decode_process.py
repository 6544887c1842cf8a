"""Decodes one audio file from stdin to 16 kHz mono PCM16 on stdout, and exits.

Run as a script of its own by ``audio.decode``, never imported by the service: here, and only here,
FFmpeg's parsers meet bytes from outside. No Django, no numpy: it starts in a tenth of a second.

Usage: decode_process.py MAX_SECONDS < any audio > pcm. The exit status says what was wrong.
Usage: decode_process.py packets < a line of JSON and what it describes > pcm. No container: the
packets of one stream that were found in pieces of a recording, see ``PacketOrder``.
"""

import io
import json
import resource
import sys
import wave
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, BinaryIO, TypedDict

UNREADABLE, NO_AUDIO, TOO_LONG = 10, 11, 12
SAMPLE_RATE, SAMPLE_BYTES = 16_000, 2

# Containers of sound only. No playlists, no concat: nothing that could name another file.
FORMATS = "wav,ogg,matroska,webm,mp3,mov,flac,aac"
# Opening a file probes every stream with its decoder; the many video decoders are not for us.
CODECS = (
    "opus,libopus,vorbis,libvorbis,mp3,mp3float,aac,flac,alac,pcm_u8,pcm_s16le,pcm_s16be,"
    "pcm_s24le,pcm_s32le,pcm_f32le,pcm_f64le,pcm_alaw,pcm_mulaw,adpcm_ms,adpcm_ima_wav"
)
# These state the length of the whole file, so a bomb is refused before it is decoded. A WAV may
# lie about it, and of an MP3 or AAC it is a guess from the first frames.
FORMATS_WITH_LENGTH = ("ogg", "mov", "flac", "matroska")

PACKETS = "packets"


class PacketOrder(TypedDict):
    """The first line of ``packets``; the decoder's extradata and the packets follow it as bytes.

    Packet i has ``sizes[i]`` bytes and makes ``samples[i]`` samples at ``sample_rate``, whatever
    the decoder says: so much silence where it fails. The first ``drop`` samples of all are left
    out, and of what they become at 16 kHz the samples from ``start`` to ``end`` are written.
    """

    codec: str
    sample_rate: int
    extradata: int
    sizes: list[int]
    samples: list[int]
    drop: int
    start: int
    end: int


def load_av() -> Any:
    # heavy: 36 MB of libraries, in this process only; the service imports just the names above
    import av  # noqa: PLC0415

    return av


def decode(data: bytes, max_seconds: float, output: BinaryIO) -> int:
    """Writes the sound of the first audio stream to ``output``; returns the exit status."""
    av = load_av()
    forbid_open_files()
    try:
        with open_container(data) as container:
            if not container.streams.audio:
                return NO_AUDIO
            if is_stated_too_long(container, max_seconds):
                return TOO_LONG
            return write_sound(container, max_seconds, output)
    except (av.FFmpegError, ValueError):
        return UNREADABLE


def open_container(data: bytes) -> Any:
    av = load_av()
    options = {"format_whitelist": FORMATS, "codec_whitelist": CODECS}
    return av.open(io.BytesIO(data), options=options)


def forbid_open_files() -> None:
    """From here on no file or socket can be opened: a tricked parser cannot reach anything.

    PyAV imports parts of itself late, so a sound of our own goes through all of it before.
    """
    with open_container(build_silence()) as container:
        list(iterate_pcm(container))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def build_silence() -> bytes:
    """A stereo WAV of 10 ms at 48 kHz, so that the resampler has work."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((2, 2, 48_000, 480, "NONE", ""))
        file.writeframes(bytes(480 * 4))
    return buffer.getvalue()


def is_stated_too_long(container: Any, max_seconds: float) -> bool:
    has_length = container.format.name.startswith(FORMATS_WITH_LENGTH)
    microseconds = container.duration or 0
    return bool(has_length and microseconds > max_seconds * 1_000_000)


def write_sound(container: Any, max_seconds: float, output: BinaryIO) -> int:
    remaining = round(max_seconds * SAMPLE_RATE) * SAMPLE_BYTES
    written = 0
    for pcm in iterate_pcm(container):
        if written + len(pcm) > remaining:
            return TOO_LONG
        output.write(pcm)
        written += len(pcm)
    return 0 if written else NO_AUDIO


def iterate_pcm(container: Any) -> Iterator[bytes]:
    stream = container.streams.audio[0]
    stream.thread_type = "NONE"
    yield from resample(iterate_frames(container, stream), SAMPLE_RATE)


def resample(frames: Iterable[Any], rate: int) -> Iterator[bytes]:
    av = load_av()
    resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
    for frame in frames:
        for resampled in resampler.resample(frame):
            yield read_samples(resampled)
    for resampled in resampler.resample(None):
        yield read_samples(resampled)


def iterate_frames(container: Any, stream: Any) -> Iterator[Any]:
    """What can be decoded: a broken packet costs its own moment, a broken container the rest."""
    av = load_av()
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError:
            return
        if packet is None:
            return
        with suppress(av.FFmpegError):
            yield from packet.decode()


def read_samples(frame: Any) -> bytes:
    # The plane is padded for alignment; what lies behind the samples is not sound.
    return bytes(frame.planes[0])[: frame.samples * SAMPLE_BYTES]


def decode_packets(source: BinaryIO, output: BinaryIO) -> int:
    """Writes the ordered part of the sound to ``output``; returns the exit status."""
    av = load_av()
    order: PacketOrder = json.loads(source.readline())
    extradata = source.read(order["extradata"])
    packets = [source.read(size) for size in order["sizes"]]
    forbid_open_files()
    try:
        decoder = open_decoder(order, extradata)
        output.write(render_packets(decoder, packets, order))
    except (av.FFmpegError, ValueError):
        return UNREADABLE
    return 0


def open_decoder(order: PacketOrder, extradata: bytes) -> Any:
    av = load_av()
    decoder = av.CodecContext.create(order["codec"], "r")
    decoder.extradata = extradata
    decoder.sample_rate = order["sample_rate"]
    decoder.thread_type = "NONE"
    decoder.open()
    return decoder


def render_packets(decoder: Any, packets: list[bytes], order: PacketOrder) -> bytes:
    """Mono PCM16 at 16 kHz, exactly from ``start`` to ``end``."""
    av = load_av()
    mixer = av.AudioResampler(format="s16", layout="mono", rate=decoder.sample_rate)
    pcm = b"".join(
        decode_packet(decoder, mixer, packet).ljust(samples * SAMPLE_BYTES, b"\0")[
            : samples * SAMPLE_BYTES
        ]
        for packet, samples in zip(packets, order["samples"], strict=True)
    )
    frame = build_frame(pcm[order["drop"] * SAMPLE_BYTES :], order["sample_rate"])
    sound = b"".join(resample([frame] if frame else [], SAMPLE_RATE))
    length = (order["end"] - order["start"]) * SAMPLE_BYTES
    return sound[order["start"] * SAMPLE_BYTES :][:length].ljust(length, b"\0")


def decode_packet(decoder: Any, mixer: Any, packet: bytes) -> bytes:
    """Mono PCM16 at the decoder's rate; nothing if it cannot be decoded."""
    av = load_av()
    with suppress(av.FFmpegError, ValueError):
        frames = decoder.decode(av.Packet(packet))
        return b"".join(read_samples(mixed) for frame in frames for mixed in mixer.resample(frame))
    return b""


def build_frame(pcm: bytes, rate: int) -> Any:
    av = load_av()
    count = len(pcm) // SAMPLE_BYTES
    if not count:
        return None
    frame = av.AudioFrame(format="s16", layout="mono", samples=count)
    frame.planes[0].update(pcm.ljust(frame.planes[0].buffer_size, b"\0"))
    frame.sample_rate = rate
    return frame


def run(arguments: list[str]) -> int:
    if arguments[0] == PACKETS:
        return decode_packets(sys.stdin.buffer, sys.stdout.buffer)
    return decode(sys.stdin.buffer.read(), float(arguments[0]), sys.stdout.buffer)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
