"""Recordings that come in pieces cut anywhere, as ``MediaRecorder.start(timeslice)`` sends them.

Only the first piece has the header (the init segment) without which no other can be read, and a
cut may fall into the middle of a packet. Each packet belongs to the piece in which its last byte
arrives. So every packet is decoded exactly once, however the stream was cut, and the pieces put
together are as long as the whole, to the sample.

A decoder has a memory. To hear piece n as it sounds in the whole, the second before it is decoded
too and thrown away: after 80 ms an Opus decoder has converged (RFC 7845 section 4.6).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from transcription import wav
from transcription.audio import MAX_UPLOAD_SECONDS, Audio, AudioError, join
from transcription.packet_decoder import Part, render
from transcription.streams import frames, mp4, ogg, webm
from transcription.streams.packets import Codec, Init, Packet, Reader, count_samples, keep_last

WARM_UP_SECONDS = 1.0
BATCH_SECONDS = 120.0  # of a stored recording that are decoded at a time: some 12 MB of samples
AHEAD_PACKETS = 2  # that follow a batch, for the filter of the resampler: it looks 1 ms ahead
LONGEST_TAIL = 16 * 1024 * 1024  # bytes of earlier pieces that are looked through
FEWEST_PACKETS = 2  # that a piece which ends in nonsense must have to count as damaged sound

CONTAINERS: tuple[tuple[Callable[[bytes], Init | None], type[Reader]], ...] = (
    (webm.find_init, webm.Reader),
    (ogg.find_init, ogg.Reader),
    (mp4.find_init, mp4.Reader),
)

NO_INIT = (
    "This is not the start of a recording in pieces. Send the recorder's first piece, which has "
    "the header, before the others."
)
NO_CONTINUATION = (
    "This piece does not continue the recording that was begun. Send the recorder's pieces "
    "unchanged and in order, or complete files."
)


def find_init(data: bytes) -> bytes | None:
    """The init segment of a recording that can be continued, if ``data`` starts one.

    That is WebM or Ogg with Opus, or fragmented MP4 with Opus or AAC, complete files of these
    formats among it; None for anything else.
    """
    found = _find_container(data)
    return found[0].data if found else None


def is_continuation(data: bytes) -> bool:
    """Whether no file can start like this: it has no header and no first frame of any format."""
    return bool(data) and not (wav.is_wav(data) or frames.starts_file(data))


def decode_fragment(
    init: bytes,
    earlier: Iterable[bytes],
    fragment: bytes,
    max_seconds: float = MAX_UPLOAD_SECONDS,
) -> Audio:
    """The sound of one piece alone, without gap or overlap against its neighbours.

    ``earlier`` are the pieces directly before it, THE LATEST FIRST; only as many are taken as are
    needed, with browsers one. Where they end before the first piece, what cannot be read without
    the missing one is left out. The sound may be empty: not every piece completes a packet.

    Raises AudioError for an init segment or a piece that is none, and for too long a piece.
    """
    opened = _open_stream(init, is_start=fragment.startswith(init))
    before = list[Packet]()
    if not opened.is_start:
        opened, before = _read_tail(init, earlier)
    own = opened.take(fragment)
    if own is None:
        raise AudioError(NO_CONTINUATION)
    origin = opened.find_origin([*before, *own])
    warm = keep_last(before, WARM_UP_SECONDS * opened.codec.sample_rate)
    origin += count_samples(before[: len(before) - len(warm)])
    part = Part(opened.codec, origin, warm, [own], [])
    return join(render(part, max_seconds))


def decode_stream(
    init: bytes, pieces: Iterable[bytes], max_seconds: float = MAX_UPLOAD_SECONDS
) -> Iterator[Audio]:
    """The sound of consecutive pieces decoded as one stream: one Audio for each piece, in order.

    Put together they are the sound of the whole; each is as long as ``decode_fragment`` makes it.
    A piece that is no continuation gives an empty sound, and so may one that completes no packet.
    The first piece need not be the one with the header, then what it cannot be read without is
    left out. Holds some two minutes of sound in memory.

    Raises AudioError for a wrong init segment, and for a piece longer than ``max_seconds``.
    """
    opened: Stream | None = None
    batch: Batch | None = None
    for piece in pieces:
        opened = opened or _open_stream(init, is_start=piece.startswith(init))
        packets = opened.take(piece) or []
        if batch is None:
            batch = Batch(opened)
        batch.groups.append(packets)
        if batch.is_full():
            yield from batch.decode(max_seconds)
    if batch:
        yield from batch.decode(max_seconds, is_last=True)


@dataclass(slots=True)
class Stream:
    """A recording that is being read, from its start or from the middle."""

    init: Init
    reader: Reader
    is_start: bool

    @property
    def codec(self) -> Codec:
        return self.init.codec

    def take(self, piece: bytes) -> list[Packet] | None:
        """The packets that this piece completes; None if it is nothing of this recording."""
        packets = self.reader.feed(piece.removeprefix(self.init.data))
        is_lost = not self.reader.is_synced and len(packets) < FEWEST_PACKETS
        return None if is_lost else packets

    def find_origin(self, packets: list[Packet]) -> int:
        """The position of the first of these packets, in samples from the start of the sound.

        Where it is unknown, one that is right for the resampler: packets of Opus are multiples of
        2.5 ms, so that only the delay at the start of all decides how the samples fall.
        """
        if self.is_start:
            return -self.codec.delay
        stated = packets[0].position if packets else None
        return -self.codec.delay % self.codec.alignment if stated is None else stated


@dataclass(slots=True)
class Batch:
    """Pieces that wait to be decoded together, and the packets directly before them."""

    stream: Stream
    groups: list[list[Packet]] = field(default_factory=list)
    warm: list[Packet] = field(default_factory=list)
    origin: int | None = None

    def is_full(self) -> bool:
        """Enough to decode, with a last piece of which the first packets are what follows."""
        rate, count = self.stream.codec.sample_rate, sum(map(count_samples, self.groups[:-1]))
        return count >= BATCH_SECONDS * rate and len(self.groups[-1]) >= AHEAD_PACKETS

    def decode(self, max_seconds: float, *, is_last: bool = False) -> Iterator[Audio]:
        """All pieces, but if it is not the end, without the last: it waits for what follows it."""
        ready, waiting = (self.groups, []) if is_last else (self.groups[:-1], self.groups[-1:])
        packets = [packet for group in ready for packet in group]
        if self.origin is None:
            self.origin = self.stream.find_origin(packets)
        ahead = [packet for group in waiting for packet in group[:AHEAD_PACKETS]]
        part = Part(self.stream.codec, self.origin, self.warm, ready, ahead)
        yield from render(part, max_seconds)
        everything = [*self.warm, *packets]
        self.warm = keep_last(everything, WARM_UP_SECONDS * self.stream.codec.sample_rate)
        self.origin += count_samples(everything[: len(everything) - len(self.warm)])
        self.groups = waiting


def _open_stream(init: bytes, *, is_start: bool) -> Stream:
    """Raises AudioError."""
    found = _find_container(init)
    if found is None:
        raise AudioError(NO_INIT)
    header, new_reader = found
    return Stream(header, new_reader(header, is_synced=is_start), is_start)


def _find_container(data: bytes) -> tuple[Init, type[Reader]] | None:
    for find, reader in CONTAINERS:
        init = find(data)
        if init:
            return init, reader
    return None


def _read_tail(init: bytes, earlier: Iterable[bytes]) -> tuple[Stream, list[Packet]]:
    """The stream read to the end of the earlier pieces, as far back as is needed for the next."""
    tail, tried = b"", 0
    for piece in earlier:
        is_first = piece.startswith(init)
        if frames.starts_file(piece) and not is_first:
            break  # of another recording: a file by itself, or a recorder that was started anew
        tail = piece + tail
        if is_first or len(tail) > LONGEST_TAIL:
            break
        if len(tail) >= 2 * tried:  # many tiny pieces must not cost the square of their number
            tried = len(tail)
            stream, packets = _read(init, tail)
            if count_samples(packets) >= WARM_UP_SECONDS * stream.codec.sample_rate:
                return stream, packets
    return _read(init, tail)


def _read(init: bytes, tail: bytes) -> tuple[Stream, list[Packet]]:
    stream = _open_stream(init, is_start=tail.startswith(init))
    return stream, stream.take(tail) or []
