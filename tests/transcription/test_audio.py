import struct
import time

import numpy as np
import pytest

from tests.timing import check_seconds
from tests.transcription.sounds import encode, encode_film, make_silence, make_tone
from transcription.audio import (
    Audio,
    AudioError,
    decode,
    encode_wav,
    join,
    read_wav_duration,
)

TONE = make_tone(2)

FORMATS = {
    "wav of 48 kHz in stereo": ("wav", "pcm_s16le", 48_000, "stereo"),
    "wav of floats": ("wav", "pcm_f32le", 44_100, "mono"),
    "wav of 24 bits": ("wav", "pcm_s24le", 16_000, "mono"),
    "wav of telephone quality": ("wav", "pcm_mulaw", 8_000, "mono"),
    "webm with opus": ("webm", "libopus", 48_000, "mono"),
    "ogg with opus": ("ogg", "libopus", 48_000, "stereo"),
    "mp3": ("mp3", "libmp3lame", 44_100, "stereo"),
    "m4a with its index at the end": ("mp4", "aac", 44_100, "mono"),
    "bare aac": ("adts", "aac", 44_100, "mono"),
    "flac": ("flac", "flac", 16_000, "mono"),
}


def measure_pitch(audio: Audio) -> float:
    spectrum = np.abs(np.fft.rfft(audio.samples))
    return float(spectrum.argmax() / audio.duration)


def change_sizes(wav: bytes, size: int) -> bytes:
    """A header as streaming recorders write it, before they know the length."""
    lie = struct.pack("<I", size)
    return wav[:4] + lie + wav[8:40] + lie + wav[44:]


def refuse(data: bytes, **limits: float) -> str:
    with pytest.raises(AudioError) as refusal:
        decode(data, **limits)
    assert refusal.value.code == "bad_audio"
    return refusal.value.error


@pytest.mark.parametrize("written", FORMATS.values(), ids=FORMATS.keys())
def test_every_format_keeps_its_sound(written: tuple[str, str, int, str]) -> None:
    audio = decode(encode(TONE, *written))
    assert audio.sample_rate == 16_000
    assert audio.samples.dtype == np.int16
    assert audio.duration == pytest.approx(2, abs=0.1)
    assert measure_pitch(audio) == pytest.approx(440, abs=2)


def test_plain_wav_comes_back_bit_by_bit() -> None:
    assert np.array_equal(decode(encode_wav(TONE)).samples, TONE.samples)


def test_plain_wav_starts_no_process() -> None:
    data = encode_wav(make_tone(10))
    started = time.perf_counter()
    decode(data)
    check_seconds(time.perf_counter() - started, 0.02)


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFFFFF])
def test_lying_wav_header_is_not_believed(size: int) -> None:
    data = change_sizes(encode_wav(TONE), size)
    assert np.array_equal(decode(data).samples, TONE.samples)
    assert read_wav_duration(data) == pytest.approx(2)


def test_wav_cut_in_the_middle_of_a_sample_keeps_the_whole_ones() -> None:
    assert len(decode(encode_wav(TONE)[:-7]).samples) == len(TONE.samples) - 4


def test_chunks_around_the_sound_of_a_wav_are_not_played() -> None:
    wav = encode_wav(TONE)
    listed = b"LIST" + struct.pack("<I", 5) + b"hello\0"
    assert np.array_equal(decode(wav[:36] + listed + wav[36:] + listed).samples, TONE.samples)


def test_webm_that_ends_too_early_keeps_what_it_has() -> None:
    whole = encode(TONE, "webm", "libopus")
    audio = decode(whole[: len(whole) // 2])
    assert 0.3 < audio.duration < 1.7


@pytest.mark.parametrize("written", [FORMATS["mp3"], FORMATS["webm with opus"], FORMATS["flac"]])
def test_broken_bytes_in_the_middle_cost_only_their_moment(
    written: tuple[str, str, int, str],
) -> None:
    whole = bytearray(encode(TONE, *written))
    middle = len(whole) // 2
    whole[middle : middle + 20] = bytes(20)
    audio = decode(bytes(whole))
    assert 1.5 < audio.duration <= 2.1
    assert measure_pitch(audio.slice(audio.duration - 0.5, audio.duration)) == pytest.approx(
        440, abs=5
    )


def test_wav_duration_is_not_read_from_other_files() -> None:
    assert read_wav_duration(encode(TONE, "flac", "flac", 16_000)) is None
    assert read_wav_duration(b"RIFF\0\0\0\0WAVE") is None


JUNK = {
    "text": b"this is no sound " * 100,
    "zeros": bytes(5000),
    "noise": np.random.default_rng(3).bytes(100_000),
    "playlist": b"#EXTM3U\n#EXTINF:10,\nfile:///etc/hostname\n",
    "list of files": b"ffconcat version 1.0\nfile /etc/hostname\n",
    "session description": b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 1 RTP/AVP 0\n",
    "first bytes of a wav": encode_wav(TONE)[:20],
    "middle of a webm": encode(TONE, "webm", "libopus")[5000:],
}


@pytest.mark.parametrize("data", JUNK.values(), ids=JUNK.keys())
def test_what_is_no_sound_is_refused_with_advice(data: bytes) -> None:
    assert "not a sound file" in refuse(data)


def test_empty_upload_is_refused() -> None:
    assert refuse(b"").startswith("The file is empty")


def test_wav_without_samples_is_refused() -> None:
    assert refuse(encode_wav(make_silence(0))).startswith("There is no sound")


def test_film_without_sound_is_refused() -> None:
    assert refuse(encode_film(make_silence(0))).startswith("There is no sound")


def test_film_gives_its_sound() -> None:
    audio = decode(encode_film(TONE))
    assert measure_pitch(audio) == pytest.approx(440, abs=2)


def test_too_long_wav_is_refused() -> None:
    assert refuse(encode_wav(TONE), max_seconds=1) == (
        "The sound is longer than 1 seconds. Send it in shorter pieces."
    )


def test_bomb_that_states_its_length_is_refused_before_it_is_decoded() -> None:
    bomb = encode(make_silence(1000), "flac", "flac", 16_000)
    assert len(bomb) < 200_000
    started = time.perf_counter()
    assert "longer than 15 minutes" in refuse(bomb)
    check_seconds(time.perf_counter() - started, 2)


def test_bomb_that_hides_its_length_is_stopped_at_the_limit() -> None:
    stream = encode(make_silence(600), "adts", "aac", 16_000)
    started = time.perf_counter()
    assert "longer than 5 minutes" in refuse(stream, max_seconds=300)
    check_seconds(time.perf_counter() - started, 5)


def test_slice_keeps_within_the_sound() -> None:
    audio = TONE.slice(-1, 0.5)
    assert audio.duration == 0.5
    assert TONE.slice(1.5, 9).duration == 0.5
    assert TONE.slice(5, 9).duration == 0


def test_joined_parts_follow_each_other() -> None:
    joined = join([TONE.slice(0, 1), TONE.slice(1, 2)])
    assert np.array_equal(joined.samples, TONE.samples)
    assert join([]).duration == 0
