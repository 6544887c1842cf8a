import struct
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.timing import check_seconds
from tests.transcription.recordings import (
    MP4,
    WEBM,
    cut,
    decode_plainly,
    get_init,
    load_pieces,
    make_fragmented_aac,
    make_speech,
)
from tests.transcription.sounds import encode, load_meeting, make_tone
from transcription.audio import Audio, AudioError, encode_wav, join
from transcription.fragments import decode_fragment, decode_stream, find_init, is_continuation

TONE = make_tone(2)
COMPLETE_FILES = {
    "wav": encode_wav(TONE),
    "mp3": encode(TONE, "mp3", "libmp3lame", 44_100),
    "flac": encode(TONE, "flac", "flac", 16_000),
    "m4a": encode(TONE, "mp4", "aac", 44_100),
    "aac": encode(TONE, "adts", "aac", 44_100),
}
RECORDINGS = {"webm": make_speech("webm"), "ogg": make_speech("ogg"), "mp4": make_fragmented_aac()}
every_browser = pytest.mark.parametrize("name", [WEBM, MP4])
places = st.lists(st.floats(0, 1), max_size=4)


def decode_one_by_one(pieces: Sequence[bytes]) -> list[Audio]:
    init = get_init(pieces)
    return [
        decode_fragment(init, reversed(pieces[:index]), piece) for index, piece in enumerate(pieces)
    ]


def note(pieces: Iterable[bytes], taken: list[bytes]) -> Iterator[bytes]:
    """The pieces, and in ``taken`` those that were asked for."""
    for piece in pieces:
        taken.append(piece)
        yield piece


def measure_likeness(heard: npt.NDArray[np.int16], true: npt.NDArray[np.int16]) -> float:
    """Signal to error in dB; above 30 no listener and no engine can tell them apart."""
    error = heard.astype(float) - true
    return float(10 * np.log10(np.mean(true.astype(float) ** 2) / max(np.mean(error**2), 1e-9)))


def refuse(init: bytes, fragment: bytes, max_seconds: float = 900) -> str:
    started = time.perf_counter()
    with pytest.raises(AudioError) as refusal:
        decode_fragment(init, [], fragment, max_seconds)
    check_seconds(time.perf_counter() - started, 2)
    return refusal.value.error


@every_browser
def test_recording_of_a_browser_loses_nothing_at_its_cuts(name: str) -> None:
    pieces = load_pieces(name)
    whole, heard = decode_plainly(b"".join(pieces)), join(decode_one_by_one(pieces)).samples
    assert len(heard) == len(whole)
    assert measure_likeness(heard, whole) > 40


@every_browser
def test_one_earlier_piece_is_enough(name: str) -> None:
    pieces = load_pieces(name)
    asked = list[bytes]()
    decode_fragment(get_init(pieces), note(reversed(pieces[:-2]), asked), pieces[-2])
    assert len(asked) == 1


@pytest.mark.parametrize("name", RECORDINGS)
@settings(max_examples=5, deadline=None)
@given(places=places)
def test_pieces_cut_anywhere_are_together_as_long_as_the_whole(
    name: str, places: list[float]
) -> None:
    whole = RECORDINGS[name]
    pieces = cut(whole, places)
    init = get_init([whole])
    all_at_once = join(decode_stream(init, [whole])).samples
    heard = join(decode_one_by_one(pieces)).samples
    assert len(heard) == len(all_at_once)
    assert measure_likeness(heard, all_at_once) > 30


@pytest.mark.parametrize("container", ["webm", "ogg"])
def test_stream_is_the_whole_sample_for_sample(container: str) -> None:
    whole = RECORDINGS[container]
    pieces = cut(whole, [0.1, 0.11, 0.5, 0.99])
    heard = join(decode_stream(get_init([whole]), pieces)).samples
    assert np.array_equal(heard, decode_plainly(whole))


def test_aac_ends_where_the_recorder_says() -> None:
    whole = make_fragmented_aac()
    heard, padded = join(decode_stream(get_init([whole]), [whole])).samples, decode_plainly(whole)
    assert len(heard) == 96_000 + 341  # six seconds and the 1024 samples before an AAC begins
    assert measure_likeness(heard, padded[: len(heard)]) > 40


@every_browser
def test_stream_gives_each_piece_its_own_samples(name: str) -> None:
    pieces = load_pieces(name)
    lengths = [len(audio.samples) for audio in decode_stream(get_init(pieces), pieces)]
    assert lengths == [len(audio.samples) for audio in decode_one_by_one(pieces)]


def test_long_recording_is_decoded_as_it_comes_and_fits_at_the_joints() -> None:
    whole = encode(load_meeting(), "webm", "libopus")  # 139 s, more than one batch
    pieces = cut(whole, [place / 35 for place in range(1, 35)])
    taken = list[bytes]()
    stream = decode_stream(get_init([whole]), note(pieces, taken))
    first = next(stream)
    assert len(taken) < len(pieces)
    heard, true = join([first, *stream]).samples, decode_plainly(whole)
    assert len(heard) == len(true)
    assert measure_likeness(heard, true) > 40


def test_stream_may_begin_in_the_middle() -> None:
    pieces = load_pieces(WEBM)
    lengths = [len(audio.samples) for audio in decode_stream(get_init(pieces), pieces[2:])]
    whole = [len(audio.samples) for audio in decode_one_by_one(pieces)][2:]
    assert lengths[1:] == whole[1:]
    assert whole[0] - lengths[0] == 960  # the 60 ms of the packet that was cut


def test_piece_of_nonsense_is_empty_and_the_others_go_on() -> None:
    pieces = list(load_pieces(WEBM))
    noise = np.random.default_rng(3).bytes(8000)
    lengths = [
        len(audio.samples)
        for audio in decode_stream(get_init(pieces), [*pieces[:3], noise, *pieces[4:]])
    ]
    true = [len(audio.samples) for audio in decode_one_by_one(pieces)]
    assert lengths[3] == 0
    assert lengths[5:] == true[5:]
    assert true[4] - lengths[4] <= 960


def test_piece_after_a_missing_one_keeps_all_but_the_packet_that_was_cut() -> None:
    pieces = load_pieces(WEBM)
    whole = decode_fragment(get_init(pieces), [pieces[2]], pieces[3])
    alone = decode_fragment(get_init(pieces), [], pieces[3])
    assert len(whole.samples) - len(alone.samples) == 960


def test_pieces_before_a_recorder_was_started_anew_are_not_of_this_recording() -> None:
    old, pieces = list(load_pieces(MP4)), load_pieces(WEBM)
    audio = decode_fragment(get_init(pieces), reversed([*old, *pieces[:1]]), pieces[1])
    assert len(audio.samples) == 32_640
    alone = decode_fragment(get_init(pieces), reversed(old[:1]), pieces[1])
    assert len(alone.samples) == 32_640 - 960


def test_first_piece_of_mp4_has_a_header_and_no_sound() -> None:
    pieces = load_pieces(MP4)
    assert decode_fragment(get_init(pieces), [], pieces[0]).duration == 0


def test_broken_packet_keeps_its_time() -> None:
    whole = bytearray(make_speech("webm"))
    whole[30_000:30_040] = bytes(40)
    heard = decode_fragment(get_init([bytes(whole)]), [], bytes(whole))
    assert heard.duration == pytest.approx(6, abs=0.021)


def test_header_ends_before_the_first_cluster() -> None:
    first = load_pieces(WEBM)[0]
    assert find_init(first) == first[: first.index(bytes.fromhex("1f43b675"))]


def test_header_ends_before_the_first_fragment() -> None:
    whole = make_fragmented_aac()
    assert find_init(whole) == whole[: whole.index(b"moof") - 4]


def test_header_of_ogg_is_its_first_two_pages() -> None:
    whole = make_speech("ogg")
    init = find_init(whole)
    assert init is not None
    assert init.count(b"OggS") == 2
    assert b"OpusTags" in init


def test_magic_bytes_in_a_title_are_no_cluster() -> None:
    first = load_pieces(WEBM)[0]
    title = bytes.fromhex("1f43b6758100")
    info = bytes.fromhex("1549a966") + bytes([0x80 | len(title) + 3]) + b"\x7b\xa9"
    info += bytes([0x80 | len(title)]) + title
    place = first.index(bytes.fromhex("1654ae6b"))
    init = find_init(first[:place] + info + first[place:])
    assert init is not None
    assert len(init) == 146 + len(info)


@pytest.mark.parametrize("data", COMPLETE_FILES.values(), ids=COMPLETE_FILES.keys())
def test_complete_file_is_neither_begun_nor_continued(data: bytes) -> None:
    assert find_init(data) is None
    assert not is_continuation(data)


@pytest.mark.parametrize("data", [*RECORDINGS.values(), load_pieces(WEBM)[0], load_pieces(MP4)[0]])
def test_first_piece_is_no_continuation(data: bytes) -> None:
    assert not is_continuation(data)


@every_browser
def test_later_pieces_are_continuations_and_have_no_header(name: str) -> None:
    for piece in load_pieces(name)[1:]:
        assert is_continuation(piece)
        assert find_init(piece) is None


@pytest.mark.parametrize("name", RECORDINGS)
@settings(max_examples=50, deadline=None)
@given(place=st.floats(0, 0.999))
def test_what_follows_a_cut_is_a_continuation(name: str, place: float) -> None:
    assert is_continuation(cut(RECORDINGS[name], [place])[1])


def test_nothing_continues_nothing() -> None:
    assert not is_continuation(b"")
    assert find_init(b"") is None


HOSTILE = {
    "noise": np.random.default_rng(3).bytes(500_000),
    "playlist": b"#EXTM3U\n#EXTINF:10,\nfile:///etc/hostname\n",
    "huge cluster": bytes.fromhex("1f43b67501fffffffffffffe") + b"\xe7\x81\0" + bytes(5000),
    "huge block": bytes.fromhex("a301fffffffffffffe") + bytes(5000),
    "huge box": struct.pack(">I4sQ", 1, b"moof", 2**63) + bytes(5000),
}


@pytest.mark.parametrize("fragment", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("whole", RECORDINGS.values(), ids=RECORDINGS.keys())
def test_hostile_piece_is_refused_quickly(whole: bytes, fragment: bytes) -> None:
    assert "does not continue" in refuse(get_init([whole]), fragment)


def test_what_is_no_header_is_refused() -> None:
    assert "not the start of a recording" in refuse(b"#EXTM3U", b"file:///etc/hostname")


def test_bomb_is_refused_before_it_is_decoded() -> None:
    pieces = load_pieces(WEBM)
    start = bytes.fromhex("1f43b67501ffffffffffffffe78100")
    longest = bytes.fromhex("a386810000801b02")  # 120 ms of nothing in eight bytes
    assert "longer than 15 minutes" in refuse(get_init(pieces), start + longest * 10_000)


def test_too_long_a_piece_is_refused() -> None:
    pieces = load_pieces(WEBM)
    assert "longer than 1 seconds" in refuse(get_init(pieces), pieces[1], max_seconds=1)


@pytest.mark.parametrize("name", RECORDINGS)
@settings(max_examples=8, deadline=None)
@given(place=st.floats(0, 0.3), junk=st.binary(min_size=1, max_size=40))
def test_damage_gives_sound_or_a_refusal(name: str, place: float, junk: bytes) -> None:
    whole = RECORDINGS[name]
    at = round(place**4 * len(whole))  # most of it in the header, where it does harm
    damaged = whole[:at] + junk + whole[at + len(junk) :]
    init = find_init(damaged)
    with suppress(AudioError):
        heard = decode_fragment(init or get_init([whole]), [], damaged)
        assert heard.duration < 7
