import pytest

from meetings.analysis.agenda import find_agenda
from meetings.analysis.announcement import find_announcement
from meetings.analysis.segmentation import find_borders
from meetings.analysis.text import split_units
from tests.meetings.analysis.meetings import TEAM_MEETING, load_sample, write_meeting
from transcription.types import Segment, Transcript

BUDGET = "the budget grew because invoices and costs of the budget rose"
HIRING = "every candidate for the engineer role had an interview with an engineer"


@pytest.mark.parametrize(
    ("spoken", "items"),
    [
        ("Today is the budget, then hiring, and finally the office.", "budget|hiring|office"),
        ("We have two topics: the roof and the garden.", "roof|garden"),
        ("today we talk about the budget the hiring plan and the roof", "budget|hiring plan|roof"),
        ("We need to discuss sales, marketing and the trade fair.", "sales|marketing|trade fair"),
    ],
)
def test_announced_list_is_read(spoken: str, items: str) -> None:
    announcement = find_announcement(split_units(write_meeting(f"Ann: {spoken}")))
    assert announcement is not None
    assert "|".join(announcement.items) == items


@pytest.mark.parametrize("is_bare", [False, True])
def test_cues_open_topics_with_the_announced_titles(is_bare: bool) -> None:
    agenda = find_agenda(write_meeting(TEAM_MEETING, is_bare=is_bare))
    assert [item["topic"] for item in agenda["agenda_items"]] == [
        "Mobile app release",
        "Customer support backlog",
        "Renewing the security certificate",
    ]
    assert agenda["total_topics"] == 3


def test_cue_without_agenda_names_its_topic() -> None:
    lines = "Ann: Moving on to the summer party. The garden is booked.\nBob: Nice garden party."
    lines += "\nAnn: The next topic is the parking lot.\nBob: The parking lot is full every day."
    agenda = find_agenda(write_meeting(lines))
    assert [item["topic"] for item in agenda["agenda_items"]] == ["Summer party", "Parking lot"]


def test_subjects_are_divided_by_their_words_alone() -> None:
    texts = [BUDGET] * 12 + [HIRING] * 12
    segments = tuple(Segment(6.0 * n, 6.0 * n + 5, text) for n, text in enumerate(texts))
    assert find_borders(split_units(Transcript(segments, 150.0))) == [12]


def test_one_subject_is_not_divided() -> None:
    segments = tuple(Segment(6.0 * n, 6.0 * n + 5, BUDGET) for n in range(24))
    assert find_borders(split_units(Transcript(segments, 150.0))) == []


@pytest.mark.parametrize("is_bare", [False, True])
def test_sample_topics_start_where_the_reference_says(is_bare: bool) -> None:
    transcript, reference = load_sample(is_bare=is_bare)
    items = find_agenda(transcript)["agenda_items"]
    assert len(items) == len(reference["topics"])
    for item, topic in zip(items, reference["topics"], strict=True):
        assert abs(item["time_mentioned"] - topic["start"]) < 5
        assert item["topic"].lower() in topic["title"].lower()
