"""The real SDK talks to a local server that answers in the shapes of Deepgram's API."""

import logging
from typing import Any

import numpy as np
import pytest
from pytest_django import Settings

from tests.transcription.engines.answering_server import AnsweringServer, Reply
from tests.transcription.sounds import load_speech
from transcription.audio import SAMPLE_RATE, Audio, encode_wav
from transcription.engines.base import EngineError, Heard, Options, WishRefused
from transcription.engines.deepgram import Deepgram
from transcription.types import Segment, Word

SPEECH = load_speech()[0].slice(0, 4)
KEY = "dg-key-that-nobody-may-see"
WORDS = [
    {"word": "hello", "start": 0.08, "end": 0.5, "confidence": 0.99, "punctuated_word": "Hello"},
    {"word": "anna", "start": 0.5, "end": 0.9, "confidence": 0.7, "punctuated_word": "Anna."},
    {"word": "yes", "start": 2.0, "end": 2.4, "confidence": 0.9, "punctuated_word": "Yes."},
]


def write_utterance(words: list[dict[str, Any]], speaker: int) -> dict[str, Any]:
    return {
        "start": words[0]["start"],
        "end": words[-1]["end"],
        "confidence": 0.95,
        "channel": 0,
        "transcript": " ".join(word["punctuated_word"] for word in words),
        "words": [{**word, "speaker": speaker, "speaker_confidence": 0.8} for word in words],
        "speaker": speaker,
        "id": "b4a6b1e0",
    }


def write_response(**changes: Any) -> dict[str, Any]:
    alternative = {"transcript": "Hello Anna. Yes.", "confidence": 0.95, "words": WORDS}
    results = {
        "channels": [{"alternatives": [alternative], **changes.pop("channel", {})}],
        "utterances": [write_utterance(WORDS[:2], 0), write_utterance(WORDS[2:], 1)],
        **changes,
    }
    metadata = {
        "transaction_key": "deprecated",
        "request_id": "6be1b9f4",
        "sha256": "0" * 64,
        "created": "2026-11-20T10:00:00.000Z",
        "duration": 4.0,
        "channels": 1,
        "models": ["1"],
        "model_info": {"1": {"name": "general-nova-3", "version": "1", "arch": "nova-3"}},
    }
    return {"metadata": metadata, "results": results}


@pytest.fixture
def engine(server: AnsweringServer) -> Deepgram:
    server.replies = [Reply(body=write_response())]
    return Deepgram(KEY, server.url)


def fail(engine: Deepgram, options: Options | None = None) -> EngineError:
    with pytest.raises(EngineError) as failure:
        engine.transcribe(SPEECH, options or Options())
    assert failure.value.message.startswith("deepgram")
    assert KEY not in failure.value.message
    return failure.value


def test_utterances_become_segments_with_speakers(engine: Deepgram) -> None:
    hello = (Word("Hello", 0.08, 0.5, 0.99), Word("Anna.", 0.5, 0.9, 0.7))
    assert engine.transcribe(SPEECH, Options()) == Heard(
        (
            Segment(0.08, 0.9, "Hello Anna.", 0.95, hello, "Speaker 1"),
            Segment(2.0, 2.4, "Yes.", 0.95, (Word("Yes.", 2.0, 2.4, 0.9),), "Speaker 2"),
        )
    )


def test_wishes_reach_the_service(engine: Deepgram, server: AnsweringServer) -> None:
    engine.transcribe(SPEECH, Options(language="de_AT", vocabulary=("Intellibooks", "Zo\u00eb")))
    (request,) = server.requests
    assert request.path == "/v1/listen"
    assert request.query == {
        "model": ["nova-3"],
        "diarize_model": ["latest"],
        "utterances": ["true"],
        "smart_format": ["true"],
        "punctuate": ["true"],
        "language": ["de-AT"],
        "keyterm": ["Intellibooks", "Zo\u00eb"],
    }
    assert request.headers["authorization"] == f"Token {KEY}"
    assert request.body == encode_wav(SPEECH)


def test_language_is_recognised_where_none_is_named(
    engine: Deepgram, server: AnsweringServer
) -> None:
    server.replies = [Reply(body=write_response(channel={"detected_language": "fr"}))]
    assert engine.transcribe(SPEECH, Options(language="auto")).language == "fr"
    assert server.requests[0].query["detect_language"] == ["true"]
    assert "language" not in server.requests[0].query


def test_older_models_get_no_key_terms(
    settings: Settings, engine: Deepgram, server: AnsweringServer
) -> None:
    settings.DEEPGRAM_MODEL = "nova-2"
    Deepgram(KEY, server.url).transcribe(SPEECH, Options(vocabulary=("Anna",)))
    assert "keyterm" not in server.requests[0].query


def test_text_without_utterances_is_one_segment(engine: Deepgram, server: AnsweringServer) -> None:
    server.replies = [Reply(body=write_response(utterances=None))]
    (segment,) = engine.transcribe(SPEECH, Options(want_words=False)).segments
    assert (segment.text, segment.start, segment.end) == ("Hello Anna. Yes.", 0.08, 2.4)
    assert segment.words == ()


def test_silence_has_no_segments(engine: Deepgram, server: AnsweringServer) -> None:
    silent = {"alternatives": [{"transcript": "", "confidence": 0.0, "words": []}]}
    server.replies = [Reply(body=write_response(channels=[silent], utterances=[]))]
    assert engine.transcribe(SPEECH, Options()).segments == ()


def test_times_never_leave_the_sound(engine: Deepgram) -> None:
    segments = engine.transcribe(SPEECH.slice(0, 2.2), Options()).segments
    assert max(segment.end for segment in segments) == 2.2


def test_hours_are_sent_from_where_they_lie(engine: Deepgram, server: AnsweringServer) -> None:
    long = Audio(np.arange(130 * SAMPLE_RATE, dtype=np.int32).astype(np.int16))
    engine.transcribe(long, Options())
    assert server.requests[0].headers["transfer-encoding"] == "chunked"
    assert server.requests[0].body == encode_wav(long)


@pytest.mark.parametrize(
    ("status", "fix"),
    [
        (401, "check DEEPGRAM_API_KEY"),
        (402, "no credit left"),
        (403, "the key may not do this"),
        (404, "check DEEPGRAM_BASE_URL and DEEPGRAM_MODEL"),
    ],
)
def test_account_that_cannot_is_permanent_and_says_what_to_do(
    engine: Deepgram, server: AnsweringServer, status: int, fix: str
) -> None:
    body = {"err_code": "REFUSED", "err_msg": "Project does not.", "request_id": "1"}
    server.replies = [Reply(status, body)]
    failure = fail(engine)
    assert fix in failure.message
    assert f"({status}: Project does not.)" in failure.message
    assert failure.permanent
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_trouble_of_the_service_may_pass(
    engine: Deepgram, server: AnsweringServer, status: int
) -> None:
    server.replies = [Reply(status, {"err_msg": "Too many requests."})]
    assert not fail(engine).permanent


def test_language_that_does_not_exist_is_refused(engine: Deepgram, server: AnsweringServer) -> None:
    reason = "No such model/language/tier combination found."
    server.replies = [Reply(400, {"err_code": "Bad Request", "err_msg": reason})]
    failure = fail(engine, Options(language="xx"))
    assert isinstance(failure, WishRefused)
    assert 'language "xx"' in failure.message
    assert reason in failure.message


def test_slow_service_is_not_waited_for(
    settings: Settings, engine: Deepgram, server: AnsweringServer
) -> None:
    settings.DEEPGRAM_TIMEOUT_SECONDS = 0.1
    server.replies = [Reply(seconds=1.5)]
    failure = fail(engine)
    assert failure.message == "deepgram: no answer in time"
    assert not failure.permanent


def test_service_that_is_away_may_come_back() -> None:
    failure = fail(Deepgram(KEY, "http://127.0.0.1:9"))
    assert "cannot be reached" in failure.message
    assert not failure.permanent


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body="<html>Sign in to the hotel</html>", kind="text/html"),
        Reply(body={"hello": "world"}),
        Reply(body=[]),
        Reply(body={"results": {"channels": []}}),
        Reply(body=write_response(utterances=[{"start": "soon", "transcript": "x"}])),
        Reply(body={"request_id": "accepted-and-no-more"}),
    ],
    ids=["page", "other", "list", "no channel", "no time", "accepted"],
)
def test_answer_of_somebody_else_is_a_failure(
    engine: Deepgram, server: AnsweringServer, reply: Reply
) -> None:
    server.replies = [reply]
    assert fail(engine).permanent


def test_key_is_in_no_log(
    engine: Deepgram, server: AnsweringServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    engine.transcribe(SPEECH, Options())
    server.replies = [Reply(401, {"err_msg": "Invalid credentials."})]
    fail(engine)
    assert KEY not in caplog.text


def test_missing_key_says_what_to_set() -> None:
    assert Deepgram("", "").check().fix.startswith("Set DEEPGRAM_API_KEY")
    assert Deepgram(KEY, "").check().is_ready
