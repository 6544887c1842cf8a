"""Answers from what the analyses found: decisions, action items, the summary and the like. Pure.

Each takes a question and one meeting; None says that this meeting has no answer of the kind, and
the words themselves are searched instead.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from meetings.analysis.text import Evidence
from meetings.assistant.matching import FOUND_COVER, measure_cover
from meetings.assistant.phrasing import (
    cite,
    find_cited,
    find_said,
    name_subject,
    phrase_claim,
    phrase_quote,
)
from meetings.assistant.questions import Question
from meetings.assistant.types import Answer, Document, Passage
from meetings.backends.citations import clean_text

MOST_CLAIMS, MOST_POINTS, MOST_KEYWORDS = 12, 8, 12
IN_TOPIC = 0.8  # cover, where the topic that was being discussed has to help
Finding = tuple[str, Passage | None]  # what was found, and where it was said


def answer_decisions(question: Question, document: Document) -> Answer | None:
    found = document.find("actions")["decisions"]
    kept = keep_relevant(question, document, found, "text")
    return phrase_findings("decisions", "Decided", question, document, kept)


def answer_actions(question: Question, document: Document) -> Answer | None:
    """Of one person where the question names somebody; of a subject where it names one."""
    found = document.find("actions")["action_items"]
    people = name_people(question, document, (item.get("owner") for item in found))
    owned = [item for item in found if not people or is_owned(item, people)]
    without = frozenset(word for person in people for word in person.lower().split())
    kept = keep_relevant(question, document, owned, "task", without)
    findings = [(phrase_task(item), passage) for item, passage in kept]
    lead = f"To be done by {' and '.join(people)}" if people else "To be done"
    subject = tuple(word for word in question.words if word not in without)
    return phrase_listed("actions", lead, subject, document, findings)


def name_people(question: Question, document: Document, owners: Iterable[str | None]) -> list[str]:
    """Whom the question is about, as the meeting spells them; names that it does not know too."""
    known = dict.fromkeys([*document.speakers, *filter(None, owners)])
    asked = {word.lower() for word in question.words}
    people = [name for name in known if set(name.lower().split()) & asked]
    spelled = {part for name in people for part in name.lower().split()}
    strangers = [name for name in question.names if name.lower() in asked]
    return people + [name for name in strangers if not set(name.lower().split()) & spelled]


def is_owned(item: dict[str, Any], people: Sequence[str]) -> bool:
    owner = set(str(item.get("owner") or "").lower().split())
    return any(owner & set(person.lower().split()) for person in people)


def phrase_task(item: dict[str, Any]) -> str:
    owner = f"{item['owner']}: " if item.get("owner") else ""
    due = item.get("due")
    return f"{owner}{item['task']}" + (f" ({due})" if due and due not in item["task"] else "")


def answer_questions(question: Question, document: Document) -> Answer | None:
    """What was asked in the meeting; only what nobody answered where that is wanted."""
    found = document.find("actions")["questions"]
    is_open = "open" in question.text.lower() or "unanswered" in question.text.lower()
    wanted = [item for item in found if not (is_open and item.get("answer"))]
    kept = keep_relevant(question, document, wanted, "text")
    return phrase_findings("questions", "Asked", question, document, kept)


def keep_relevant(
    question: Question,
    document: Document,
    items: Sequence[dict[str, Any]],
    field: str,
    without: frozenset[str] = frozenset(),
) -> list[tuple[dict[str, Any], Passage | None]]:
    """Those about the subject: by their words, those they stand on, or the topic of the hour."""
    weights = question.weigh_terms(document.language, without)
    placed = [(item, find_said(document, item.get("evidence") or ())) for item in items]
    words = [f"{item[field]} {p.text if p else ''}" for item, p in placed]
    covers = [measure_cover(weights, text, document.language) for text in words]
    if not any(cover >= FOUND_COVER for cover in covers):
        topics = [name_topic(document, p) if p else "" for _, p in placed]
        texts = [f"{text} {topic}" for text, topic in zip(words, topics, strict=True)]
        covers = [
            cover if (cover := measure_cover(weights, text, document.language)) >= IN_TOPIC else 0.0
            for text in texts
        ]
    kept = [pair for pair, cover in zip(placed, covers, strict=True) if cover >= FOUND_COVER]
    return kept[:MOST_CLAIMS]


def name_topic(document: Document, passage: Passage) -> str:
    topics = document.find("agenda")["agenda_items"]
    begun = [item for item in topics if item["start"] <= passage.start + 0.001]
    return str(begun[-1]["topic"]) if begun else ""


def phrase_findings(
    intent: str,
    lead: str,
    question: Question,
    document: Document,
    kept: Sequence[tuple[dict[str, Any], Passage | None]],
) -> Answer | None:
    findings = [(str(item["text"]), passage) for item, passage in kept]
    return phrase_listed(intent, lead, question.words, document, findings)


def phrase_listed(
    intent: str, lead: str, subject: Sequence[str], document: Document, found: Sequence[Finding]
) -> Answer | None:
    if not found:
        return None
    lines = [phrase_claim(text, passage) for text, passage in found]
    cited = cite(document, (passage for _, passage in found))
    return Answer("\n".join([f"{lead}{name_subject(subject)}:", *lines]), intent, cited)


def answer_summary(question: Question, document: Document) -> Answer | None:
    """Of the whole meeting; where a subject is named, of the topics that are about it."""
    if question.words:
        return answer_topic(question, document)
    found = document.find("summary")
    points = [(p["text"], find_cited(document, p["evidence"])) for p in found["key_points"]]
    points = points[:MOST_POINTS]
    lines = [phrase_claim(text, passage) for text, passage in points]
    text = "\n".join([clean_text(found["summary"], 3_000), *lines])
    return Answer(text, "summary", cite(document, (passage for _, passage in points)))


def answer_topic(question: Question, document: Document) -> Answer | None:
    weights = question.weigh_terms(document.language)
    about = [
        item
        for item in document.find("agenda")["agenda_items"]
        if measure_cover(weights, item["topic"], document.language) >= FOUND_COVER
    ]
    points = [
        (clean_text(point), locate_point(document, item["evidence"], number))
        for item in about
        for number, point in enumerate(item["key_points"], start=1)
    ]
    return phrase_listed("summary", "Said", question.words, document, points[:MOST_POINTS])


def locate_point(document: Document, evidence: Sequence[Evidence], number: int) -> Passage | None:
    """The evidence of a topic is its opening, then that of its points."""
    return find_cited(document, evidence[number : number + 1])


def answer_agenda(question: Question, document: Document) -> Answer | None:
    if question.words:
        return answer_topic(question, document)
    found = document.find("agenda")
    topics = [(i["topic"], find_cited(document, i["evidence"])) for i in found["agenda_items"]]
    if not topics:
        return None
    lines = [clean_text(found["meeting_purpose"])]
    lines += [phrase_claim(title, passage) for title, passage in topics]
    return Answer("\n".join(lines), "agenda", cite(document, (passage for _, passage in topics)))


def answer_keywords(question: Question, document: Document) -> Answer | None:
    found = document.find("keywords")
    keywords = found["keywords"][:MOST_KEYWORDS]
    if not keywords:
        return None
    listed = ", ".join(clean_text(keyword["text"], 80) for keyword in keywords)
    places = (find_cited(document, keyword.get("evidence") or ()) for keyword in keywords)
    text = f"The keywords are: {listed}.\nThe theme is: {clean_text(found['main_theme'], 200)}"
    return Answer(text, "keywords", cite(document, places))


def answer_mood(question: Question, document: Document) -> Answer | None:
    found = document.find("mood")
    text = (
        f"The mood was {found['overall_mood']} ({found['sentiment_score']:+.2f} from -1 to 1), "
        f"the tone {clean_text(found['emotional_tone'], 60)}, the stress {found['stress_level']} "
        f"and the engagement {found['engagement_level']}."
    )
    places = [
        passage
        for name in ("most_positive", "most_negative")
        for item in found.get(name) or ()
        if (passage := find_cited(document, item["evidence"]))
    ]
    lines = [phrase_quote(passage) for passage in dict.fromkeys(places)]
    return Answer("\n".join([text, *lines]), "mood", cite(document, places))


def answer_speakers(question: Question, document: Document) -> Answer | None:
    """Who spoke for how long, with the first words of each."""
    spoken: Counter[str] = Counter()
    for passage in document.passages:
        if passage.speaker:
            spoken[passage.speaker] += round((passage.end - passage.start) * 1000)
    if not spoken:
        text = "The transcript does not say who speaks" + (" yet." if document.is_live else ".")
        return Answer(text, "speakers", is_found=False)
    total = max(1, spoken.total())
    lines = [
        f"- {clean_text(name, 80)}: {ms / 1000:.0f} s ({ms / total:.0%})"
        for name, ms in spoken.most_common()
    ]
    firsts = [next(p for p in document.passages if p.speaker == name) for name in spoken]
    most = clean_text(spoken.most_common(1)[0][0], 80)
    text = "\n".join([f"{most} spoke most:", *lines])
    return Answer(text, "speakers", cite(document, firsts))


FINDERS: dict[str, Callable[[Question, Document], Answer | None]] = {
    "decisions": answer_decisions,
    "actions": answer_actions,
    "questions": answer_questions,
    "summary": answer_summary,
    "agenda": answer_agenda,
    "keywords": answer_keywords,
    "mood": answer_mood,
    "speakers": answer_speakers,
}
