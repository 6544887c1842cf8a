"""A completed meeting on the desk, and the people who sit at it."""

from collections.abc import Callable

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from meetings import services
from meetings.desk.reviewers import NAME, set_up_reviewers
from meetings.models import Meeting, Segment, StageResult

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"
LIST = "/admin/meetings/meeting/"
LINES = (("Speaker 1", "we open the new shop"), ("Speaker 2", "on monday then"))


def log_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def desk() -> Client:
    """A superuser's."""
    return log_in(User.objects.create_superuser("root"))


@pytest.fixture
def reviewer() -> Client:
    set_up_reviewers(apps)
    user = User.objects.create_user("rita", is_staff=True)
    user.groups.add(Group.objects.get(name=NAME))
    return log_in(user)


def complete(title: str = "Weekly", *, lines: int = 2, owner: str = "") -> Meeting:
    """A meeting as it is after processing, without the sound."""
    meeting = services.start_meeting(title=title, owner=owner, tags=["team"])
    Segment.objects.bulk_create(
        Segment(
            meeting=meeting,
            key=f"t{place:09d}",
            position=place,
            start_ms=place * 1000,
            end_ms=place * 1000 + 900,
            speaker=LINES[place % 2][0],
            speaker_label=LINES[place % 2][0],
            text=LINES[place % 2][1],
            engine="pocketsphinx",
        )
        for place in range(lines)
    )
    results = {
        "transcript": {},
        "diarize": {"engine": "acoustic"},
        "mood": {"overall_mood": "positive", "sentiment_score": 0.4},
        "metrics": {"word_count": 8},
        "summary": {"summary": "A new shop.", "key_points": [], "main_topics": []},
    }
    StageResult.objects.bulk_create(
        StageResult(meeting=meeting, name=name, status="completed", result=result)
        for name, result in results.items()
    )
    facts = {"status": "completed", "completed_at": timezone.now(), "duration_ms": 120_000}
    Meeting.objects.filter(pk=meeting.pk).update(**facts)
    return services.get_meeting(meeting.pk)


@pytest.fixture
def meeting() -> Meeting:
    return complete()


@pytest.fixture
def page(meeting: Meeting) -> str:
    return f"{LIST}{meeting.pk}/change/"


@pytest.fixture
def act(meeting: Meeting) -> Callable[..., str]:
    """Asks for an act upon the meeting; with ``confirmed`` does it. What the browser shows."""

    def ask(client: Client, name: str, *, confirmed: bool = False, **fields: object) -> str:
        address = f"{LIST}{meeting.pk}/acts/{name}/"
        body = {"confirmed": "yes", **fields} if confirmed else {}
        answer = client.post(address, body, follow=True)
        return answer.content.decode()

    return ask
