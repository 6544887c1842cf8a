"""Decodes one audio file from stdin to 16 kHz mono PCM16 on stdout, and exits.

Run as a script of its own by ``audio.decode``, never imported by the service: here, and only here,
FFmpeg's parsers meet bytes from outside. No Django, no numpy: it starts in a tenth of a second.

Usage: decode_process.py MAX_SECONDS < any audio > pcm. The exit status says what was wrong.
"""

import io
import resource
import sys
import wave
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, BinaryIO

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
    av = load_av()
    stream = container.streams.audio[0]
    stream.thread_type = "NONE"
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    for frame in iterate_frames(container, stream):
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


if __name__ == "__main__":
    sys.exit(decode(sys.stdin.buffer.read(), float(sys.argv[1]), sys.stdout.buffer))
