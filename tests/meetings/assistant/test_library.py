from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import Settings

from chat.models import Conversation
from intellibooks.identity import Identity
from meetings import services
from meetings.assistant.grounding import Grounding, ground
from meetings.assistant.questions import read_question
from meetings.assistant.types import Passage
from meetings.models import StageResult
from tests.meetings.assistant.staging import hear, make_meeting, make_room, own, read_passages

pytestmark = pytest.mark.django_db(transaction=True)

ALICE = Identity(user_id="alice", is_verified=True)
BUDGET = (Passage("a", 7.0, 9.0, "Ann", "We decided that the budget is ten thousand dollars."),)
QUESTION = "What did we decide about the budget?"


@pytest.fixture(autouse=True)
def _closed(settings: Settings) -> None:
    settings.AUTH_MODE = "required"


def ask(session_id: str, text: str = QUESTION, *, is_wide: bool = False) -> Grounding:
    return ground(ALICE, session_id, read_question(text, is_wide=is_wide), uuid4(), 10_000)


def cite(grounding: Grounding) -> list[tuple[str, float]]:
    told = grounding.embedded.cited
    return [(it.document.session_id, it.passage.start) for it in told]


def test_a_stored_meeting_answers_from_its_segments() -> None:
    meeting = make_meeting(read_passages(), owner="alice")
    told = ask(meeting.pk, "What did we decide about the website?")
    assert cite(told) == [(meeting.pk, 48.553)]


def test_words_heard_seconds_ago_are_found() -> None:
    meeting = services.start_meeting(title="Live")
    own(meeting.pk, "alice")
    hear(meeting, "hello and welcome to everybody")
    hear(meeting, "we have decided to paint the office green", index=1)
    told = ask(meeting.pk, "What did we decide about the office?")
    assert cite(told) == [(meeting.pk, 11.0)]
    assert told.embedded.cited[0].document.is_live


def test_ones_own_other_meetings_are_searched() -> None:
    budget = make_meeting(BUDGET, title="Budget round", owner="alice")
    make_meeting(read_passages(), owner="alice")
    make_room("notes", "alice")
    told = ask("notes")
    assert cite(told) == [(budget.pk, 7.0)]
    assert "Budget round" in told.embedded.text


def test_the_meeting_of_the_room_has_precedence() -> None:
    make_meeting(BUDGET, title="Budget round", owner="alice")
    here = make_meeting(BUDGET, owner="alice")
    assert cite(ask(here.pk)) == [(here.pk, 7.0)]


def test_research_looks_in_the_others_as_well() -> None:
    other = make_meeting(BUDGET, title="Budget round", owner="alice")
    here = make_meeting(BUDGET, owner="alice")
    assert cite(ask(here.pk, is_wide=True)) == [(here.pk, 7.0), (other.pk, 7.0)]


def test_what_the_pipeline_found_is_told() -> None:
    meeting = make_meeting(read_passages(), owner="alice")
    decision = {
        "text": "Buy a boat.",
        "evidence": [{"segment": 3, "start": 19.147, "end": 25.194}],
    }
    actions = {"action_items": [], "decisions": [decision], "questions": []}
    type(meeting).objects.filter(pk=meeting.pk).update(completed_at=timezone.now())
    StageResult.objects.create(
        meeting=meeting, name="actions", status="completed", engine="llm", result=actions
    )
    told = ask(meeting.pk, "Which decisions were made?")
    assert "Buy a boat" in told.embedded.text
    assert cite(told) == [(meeting.pk, 19.147)]


def test_the_last_meeting_is_the_newest_of_the_others() -> None:
    make_meeting(BUDGET, owner="alice")
    newest = make_meeting(read_passages(), owner="alice")
    make_room("notes", "alice")
    told = ask("notes", "Summarise the last meeting")
    assert {it.document.session_id for it in told.embedded.cited} == {newest.pk}


def test_a_meeting_without_a_title_is_called_by_its_day() -> None:
    meeting = make_meeting(BUDGET, owner="alice", title="")
    day = meeting.created_at.date().isoformat()
    make_room("notes", "alice")
    assert ask("notes").embedded.cited[0].document.title.startswith(f"Meeting of {day}")


def test_a_strangers_meeting_is_never_quoted() -> None:
    make_meeting(BUDGET, owner="bob")
    make_room("notes", "alice")
    told = ask("notes")
    assert (told.embedded.is_found, told.cited) == (False, ())


def test_a_private_meeting_is_not_told_to_those_who_may_not_see_it() -> None:
    shared = make_meeting(BUDGET, owner="alice")
    make_room("notes", "alice", "bob")
    assert not ask("notes").embedded.is_found
    own(shared.pk, "bob")
    assert cite(ask("notes")) == [(shared.pk, 7.0)]


def test_in_a_published_room_nothing_private_is_told() -> None:
    make_meeting(BUDGET, owner="alice")
    make_room("notes", "alice")
    Conversation.objects.filter(pk="notes").update(share_token="public")
    assert not ask("notes").embedded.is_found


def test_a_room_of_somebody_else_gives_nothing() -> None:
    meeting = make_meeting(BUDGET, owner="bob")
    assert ask(meeting.pk).cited == ()


def test_a_cancelled_meeting_is_not_quoted() -> None:
    meeting = make_meeting(BUDGET, owner="alice")
    type(meeting).objects.filter(pk=meeting.pk).update(status="cancelled")
    make_room("notes", "alice")
    assert not ask("notes").embedded.is_found


def test_a_long_meeting_is_cut_to_what_matters() -> None:
    filler = [
        Passage(f"f{n}", 10.0 * n, 10.0 * n + 5, "Ann", f"Some words about thing {n}.")
        for n in range(600)
    ]
    filler[400] = Passage("b", 4000.0, 4005.0, "Ann", "We decided that the budget is ten thousand.")
    meeting = make_meeting(tuple(filler), owner="alice")
    grounding = ask(meeting.pk)
    assert 4000.0 in [it.passage.start for it in grounding.cited]
    assert sum(len(it.passage.text) + 40 for it in grounding.cited) <= 10_000
