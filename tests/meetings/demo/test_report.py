"""The results as a person reads them."""

import io
from typing import Any

import pytest

from meetings.demo.report import phrase_comparison, show_metadata
from meetings.demo.screen import Screen
from transcription.scoring import wer

WHEN = [{"segment": 0, "start": 61.9, "end": 64.0}]
METADATA: dict[str, Any] = {
    "summary": "The supplier was late. " * 8,
    "key_points": ["The supplier was late again."],
    "action_items": ["Susan: call the supplier (by Monday)", "No time is known for this one"],
    "evidence": {
        "key_points": [{"text": "The supplier was late again.", "evidence": WHEN}],
        "action_items": [{"task": "call the supplier", "evidence": WHEN}],
    },
    "decisions": [{"text": "Look for a second supplier.", "evidence": WHEN}],
    "questions": [
        {
            "text": "What happened?",
            "answer": "It was late.",
            "evidence": WHEN,
            "answer_evidence": [{"segment": 1, "start": 3661.0, "end": 3662.0}],
        }
    ],
    "keywords": [{"text": "supplier"}, {"text": "[red]money[/red]"}],
    "main_theme": "Supplier",
    "domain": "business",
    "mood": {
        "overall_mood": "mixed",
        "sentiment_score": -0.001,
        "emotional_tone": "frustrated",
        "stress_level": "medium",
        "engagement_level": "high",
    },
    "agenda": {"agenda_items": [{"topic": "Supplier", "time_mentioned": 61.9, "key_points": []}]},
    "metrics": {"word_count": 12, "speech_seconds": 120.06, "turns": {"measurable": False}},
}


@pytest.fixture(autouse=True)
def _eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def print_report(metadata: dict[str, Any]) -> list[str]:
    output = io.StringIO()
    show_metadata(Screen(output), metadata)
    return output.getvalue().splitlines()


def test_claims_stand_beside_their_times() -> None:
    lines = print_report(METADATA)
    assert "   1:01  Susan: call the supplier (by Monday)" in lines
    assert "         No time is known for this one" in lines
    assert "   1:01  Look for a second supplier." in lines
    assert "1:01:01  - It was late." in lines


def test_mood_and_metrics_are_in_words() -> None:
    lines = print_report(METADATA)
    assert "mood      mixed (0.00 of -1 to 1), frustrated; stress medium, engagement high" in lines
    assert lines[-2:] == ["words   12", "speech  2:00"]


def test_markup_is_printed_as_it_is() -> None:
    assert "keywords  supplier, [red]money[/red]" in print_report(METADATA)


def test_no_line_is_too_long_or_ends_in_blanks() -> None:
    lines = print_report(METADATA)
    assert max(map(len, lines)) == 80
    assert [line for line in lines if line != line.rstrip()] == []


def test_meeting_without_results_says_so() -> None:
    lines = print_report({})
    assert "Nothing to sum up." in lines
    assert lines.count("None.") == 5


def test_comparison_names_rate_and_words() -> None:
    assert phrase_comparison(wer("one two three four", "one too three")) == (
        "Compared with the reference: WER 50.0 % (4 words: 1 wrong, 1 missing, 0 extra)"
    )


def test_output_without_unicode_still_gets_a_report() -> None:
    output = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    show_metadata(Screen(output), {**METADATA, "summary": "Grüße"})
    output.seek(0)
    assert "Gr??e" in output.read()
