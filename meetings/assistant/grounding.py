"""One look at everything an answer may stand on, for every backend the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chat.models import Conversation, Message
from intellibooks.identity import Identity
from meetings.assistant.answering import answer, search
from meetings.assistant.library import read_here, read_others
from meetings.assistant.questions import Question
from meetings.assistant.types import Answer, Cited, Document

MOST_TURNS, LONGEST_TURN = 6, 500  # of the conversation before, for questions that refer to it
AROUND = 1  # passages beside one that was found
FOUND_PER_MEETING = 12


@dataclass(frozen=True, slots=True)
class Grounding:
    """``embedded`` is our own answer; ``cited`` what a model may cite, in the order of time.

    ``history`` is what was said in the room just before, oldest first, as role and words.
    """

    question: Question
    embedded: Answer
    cited: tuple[Cited, ...]
    history: tuple[tuple[str, str], ...] = ()

    @property
    def language(self) -> str:
        return self.cited[0].document.language if self.cited else "en"


def ground(
    identity: Identity,
    session_id: str,
    question: Question,
    message_id: UUID,
    most_characters: int,
) -> Grounding:
    """This meeting first; the others where it has no answer or the question is about them too.

    ``cited`` has at most ``most_characters`` of text.
    """
    documents = [] if question.intent == "help" else read_documents(identity, session_id, question)
    told = answer(question, documents)
    cited = collect(question, documents, told, most_characters)
    return Grounding(question, told, cited, read_history(session_id, message_id))


def read_documents(identity: Identity, session_id: str, question: Question) -> list[Document]:
    here = read_here(identity, session_id)
    kept = [here] if here is not None and not question.is_elsewhere else []
    if kept and not question.is_wide and answer(question, kept).is_found:
        return kept
    return kept + read_others(identity, session_id, question)


def collect(
    question: Question, documents: Sequence[Document], told: Answer, most_characters: int
) -> tuple[Cited, ...]:
    """What our own answer stands on, what the words find, then the rest as far as it fits."""
    places = {(documents.index(it.document), find_place(it)) for it in told.cited}
    chosen = widen(documents, places)
    chosen |= widen(documents, find_places(question, documents))
    room = most_characters - sum(measure(documents, at) for at in chosen)
    everything = [
        (n, p) for n, d in enumerate(documents) if d.is_here for p in range(len(d.passages))
    ]
    for at in everything:
        if room < 0:
            break
        if at not in chosen:
            chosen.add(at)
            room -= measure(documents, at)
    fitting = fit(documents, sorted(chosen), places, most_characters)
    return tuple(Cited(documents[n], documents[n].passages[p]) for n, p in fitting)


def find_place(it: Cited) -> int:
    """By its key: a claim may stand on several passages told as one."""
    return next(n for n, p in enumerate(it.document.passages) if p.key == it.passage.key)


def find_places(question: Question, documents: Sequence[Document]) -> set[tuple[int, int]]:
    return {
        (number, match.place)
        for number, document in enumerate(documents)
        for match in search(question, document)[:FOUND_PER_MEETING]
    }


def widen(documents: Sequence[Document], places: set[tuple[int, int]]) -> set[tuple[int, int]]:
    return {
        (number, near)
        for number, place in places
        for near in range(place - AROUND, place + AROUND + 1)
        if 0 <= near < len(documents[number].passages)
    }


def measure(documents: Sequence[Document], at: tuple[int, int]) -> int:
    return len(documents[at[0]].passages[at[1]].text) + 40  # its number, speaker and time


def fit(
    documents: Sequence[Document],
    chosen: Sequence[tuple[int, int]],
    needed: set[tuple[int, int]],
    most_characters: int,
) -> list[tuple[int, int]]:
    """What is needed goes in first."""
    kept: set[tuple[int, int]] = set()
    room = most_characters
    for at in sorted(chosen, key=lambda at: (at not in needed, at)):
        room -= measure(documents, at)
        if room < 0:
            break
        kept.add(at)
    return sorted(kept)


def read_history(session_id: str, message_id: UUID) -> tuple[tuple[str, str], ...]:
    room = Conversation.objects.filter(pk=session_id).first()
    if room is None:
        return ()
    said = room.messages.filter(deleted_at=None).exclude(pk=message_id)
    said = said.exclude(role=Message.Role.SYSTEM).order_by("-seq", "-created_at")[:MOST_TURNS]
    return tuple((str(m.role), m.content[:LONGEST_TURN]) for m in reversed(said))
