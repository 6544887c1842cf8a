"""What people wrote and reprocessing."""

import pytest

from meetings import pipeline, services
from meetings.editing.service import edit_segment
from meetings.models import Meeting
from meetings.reprocessing.service import reprocess_meeting
from tests.meetings.reprocessing.conftest import SAID

pytestmark = pytest.mark.django_db(transaction=True)

WRITTEN = "we agreed to order the red cables on monday"


@pytest.fixture
def edited(processed: Meeting) -> Meeting:
    row = processed.segments.order_by("position")[0]
    edit_segment(processed, row.key, rev=row.rev, text=WRITTEN, author="ana")
    return processed


def test_what_people_wrote_wins_over_what_is_heard_again(edited: Meeting) -> None:
    reprocess_meeting(edited, stages=["diarize"])
    assert pipeline.process_meeting(edited.pk)
    texts = list(edited.segments.values_list("text", "is_edited"))
    assert texts == [(WRITTEN, True), (SAID[1], False), (SAID[2], False)]


def test_without_keeping_edits_what_was_heard_comes_back(edited: Meeting) -> None:
    reprocess_meeting(edited, stages=["mood"], keep_edits=False, author="ben")
    assert pipeline.process_meeting(edited.pk)
    assert services.get_meeting(edited.pk).transcript == " ".join(SAID)
    assert not edited.segments.filter(is_edited=True).exists()
    assert not edited.edits.filter(undone_at=None).exists()
