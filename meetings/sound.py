"""The sound of a chunk, whatever it was recorded as: a file, or a piece of a longer stream.

``MediaRecorder.start(timeslice)`` gives a first chunk with a header and continuations without
one. What a chunk is (its ``stream_role``) is read from its bytes once and kept in its row.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from meetings import media
from meetings.models import AudioChunk
from transcription.audio import Audio, AudioError, decode
from transcription.fragments import decode_fragment, decode_stream, find_init, is_continuation

Role = AudioChunk.StreamRole
LONGEST_CHUNK_SECONDS = 90.0  # the contract allows 60; clocks and cuts need some room


class HeaderMissing(AudioError):
    """A continuation whose first piece has not come, or never will."""


@dataclass(frozen=True, slots=True)
class Sound:
    """``is_settled`` unless a missing neighbour may still add the packet that was cut in two."""

    audio: Audio
    role: str
    is_settled: bool = True


def read_sound(chunk: AudioChunk) -> Sound:
    """The sound of one chunk. Raises AudioError, AudioMissing, HeaderMissing."""
    data = media.read_chunk(chunk)
    role = find_role(data)
    if role == Role.CONTINUATION:
        return read_continuation(chunk, data)
    if role == Role.START:
        return Sound(decode_start(data), role)
    return Sound(decode(data, LONGEST_CHUNK_SECONDS), role)


def find_role(data: bytes) -> str:
    if find_init(data) is not None:
        return str(Role.START)
    return str(Role.CONTINUATION if is_continuation(data) else Role.FILE)


def decode_start(data: bytes) -> Audio:
    """A first piece ends where it was cut; a complete file that only looks like one does not."""
    try:
        return decode_fragment(find_init(data) or b"", [], data, LONGEST_CHUNK_SECONDS)
    except AudioError:
        return decode(data, LONGEST_CHUNK_SECONDS)


def read_continuation(chunk: AudioChunk, data: bytes) -> Sound:
    start = find_start(chunk)
    if start is None and has_all_before(chunk):
        return Sound(decode(data, LONGEST_CHUNK_SECONDS), str(Role.FILE))  # it continues nothing
    if start is None:
        raise HeaderMissing(
            "The first piece of this recording, which holds the header, has not come. "
            "The bytes are kept and will be read when it does."
        )
    init = find_init(media.read_chunk(start)) or b""
    earlier = media_before(chunk, start)
    audio = decode_fragment(init, earlier, data, LONGEST_CHUNK_SECONDS)
    has_neighbour = AudioChunk.objects.filter(
        meeting=chunk.meeting_id, index=chunk.index - 1
    ).exists()
    return Sound(audio, str(Role.CONTINUATION), has_neighbour)


def has_all_before(chunk: AudioChunk) -> bool:
    """Whether every chunk before this one came, so that no header can come any more."""
    before = AudioChunk.objects.filter(meeting=chunk.meeting_id, index__lt=chunk.index)
    return before.count() == chunk.index


def find_start(chunk: AudioChunk) -> AudioChunk | None:
    """The chunk with the header that this one continues."""
    earlier = AudioChunk.objects.filter(meeting=chunk.meeting_id, index__lt=chunk.index)
    for row in earlier.filter(stream_role="").order_by("-index"):
        learn_role(row)
    return earlier.filter(stream_role=Role.START).order_by("-index").first()


def learn_role(row: AudioChunk) -> None:
    """Keeps in the row what the chunk is; a file that is gone stays unknown."""
    try:
        role = find_role(media.read_chunk(row))
    except media.AudioMissing:
        return
    AudioChunk.objects.filter(pk=row.pk).update(stream_role=role)


def media_before(chunk: AudioChunk, start: AudioChunk) -> Iterator[bytes]:
    """The bytes of the pieces directly before, the latest first, up to the first missing one."""
    rows = AudioChunk.objects.filter(
        meeting=chunk.meeting_id, index__gte=start.index, index__lt=chunk.index
    ).order_by("-index")
    wanted = chunk.index - 1
    for row in rows.iterator(chunk_size=4):
        if row.index != wanted:
            return
        try:
            yield media.read_chunk(row)
        except media.AudioMissing:
            return
        wanted -= 1


def read_run(start: AudioChunk, run: list[AudioChunk]) -> Iterator[Audio]:
    """The sound of consecutive chunks of one stream, decoded as one: an Audio for each.

    Raises AudioError, AudioMissing.
    """
    init = find_init(media.read_chunk(start)) or b""
    yield from decode_stream(init, (media.read_chunk(row) for row in run), LONGEST_CHUNK_SECONDS)
