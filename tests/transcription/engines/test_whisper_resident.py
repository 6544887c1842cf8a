"""The real library with the scripted model, in its own process, killed in every way."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.timing import check_seconds
from tests.transcription.sounds import load_speech, make_silence
from transcription.engines import whisper_model
from transcription.engines.base import EngineError, Options, WishRefused
from transcription.engines.whisper_resident import WhisperResident

pytest.importorskip("pywhispercpp", reason="pip install pywhispercpp")

SPEECH = load_speech()[0].slice(0, 3)
SENTENCE = "good morning and welcome"


@pytest.fixture
def engine(model: str) -> Iterator[WhisperResident]:
    engine = WhisperResident("pywhispercpp", model, "")
    yield engine
    engine.close()


def list_children() -> list[psutil.Process]:
    processes = psutil.Process().children(recursive=True)
    return [each for each in processes if "whisper_process.py" in read_command(each)]


def read_command(process: psutil.Process) -> str:
    """Empty for one that has ended meanwhile."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def read_text(engine: WhisperResident, options: Options | None = None) -> str:
    heard = engine.transcribe(SPEECH, options or Options())
    return " ".join(segment.text for segment in heard.segments)


def fail(engine: WhisperResident, options: Options | None = None) -> EngineError:
    with pytest.raises(EngineError) as failure:
        engine.transcribe(SPEECH, options or Options())
    assert failure.value.message.startswith("whisper_resident: ")
    return failure.value


def test_words_come_with_times_and_probabilities(engine: WhisperResident) -> None:
    assert engine.check().is_ready
    heard = engine.transcribe(SPEECH, Options())
    (segment,) = heard.segments
    assert (segment.text, segment.start, segment.end) == (SENTENCE, 0.0, 1.0)
    assert [word.text for word in segment.words] == SENTENCE.split()
    assert all(0 <= word.start <= word.end <= 1 for word in segment.words)
    assert segment.confidence == pytest.approx(1, abs=0.05)
    assert (heard.language, engine.model) == ("en", "ggml-scripted.en")


def test_model_is_loaded_once(engine: WhisperResident) -> None:
    read_text(engine)
    first = list_children()
    read_text(engine)
    assert list_children() == first
    assert len(first) == 1


def test_words_to_expect_reach_the_decoder_and_are_forgotten(engine: WhisperResident) -> None:
    """The scripted model speaks by position: a prompt before it moves the first word away."""
    assert read_text(engine, Options(vocabulary=("good", "morning"))) == "morning and welcome"
    assert read_text(engine) == SENTENCE


def test_final_pass_has_a_process_of_its_own_that_gives_way(engine: WhisperResident) -> None:
    assert read_text(engine, Options(is_final=True)) == SENTENCE
    assert read_text(engine) == SENTENCE
    niceness = sorted(child.nice() for child in list_children())
    assert niceness[1] - niceness[0] == whisper_model.BACKGROUND_NICENESS


def test_crash_between_two_requests_is_not_noticed(engine: WhisperResident) -> None:
    read_text(engine)
    (child,) = list_children()
    child.kill()
    assert read_text(engine) == SENTENCE


def test_crash_during_a_request_costs_one_more_try(engine: WhisperResident) -> None:
    read_text(engine)
    (child,) = list_children()
    child.suspend()
    threading.Timer(0.5, child.kill).start()
    assert read_text(engine) == SENTENCE


def test_hang_is_ended_and_the_next_request_works(
    engine: WhisperResident, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_text(engine)
    (child,) = list_children()
    child.suspend()
    with monkeypatch.context() as patch:
        patch.setattr(whisper_model, "SHORTEST_TIMEOUT_SECONDS", 1.0)
        patch.setattr(whisper_model, "TIMEOUT_PER_SECOND", 0.0)
        started = time.monotonic()
        failure = fail(engine)
    assert failure.message == "whisper_resident: no answer after 1 s"
    check_seconds(time.monotonic() - started, 5)
    assert not failure.permanent
    assert not child.is_running()
    assert read_text(engine) == SENTENCE


def test_fork_gets_a_process_of_its_own(engine: WhisperResident) -> None:
    read_text(engine)
    pid = os.fork()
    if not pid:
        is_right = False
        try:
            is_right = read_text(engine) == SENTENCE
            engine.close()
        finally:
            os._exit(0 if is_right else 1)
    assert os.waitpid(pid, 0)[1] == 0
    assert read_text(engine) == SENTENCE


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_model_dies_with_its_parent(engine: WhisperResident) -> None:
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        read_text(engine)
        os.write(writing, str(list_children()[0].pid).encode())
        time.sleep(60)
        os._exit(0)
    child = psutil.Process(int(os.read(reading, 20)))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    assert not psutil.wait_procs([child], timeout=5)[1]


def test_close_ends_the_process(engine: WhisperResident) -> None:
    read_text(engine)
    engine.close()
    assert list_children() == []


@pytest.mark.parametrize("size", [100, 3_000_000], ids=["no weights", "cut short"])
def test_broken_model_is_refused_for_good(model: str, tmp_path: Path, size: int) -> None:
    broken = tmp_path / "ggml-broken.en.bin"
    broken.write_bytes(Path(model).read_bytes()[:size])
    failure = fail(WhisperResident("pywhispercpp", str(broken), ""))
    assert f"the model {broken} cannot be loaded" in failure.message
    assert "setup_whisper" in failure.message
    assert failure.permanent


def test_name_of_a_model_is_not_downloaded() -> None:
    failure = fail(WhisperResident("pywhispercpp", "tiny.en", ""))
    assert failure.message == (
        "whisper_resident: WHISPER_MODEL_PATH=tiny.en is no readable ggml model file."
    )


@pytest.mark.parametrize("language", ["xx", "de"])
def test_language_the_model_does_not_know_is_refused(
    engine: WhisperResident, language: str
) -> None:
    """The library itself would silently guess a language instead."""
    assert isinstance(fail(engine, Options(language=language)), WishRefused)


@pytest.mark.parametrize("samples", [0, 1, 800])
def test_hardly_any_sound_is_no_trouble(engine: WhisperResident, samples: int) -> None:
    audio = make_silence(samples / 16_000)
    heard = engine.transcribe(audio, Options())
    assert all(segment.end <= audio.duration for segment in heard.segments)


def test_it_is_off_until_it_is_chosen() -> None:
    off = WhisperResident("", "/nowhere/ggml.bin", "").check()
    assert (off.is_ready, off.may_pass) == (False, False)
    assert off.fix == "Set WHISPER_RESIDENT to pywhispercpp or server."
