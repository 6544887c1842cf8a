"""The embedded assistant: an answer from transcripts alone, in their own words. Pure.

It needs neither a model nor a service: it quotes. What stands in a transcript is never obeyed,
because nothing here reads it as anything but words to find.
"""

from collections.abc import Sequence

from meetings.assistant.findings import FINDERS, name_people
from meetings.assistant.matching import (
    CLOSE_COVER,
    Match,
    choose_best,
    measure_cover,
    rank_passages,
)
from meetings.assistant.phrasing import (
    cite,
    find_cited,
    find_said,
    name_subject,
    phrase_origin,
    phrase_quote,
)
from meetings.assistant.questions import SEARCH, Question
from meetings.assistant.types import Answer, Document, Passage
from meetings.backends.citations import clean_text

MOST_QUOTED, MOST_MOMENTS = 3, 8
# How much of each question must stand in the other for them to ask the same.
SAME_QUESTION, SAME_BACK = 0.6, 0.45
HELP = (
    "I answer from what was said in this meeting and in your others, with the words and the "
    "second. Ask me for the summary, decisions, action items, topics, keywords, the mood or who "
    "spoke most, or ask anything that was talked about: "
    "\u201cWhat did we decide about the budget?\u201d"
)
KINDS = {"decisions": "decision", "actions": "action item", "questions": "such question"}


def answer(question: Question, documents: Sequence[Document]) -> Answer:
    """The meeting of the room has precedence; a wide question is answered from all of them."""
    if question.intent == "help":
        return Answer(HELP, "help")
    told = [answer_from(question, document) for document in documents]
    found = [it for it in told if it.is_found]
    if not found:
        close = next((it for it in told if it.text), None)
        return close or say_nothing_found(question, documents)
    is_here = documents[told.index(found[0])].is_here
    if is_here and not question.is_wide:
        return found[0]
    exact = [it for it in found if it.is_exact] or found
    is_alone = is_here and exact == found[:1]
    return exact[0] if is_alone else join(question, exact)


def answer_from(question: Question, document: Document) -> Answer:
    """From one meeting; quotes where its analyses have nothing of the kind."""
    finder = FINDERS.get(question.intent)
    found = finder(question, document) if finder else None
    if found is not None:
        return found
    if question.intent == "moment":
        return answer_moment(question, document)
    if question.intent == SEARCH and (told := answer_asked(question, document)):
        return told
    return answer_quotes(question, document)


def answer_asked(question: Question, document: Document) -> Answer | None:
    """Somebody asked just that in the meeting and got an answer."""
    weights = question.weigh_terms(document.language)
    if not weights or question.names:
        return None
    best, best_cover = None, 0.0
    for item in document.find("actions")["questions"]:
        cover = measure_cover(weights, item["text"], document.language)
        if item.get("answer") and cover > best_cover and covers_back(question, item["text"]):
            best, best_cover = item, cover
    if best is None or best_cover < SAME_QUESTION or is_told_better(weights, best_cover, document):
        return None
    asked = find_said(document, best["evidence"])
    answered = find_said(document, best["answer_evidence"])
    if asked is None or answered is None:
        return None
    lines = ["That was asked and answered:", phrase_quote(answered), phrase_quote(asked)]
    return Answer("\n".join(lines), SEARCH, cite(document, [answered, asked]))


def is_told_better(weights: dict[str, float], cover: float, document: Document) -> bool:
    """Whether somebody says as much about it without asking."""
    asked = list_asked(document)
    told = (p.text for p in document.passages if p not in asked)
    return any(measure_cover(weights, text, document.language) >= cover for text in told)


def list_asked(document: Document) -> set[Passage]:
    """Where somebody asks something, also in a transcript without question marks."""
    found = document.find("actions")["questions"]
    cited = (find_cited(document, item["evidence"]) for item in found)
    marked = (p for p in document.passages if p.text.rstrip().endswith("?"))
    return {passage for passage in (*cited, *marked) if passage is not None}


def covers_back(question: Question, asked: str) -> bool:
    from_question = Question(asked, SEARCH, tuple(asked.lower().strip("?!. ").split()))
    weights = {
        term: weight
        for term, weight in from_question.weigh_terms("en").items()
        if weight == 1.0  # subjects alone
    }
    return measure_cover(weights, question.text, "en") >= SAME_BACK


def answer_quotes(question: Question, document: Document) -> Answer:
    """The passages that have most of the question, and the reply to one that asks."""
    matches = search(question, document)
    best = choose_best(matches, MOST_QUOTED)
    close = best or choose_best(matches, 1, CLOSE_COVER)
    places = sorted({place for m in close for place in follow(document, m)})
    passages = [document.passages[place] for place in places]
    if not passages:
        return Answer("", question.intent, is_found=False)
    lead = phrase_lead(question, document, is_found=bool(best))
    text = "\n".join([lead, *(phrase_quote(passage) for passage in passages)])
    is_exact = question.intent not in KINDS
    cited = cite(document, passages)
    return Answer(text, question.intent, cited, is_found=bool(best), is_exact=is_exact)


def search(question: Question, document: Document) -> list[Match]:
    """Only what a person said where the question names one who speaks in the meeting."""
    speaking = name_speaking(question, document)
    without = split_names(speaking)
    weights = question.weigh_terms(document.language, without)
    matches = rank_passages(document, weights or question.weigh_terms(document.language))
    theirs = [match for match in matches if match.passage.speaker in speaking]
    return theirs or matches


def name_speaking(question: Question, document: Document) -> list[str]:
    people = name_people(question, document, ())
    return [name for name in people if name in document.speakers]


def split_names(names: Sequence[str]) -> frozenset[str]:
    return frozenset(part for name in names for part in name.lower().split())


def follow(document: Document, match: Match) -> list[int]:
    """The passage and, where it asks something, the one after it."""
    is_asking = match.passage in list_asked(document)
    has_next = match.place + 1 < len(document.passages)
    return [match.place, match.place + 1] if is_asking and has_next else [match.place]


def phrase_lead(question: Question, document: Document, *, is_found: bool) -> str:
    speaking = name_speaking(question, document)
    known = split_names(speaking)
    subject = name_subject([word for word in question.words if word not in known])
    if not is_found:
        return f"I found nothing that answers this{subject}. The closest is:"
    if question.intent in KINDS:
        return f"I found no {KINDS[question.intent]}{subject}, but this was said:"
    by = f" by {clean_text(' and '.join(speaking), 200)}" if speaking else ""
    return f"This was said{by}{subject}:"


def answer_moment(question: Question, document: Document) -> Answer:
    """Every place, in the order of time."""
    best = choose_best(search(question, document), MOST_MOMENTS)
    passages: list[Passage] = sorted((m.passage for m in best), key=lambda p: p.start)
    if not passages:
        return Answer("", "moment", is_found=False)
    places = ", ".join(phrase_origin(passage) for passage in passages)
    lines = [f"That was {places}:", *(phrase_quote(passage) for passage in passages)]
    return Answer("\n".join(lines), "moment", cite(document, passages))


def join(question: Question, found: Sequence[Answer]) -> Answer:
    """What other meetings say, each under its title."""
    parts = []
    for told in found:
        document = told.cited[0].document if told.cited else None
        title = clean_text(document.title, 120) if document else ""
        parts.append(f"In \u201c{title or 'Untitled meeting'}\u201d: {told.text}")
    cited = tuple(it for told in found for it in told.cited)
    return Answer("\n\n".join(parts), question.intent, cited)


def say_nothing_found(question: Question, documents: Sequence[Document]) -> Answer:
    here = next((document for document in documents if document.is_here), None)
    if here is not None and not here.passages:
        text = "Nothing has been transcribed in this meeting yet."
    elif not documents:
        where = "in the meetings that everybody here may see."
        text = f"I found nothing{name_subject(question.words)} {where}"
    else:
        kind = KINDS.get(question.intent)
        found = f"no {kind}" if kind else "nothing"
        text = f"I found {found}{name_subject(question.words)} in what was said."
    return Answer(text, question.intent, is_found=False)
