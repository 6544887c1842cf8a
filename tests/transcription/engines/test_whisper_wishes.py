"""How wishes become flags of whisper-cli, and what of them the real program understands."""

import json

import pytest
from pytest_django import Settings

from tests.transcription.engines.whisper_stage import (
    GOOD,
    HELP,
    PROGRAM,
    SPEECH,
    Stage,
    fail,
    needs_whisper,
)
from tests.transcription.sounds import make_silence
from transcription.engines import whisper_model
from transcription.engines.base import Options, WishRefused
from transcription.engines.whisper_cli import WhisperCli


def test_wishes_reach_the_program(stage: Stage) -> None:
    arguments = stage.program.with_name("arguments")
    json_file = stage.program.with_name("good")
    json_file.write_text(json.dumps(GOOD))
    engine = stage.play(f'echo "$@" > {arguments}', f'cp {json_file} "$OUT.json"')
    engine.transcribe(SPEECH, Options(language="en-GB", prompt="Anna; $(reboot)"))
    written = arguments.read_text()
    assert "-l en " in written
    assert "--prompt Anna; $(reboot)" in written
    assert "-sns" in written
    assert "-np" not in written


def test_live_is_fast_and_final_is_thorough(stage: Stage) -> None:
    arguments = stage.program.with_name("arguments")
    json_file = stage.program.with_name("good")
    json_file.write_text(json.dumps(GOOD))
    flags = "'--output-json -bs N, -bo N, -nf, -tpi N, -ac N, -nth N, -lpt N, '"
    engine = stage.play(f'echo "$@" > {arguments}', f'cp {json_file} "$OUT.json"')
    stage.program.write_text(stage.program.read_text().replace(HELP, f"echo {flags}"))
    engine.transcribe(SPEECH, Options())
    live = arguments.read_text()
    engine.transcribe(SPEECH, Options(is_final=True))
    final = arguments.read_text()
    assert "-bs 1 -bo 1 -nf -ac 448" in live
    assert "-bs 5 -bo 5 -tpi 0.4" in final
    assert "-ac" not in final
    assert "-nth 0.6" in live
    assert "-mc 0" in live


def test_live_as_much_of_the_window_is_computed_as_the_sound_needs() -> None:
    lengths = (0.5, 7.6, 12.0, 28.7, 28.8, 40.0)
    sounds = [make_silence(seconds) for seconds in lengths]
    chosen = [whisper_model.choose_audio_context(sound, Options()) for sound in sounds]
    assert chosen == [448, 448, 664, 1499, 0, 0]
    assert not any(
        whisper_model.choose_audio_context(sound, Options(is_final=True)) for sound in sounds
    )


@pytest.mark.parametrize(("setting", "short", "long"), [(400, 400, 0), (1500, 0, 0)])
def test_setting_decides_how_much_of_the_window_is_computed(
    settings: Settings, setting: int, short: int, long: int
) -> None:
    settings.WHISPER_AUDIO_CONTEXT = setting
    assert whisper_model.choose_audio_context(make_silence(8), Options()) == short
    assert whisper_model.choose_audio_context(make_silence(8.1), Options()) == long


DOUBTFUL = {
    "a phrase twice": "Please raise that limit. Please raise that limit.",
    "more words than can be said": " ".join(f"word{number}" for number in range(200)),
    "nothing": "",
    "a ghost": "[BLANK_AUDIO]",
}


@pytest.mark.parametrize("text", DOUBTFUL.values(), ids=DOUBTFUL.keys())
def test_what_leaves_doubts_is_heard_again_with_the_whole_window(stage: Stage, text: str) -> None:
    calls = stage.program.with_name("calls")
    entry = {"offsets": {"from": 0, "to": 900}, "text": text}
    for name, written in (("doubtful", {"transcription": [entry]}), ("good", GOOD)):
        stage.program.with_name(name).write_text(json.dumps(written))
    folder = stage.program.parent
    engine = stage.play(
        f'echo "$@" >> {calls}',
        f'case "$*" in *-ac*) r={folder}/doubtful;; *) r={folder}/good;; esac',
        'cp "$r" "$OUT.json"',
    )
    stage.program.write_text(stage.program.read_text().replace(HELP, "echo '--output-json -ac N'"))
    heard = engine.transcribe(SPEECH, Options())
    assert [segment.text for segment in heard.segments] == ["Hello there."]
    assert ["-ac" in call for call in calls.read_text().splitlines()] == [True, False]


def test_what_leaves_no_doubt_is_heard_once(stage: Stage) -> None:
    calls, good = stage.program.with_name("calls"), stage.program.with_name("good")
    good.write_text(json.dumps(GOOD))
    engine = stage.play(f"echo 1 >> {calls}", f'cp {good} "$OUT.json"')
    engine.transcribe(SPEECH, Options())
    assert calls.read_text() == "1\n"


def test_threads_are_never_more_than_cores(settings: Settings) -> None:
    settings.WHISPER_THREADS = 1
    assert whisper_model.count_threads() == 1
    settings.WHISPER_THREADS = 4096
    assert whisper_model.count_threads() == whisper_model.count_cores()


def test_background_work_gives_way(stage: Stage) -> None:
    json_file = stage.program.with_name("good")
    json_file.write_text(json.dumps(GOOD))
    nice = stage.program.with_name("niceness")
    engine = stage.play(f"nice > {nice}", f'cp {json_file} "$OUT.json"')
    engine.transcribe(SPEECH, Options())
    live = int(nice.read_text())
    engine.transcribe(SPEECH, Options(is_final=True))
    assert int(nice.read_text()) > live


def test_language_that_does_not_exist_is_refused(stage: Stage) -> None:
    failure = fail(stage.play_result(json.dumps(GOOD)), Options(language="xx"))
    assert failure.message == (
        'whisper_cli: there is no language "xx"; use a code such as en, de or fr, or auto'
    )
    assert isinstance(failure, WishRefused)


def test_recognised_language_is_told(stage: Stage) -> None:
    engine = stage.play_result(json.dumps({**GOOD, "result": {"language": "de"}}))
    stage.model = stage.model.rename(stage.model.with_name("ggml-tiny.bin"))
    engine = WhisperCli(str(stage.program), str(stage.model))
    assert engine.transcribe(SPEECH, Options(language="auto")).language == "de"


def test_english_model_refuses_other_languages(stage: Stage) -> None:
    failure = fail(stage.play_result(json.dumps(GOOD)), Options(language="fr"))
    assert "knows English only" in failure.message
    assert isinstance(failure, WishRefused)


@needs_whisper
@pytest.mark.parametrize(
    "options", [Options(prompt="good morning"), Options(vocabulary=("good", "morning"))]
)
def test_words_to_expect_reach_the_decoder(model: str, options: Options) -> None:
    """The scripted model speaks by position: a prompt before it moves the first word away."""
    first = WhisperCli(PROGRAM, model).transcribe(SPEECH.slice(0, 3), options).segments[0]
    assert first.text == "morning and welcome"


@needs_whisper
def test_real_program_does_the_final_pass(model: str) -> None:
    heard = WhisperCli(PROGRAM, model).transcribe(SPEECH.slice(0, 2), Options(is_final=True))
    assert heard.segments[0].text == "good morning and welcome"
    assert heard.language == "en"


def test_prompt_is_cut_so_that_nothing_of_it_is_dropped_unseen() -> None:
    """whisper.cpp keeps the end of what is too long."""
    names = tuple(f"name{number:03}" for number in range(100))
    prompt = whisper_model.build_prompt(Options(prompt="x" * 900 + " end", vocabulary=names))
    assert prompt.startswith("name000, name001, ")
    assert prompt.endswith("x end")
    assert len(prompt) <= 820
