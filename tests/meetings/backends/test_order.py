"""Whoever is away costs seconds and never the meeting."""

import socket
import time

import pytest
from pytest_django import Settings

from meetings.analysis.registry import ANALYSES
from meetings.backends.order import analyse
from tests.meetings.backends.servers import Server
from tests.timing import check_seconds
from transcription.types import Segment, Transcript

NOTHING_FOUND: dict[str, list[str]] = {"action_items": [], "decisions": [], "questions": []}


@pytest.mark.parametrize("stage", ANALYSES)
def test_local_analysis_stands_in_where_nobody_is_configured(
    stage: str, meeting: Transcript
) -> None:
    assert analyse(stage, meeting) == {**ANALYSES[stage](meeting), "engine": "local"}


def test_metrics_are_measured_and_not_asked_for(model: Server, meeting: Transcript) -> None:
    model.say(NOTHING_FOUND)
    assert analyse("metrics", meeting)["engine"] == "local"
    assert model.requests == []


def test_order_is_followed(model: Server, meeting: Transcript, settings: Settings) -> None:
    settings.ANALYSIS_BACKENDS = ("local", "llm")
    model.say(NOTHING_FOUND)
    assert analyse("actions", meeting)["engine"] == "local"
    assert model.requests == []


def test_silence_asks_nobody(model: Server) -> None:
    model.say(NOTHING_FOUND)
    silent = Transcript((Segment(0, 1, " "),), 1.0)
    assert analyse("actions", silent)["engine"] == "local"
    assert model.requests == []


@pytest.mark.parametrize("status", [500, 503, 429])
def test_server_in_trouble_is_left_alone_for_the_other_stages(
    status: int, model: Server, meeting: Transcript
) -> None:
    model.send({"error": "overloaded"}, status=status)
    engines = [analyse(stage, meeting)["engine"] for stage in ("summary", "actions", "agenda")]
    assert engines == ["local"] * 3
    assert len(model.requests) == 1


@pytest.mark.parametrize("wish", ["delay_seconds", "drip_seconds"])
def test_slow_server_costs_its_timeout_once(
    wish: str, model: Server, meeting: Transcript, settings: Settings
) -> None:
    settings.LLM_TIMEOUT_SECONDS = 1
    model.say(NOTHING_FOUND, **{wish: 0.1 if wish == "drip_seconds" else 3.0})
    started = time.monotonic()
    engines = [analyse(stage, meeting)["engine"] for stage in ("agenda", "actions")]
    assert engines == ["local"] * 2
    check_seconds(time.monotonic() - started, 2.9)
    assert len(model.requests) == 1


def test_refused_connection_goes_on_at_once(meeting: Transcript, settings: Settings) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.LLM_BASE_URL = f"http://127.0.0.1:{closed.getsockname()[1]}"
    settings.LLM_MODEL = "tiny"
    started = time.monotonic()
    assert analyse("actions", meeting)["engine"] == "local"
    check_seconds(time.monotonic() - started, 2)


def test_wrong_key_is_refused_without_counting_as_an_outage(
    model: Server, meeting: Transcript
) -> None:
    model.send({"error": "invalid key"}, status=401)
    assert [analyse(s, meeting)["engine"] for s in ("actions", "agenda")] == ["local"] * 2
    assert len(model.requests) == 2


def test_redirect_is_not_followed(model: Server, meeting: Transcript) -> None:
    model.send({}, status=307)
    assert analyse("actions", meeting)["engine"] == "local"
    assert len(model.requests) == 1


def test_key_and_words_of_the_meeting_stay_out_of_the_log(
    model: Server, meeting: Transcript, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.LLM_API_KEY = "sk-very-secret"
    model.say("no json")
    analyse("actions", meeting)
    assert "could not do the actions" in caplog.text
    assert "sk-very-secret" not in caplog.text
    assert "backlog" not in caplog.text


def test_agent_is_asked_after_a_model_that_is_away(
    model: Server, agent_service: Server, meeting: Transcript
) -> None:
    model.send({}, status=500)
    agent_service.send({"success": True, "results": {"summarize": "They planned the release."}})
    assert analyse("summary", meeting)["engine"] == "agent"
