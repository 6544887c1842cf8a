"""The results of a meeting on the screen."""

from typing import Any

from meetings.demo.screen import Row, Screen
from meetings.demo.wording import count, format_time
from transcription.scoring import WordErrors

METRICS = (
    ("words", "word_count", ""),
    ("sentences", "sentence_count", ""),
    ("questions", "question_count", ""),
    ("pace", "words_per_minute", " words per minute"),
    ("sentence length", "average_words_per_sentence", " words"),
    ("engagement", "engagement_score", " of 10"),
)

TIMES = (("speech", "speech_seconds"), ("silence", "silence_seconds"))


def show_metadata(screen: Screen, metadata: dict[str, Any]) -> None:
    """Everything the analyses found, in the order in which one wants to read it."""
    screen.show_heading("Summary")
    screen.say(metadata.get("summary") or "Nothing to sum up.")
    show_list(screen, "Key points", list_claims(metadata, "key_points"))
    show_list(screen, "Action items", list_claims(metadata, "action_items"))
    show_list(screen, "Decisions", list_decisions(metadata))
    show_list(screen, "Questions", list_questions(metadata))
    show_list(screen, "Agenda", list_agenda(metadata))
    show_theme(screen, metadata)
    screen.show_heading("Metrics")
    screen.show_facts(list_metrics(metadata.get("metrics") or {}))


def show_list(screen: Screen, title: str, rows: list[Row]) -> None:
    screen.show_heading(title)
    if rows:
        screen.show_rows(rows)
    else:
        screen.say("None.", "dim")


def show_theme(screen: Screen, metadata: dict[str, Any]) -> None:
    screen.show_heading("Theme and mood")
    keywords = [str(found.get("text")) for found in metadata.get("keywords") or []]
    mood = metadata.get("mood") or {}
    score = round(mood.get("sentiment_score", 0), 2) or 0.0  # no -0.00
    feeling = f"{mood.get('overall_mood')} ({score:.2f} of -1 to 1)"
    levels = f"stress {mood.get('stress_level')}, engagement {mood.get('engagement_level')}"
    screen.show_facts(
        [
            ("theme", metadata.get("main_theme") or "none"),
            ("domain", metadata.get("domain") or "none"),
            ("keywords", ", ".join(keywords) or "none"),
            ("mood", f"{feeling}, {mood.get('emotional_tone')}; {levels}"),
        ]
    )


def list_claims(metadata: dict[str, Any], name: str) -> list[Row]:
    """Key points or action items, with the time at which each was said."""
    claims = metadata.get("evidence", {}).get(name) or []
    texts = metadata.get(name) or []
    moments = [find_moment(claim) for claim in claims]
    return list(zip([*moments, *[None] * (len(texts) - len(moments))], texts, strict=False))


def list_decisions(metadata: dict[str, Any]) -> list[Row]:
    return [(find_moment(found), found["text"]) for found in metadata.get("decisions") or []]


def list_questions(metadata: dict[str, Any]) -> list[Row]:
    """Each question, and below it its answer where one was heard."""
    rows: list[Row] = []
    for question in metadata.get("questions") or []:
        rows.append((find_moment(question), question["text"]))
        if answer := question.get("answer"):
            rows.append((find_moment(question, "answer_evidence"), f"- {answer}"))
    return rows


def list_agenda(metadata: dict[str, Any]) -> list[Row]:
    agenda = metadata.get("agenda") or {}
    return [(item["time_mentioned"], item["topic"]) for item in agenda.get("agenda_items") or []]


def list_metrics(metrics: dict[str, Any]) -> list[tuple[str, str]]:
    """Those that could be measured."""
    numbers = [
        (title, f"{metrics[name]:g}{unit}")
        for title, name, unit in METRICS
        if isinstance(metrics.get(name), int | float)
    ]
    times = [
        (title, format_time(metrics[name] + 0.5))
        for title, name in TIMES
        if isinstance(metrics.get(name), int | float)
    ]
    return numbers + times


def find_moment(claim: dict[str, Any], name: str = "evidence") -> float | None:
    """The second at which it was first heard."""
    evidence = claim.get(name) or []
    return float(evidence[0]["start"]) if evidence else None


def phrase_comparison(errors: WordErrors) -> str:
    """``Compared with the reference: WER 7.2 % (370 words) ...``."""
    return (
        f"Compared with the reference: WER {errors.rate * 100:.1f} % "
        f"({count(errors.words, 'word')}: {errors.substitutions} wrong, "
        f"{errors.deletions} missing, {errors.insertions} extra)"
    )
