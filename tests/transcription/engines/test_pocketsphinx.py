from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.transcription.sounds import load_speech, make_noise, make_silence
from transcription.audio import join
from transcription.engines.base import EngineError, Heard, Options
from transcription.engines.pocketsphinx import PocketSphinx
from transcription.scoring import wer

ENGINE = PocketSphinx()


def read_text(heard: Heard) -> str:
    return " ".join(segment.text for segment in heard.segments)


def test_speech_is_understood() -> None:
    audio, said = load_speech(5)
    heard = read_text(ENGINE.transcribe(audio, Options()))
    assert wer(said, heard).rate <= 0.35


def test_words_lie_in_order_within_their_segment() -> None:
    audio, _ = load_speech(2)
    for segment in ENGINE.transcribe(audio, Options()).segments:
        assert segment.text == " ".join(word.text for word in segment.words)
        assert [word.start for word in segment.words] == sorted(w.start for w in segment.words)
        assert 0 <= segment.start < segment.end <= audio.duration
        assert all(0 <= (word.probability or 0) <= 1 for word in segment.words)


def test_marks_of_the_decoder_are_no_words() -> None:
    audio, _ = load_speech(5)
    heard = read_text(ENGINE.transcribe(audio, Options()))
    assert not set(heard) & set("<>[](+")


def test_later_speech_has_later_times() -> None:
    audio, _ = load_speech()
    (segment,) = ENGINE.transcribe(join([make_silence(5), audio]), Options()).segments
    assert segment.start == pytest.approx(5.5, abs=0.3)


def test_words_are_left_out_where_nobody_wants_them() -> None:
    audio, _ = load_speech()
    (segment,) = ENGINE.transcribe(audio, Options(want_words=False)).segments
    assert segment.words == ()
    assert segment.confidence is not None


@pytest.mark.parametrize("audio", [make_silence(5), make_noise(5, 0), make_silence(0)])
def test_nothing_is_invented(audio) -> None:  # type: ignore[no-untyped-def]
    assert ENGINE.transcribe(audio, Options()).segments == ()


def test_sound_after_an_empty_one_is_still_understood() -> None:
    audio, said = load_speech()
    ENGINE.transcribe(make_silence(1), Options())
    assert wer(said, read_text(ENGINE.transcribe(audio, Options()))).rate <= 0.35


def test_same_sound_gives_the_same_words_whatever_came_before() -> None:
    short, _ = load_speech()
    first = ENGINE.transcribe(short, Options())
    ENGINE.transcribe(load_speech(2)[0], Options())
    assert read_text(ENGINE.transcribe(short, Options())) == read_text(first)


def test_two_threads_do_not_disturb_each_other() -> None:
    audio, _ = load_speech()
    alone = ENGINE.transcribe(audio, Options())
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(lambda _: ENGINE.transcribe(audio, Options()), range(2)))
    assert [read_text(heard) for heard in together] == [read_text(alone)] * 2


@pytest.mark.parametrize("language", ["en-US", "en_GB", "auto"])
def test_english_is_its_language(language: str) -> None:
    assert ENGINE.transcribe(load_speech()[0], Options(language=language)).language == "en"


def test_other_languages_are_refused_for_good() -> None:
    with pytest.raises(EngineError, match="English only") as refusal:
        ENGINE.transcribe(load_speech()[0], Options(language="de"))
    assert refusal.value.permanent
