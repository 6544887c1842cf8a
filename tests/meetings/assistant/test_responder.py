import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from pytest_django import Settings

from meetings.assistant import library
from meetings.models import Meeting
from tests.chat.sockets import Socket
from tests.meetings.assistant.servers import Backend
from tests.meetings.assistant.staging import make_meeting, read_passages
from tests.timing import check_seconds

pytestmark = pytest.mark.django_db(transaction=True)
QUESTION = "What did we decide about the website?"


@pytest.fixture
def meeting(db: None) -> Meeting:
    return make_meeting(read_passages(), title="Weekly team meeting")


@pytest.fixture
async def alice(meeting: Meeting) -> AsyncIterator[Socket]:
    socket = Socket(f"/ws/chat/{meeting.pk}?user_id=alice")
    await socket.open()
    yield socket
    await socket.disconnect()
    await sync_to_async(connections.close_all)()


async def ask(socket: Socket, content: str = QUESTION, kind: str = "smart") -> list[dict[str, Any]]:
    """Everything that comes until the answer, or the error that stands for it."""
    await socket.say(type=kind, content=content)
    frames = [await socket.read()]
    while frames[-1]["type"] not in {"message", "error"}:
        frames.append(await socket.read())
    return frames


async def test_a_question_gets_a_status_and_then_a_message(alice: Socket, meeting: Meeting) -> None:
    status, message = await ask(alice)
    assert (status["type"], status["intent"]) == ("status", "decisions")
    assert status["status"]
    assert status["description"]
    assert (message["role"], message["session_id"]) == ("assistant", meeting.pk)
    metadata = message["metadata"]
    assert metadata["sources"] == [
        {
            "session_id": meeting.pk,
            "title": "Weekly team meeting",
            "start_ms": 48553,
            "speaker": "Robert",
            "quote": "Good. Then we have decided to open the new website on the first of March.",
            "segment": "t9",
        }
    ]
    assert (metadata["intent"], metadata["rag_used"], metadata["engine"]) == (
        "decisions",
        True,
        "local",
    )


async def test_a_message_is_for_people_unless_it_calls(alice: Socket) -> None:
    await alice.say(content=QUESTION)
    assert await alice.receive_nothing(timeout=0.3)
    *_, told = await ask(alice, f"@assistant {QUESTION}", "message")
    assert told["metadata"]["sources"][0]["start_ms"] == 48553


async def test_a_person_alone_is_answered_where_that_is_wished(
    alice: Socket, settings: Settings
) -> None:
    settings.ASSISTANT_ANSWERS = "alone"
    *_, told = await ask(alice, kind="message")
    assert told["type"] == "message"


async def test_an_assistant_that_is_off_says_so_to_who_asks(
    alice: Socket, settings: Settings
) -> None:
    settings.ASSISTANT_ANSWERS = "never"
    assert [it.get("code") for it in await ask(alice)] == ["ASSISTANT_OFF"]


async def test_a_model_streams_what_stands_and_its_invention_is_dropped(
    alice: Socket, model: Backend
) -> None:
    model.pieces = [
        "The new website opens on the ",
        "first of March [10]. ",
        "It costs a ",
        "lot [99].",
    ]
    frames = await ask(alice)
    assert [it["type"] for it in frames] == ["status", "message_delta", "message"]
    delta, message = frames[1:]
    assert delta["delta"] == "The new website opens on the first of March [1]"
    assert (delta["message_id"], delta["delta"]) == (message["message_id"], message["content"])
    metadata = message["metadata"]
    assert (metadata["engine"], metadata["dropped"]) == ("llm:tiny", 1)
    assert [it["start_ms"] for it in metadata["sources"]] == [48553]


async def test_the_model_gets_the_transcript_as_data_between_marks(
    alice: Socket, model: Backend
) -> None:
    model.pieces = ["The new website opens on the first of March [10]."]
    await ask(alice)
    request = model.requests[0]
    assert request["stream"] is True
    rules, told = (it["content"] for it in request["messages"])
    assert "never followed" in rules
    assert "[10] Weekly team meeting, 0:48, Robert: Good. Then we have decided" in told
    mark = next(line for line in told.splitlines() if line.startswith("====="))
    assert told.count(mark) == 4


async def test_a_model_that_does_not_stream_is_heard_too(alice: Socket, model: Backend) -> None:
    text = "The new website opens on the first of March [10]."
    model.body = {"choices": [{"message": {"content": text}}]}
    *_, told = await ask(alice)
    assert told["metadata"]["engine"] == "llm:tiny"


@pytest.mark.parametrize(
    "broken",
    [
        {"status": 503, "body": {}},
        {"status": 401, "body": {}},
        {"body": {"no": "choices"}},
        {"pieces": ["All of it is invented [99]."]},
        {"pieces": ["NOT FOUND"]},
    ],
)
async def test_without_a_useful_model_our_own_answer_comes(
    alice: Socket, model: Backend, broken: dict[str, Any]
) -> None:
    for name, value in broken.items():
        setattr(model, name, value)
    *_, told = await ask(alice)
    assert told["metadata"]["engine"] == "local"
    assert told["metadata"]["sources"][0]["start_ms"] == 48553


async def test_what_a_model_streamed_before_it_failed_is_taken_back(
    alice: Socket, model: Backend, settings: Settings
) -> None:
    settings.LLM_TIMEOUT_SECONDS = 0.4
    model.pieces, model.is_held = ["The website opens in March [10].\nAnd"], True
    frames = await ask(alice)
    assert [it["type"] for it in frames[1:]] == ["message_delta", "message_delta", "message"]
    assert frames[2]["reset"] is True
    assert frames[3]["metadata"]["engine"] == "local"


async def test_an_agent_service_is_asked_first(
    alice: Socket, agent_service: Backend, model: Backend, meeting: Meeting
) -> None:
    agent_service.body = {"success": True, "answer": "On the first of March.", "sources": [10, 99]}
    *_, told = await ask(alice)
    assert (told["content"], told["metadata"]["engine"]) == ("On the first of March.", "agent")
    assert [it["start_ms"] for it in told["metadata"]["sources"]] == [48553]
    assert agent_service.paths == ["/api/agents/answer"]
    request = agent_service.requests[0]
    assert (request["query"], request["kind"], request["session_id"]) == (
        QUESTION,
        "smart",
        meeting.pk,
    )
    assert request["passages"][9]["speaker"] == "Robert"
    assert model.requests == []


async def test_an_agent_service_that_fails_is_followed_by_the_model(
    alice: Socket, agent_service: Backend, model: Backend
) -> None:
    agent_service.status, agent_service.body = 500, {}
    model.pieces = ["The new website opens on the first of March [10]."]
    *_, told = await ask(alice)
    assert told["metadata"]["engine"] == "llm:tiny"


async def test_an_answer_that_takes_too_long_becomes_an_error(
    alice: Socket, model: Backend, settings: Settings
) -> None:
    settings.ASSISTANT_TIMEOUT_SECONDS = 0.4
    model.is_held = True
    *_, told = await ask(alice)
    assert told["code"] == "ASSISTANT_TIMEOUT"
    assert await alice.receive_nothing(timeout=0.2)


async def test_a_slow_model_holds_nobody_up(alice: Socket, model: Backend) -> None:
    model.pieces, model.is_held = ["The new website opens on the first of March [10]."], True
    await alice.say(type="smart", content=QUESTION)
    await alice.read_type("status")
    asked = time.monotonic()
    await alice.say(type="ping")
    await alice.read_type("pong")
    check_seconds(time.monotonic() - asked, 1)
    model.released.set()
    assert (await alice.read_type("message"))["metadata"]["engine"] == "llm:tiny"


async def test_too_many_questions_at_once_are_refused(alice: Socket, model: Backend) -> None:
    model.is_held = True
    for _ in range(4):
        await alice.say(type="smart", content=QUESTION)
    assert (await alice.read_type("error"))["code"] == "ASSISTANT_BUSY"
    model.released.set()
    for _ in range(3):
        await alice.read_type("message")


async def test_who_has_left_leaves_the_answer_to_the_room(
    alice: Socket, meeting: Meeting, model: Backend
) -> None:
    bob = Socket(f"/ws/chat/{meeting.pk}?user_id=bob")
    await bob.open()
    model.pieces, model.is_held = ["The new website opens on the first of March [10]."], True
    await alice.say(type="smart", content=QUESTION)
    await alice.read_type("status")
    await alice.disconnect()
    model.released.set()
    told = await bob.read_type("message")
    while told["role"] != "assistant":
        told = await bob.read_type("message")
    assert told["metadata"]["engine"] == "llm:tiny"
    await bob.disconnect()


async def test_an_answer_that_cannot_be_found_is_an_error(
    alice: Socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "read_segments", None)
    assert (await ask(alice))[-1]["code"] == "REPLY_FAILED"
    await asyncio.sleep(0)
