"""Meetings to analyse: one written here, one from the sample that ships with the product."""

import json
import re
from pathlib import Path
from typing import Any

from transcription.types import Segment, Transcript

SAMPLE = Path(__file__).resolve().parents[3] / "meetings" / "sample" / "reference.json"
WORDS_PER_SECOND = 2.5

TEAM_MEETING = """\
Maria: Okay, hi everyone, can you all hear me? Great, let's get started.
Maria: So on the agenda for today we have three things: the mobile app release, the customer \
support backlog, and renewing the security certificate.
Maria: Let's begin with the mobile app release. Daniel, where do we stand?
Daniel: Well, um, the mobile app release is almost ready. We fixed the crash on the login screen \
yesterday, so the crash is fixed now.
Daniel: I'm a bit worried it will take Apple more than a week to review the app.
Priya: The question is whether we should wait for the new payment feature.
Daniel: I don't think so. I propose we ship the mobile app without the payment feature.
Maria: Agreed. I think that's the right call.
Daniel: I'll submit the app to Apple on Monday, and Priya will update the release notes \
by Wednesday.
Priya: Sure, and could you send me the list of changes before the weekend?
Daniel: Yes, no problem, I'll do that.
Maria: Perfect. Moving on to customer support. Priya, how bad is the backlog?
Priya: We have two hundred and forty open tickets, and the average answer time is now three days. \
Customers are getting really frustrated.
Priya: Honestly the support team is overloaded. We can't keep up with the tickets.
Daniel: That's awful. Can we hire a temporary support agent?
Maria: We have budget for one person until June. Let's hire a temporary support agent then.
Priya: That would help a lot, thank you so much!
Maria: Priya, can you write the job description and send it to human resources by Friday?
Priya: Yes, I will.
Maria: Finally, the security certificate. It expires on the twentieth of May.
Daniel: Last year we forgot it and the website was down for four hours, which was a disaster.
Maria: We've decided to automate the renewal with the new provider. Who can set up the renewal?
Daniel: I can do it.
Maria: I'll send around the minutes this afternoon. Thanks everyone, have a nice weekend."""


def write_meeting(lines: str, *, is_bare: bool = False) -> Transcript:
    """One segment a line "Speaker: text"; bare ones as an offline engine writes them."""
    segments, start = [], 0.0
    for line in lines.splitlines():
        speaker, _, text = line.partition(": ")
        end = start + len(text.split()) / WORDS_PER_SECOND
        segments.append(_write_segment(start, end, text, speaker, is_bare=is_bare))
        start = end + 0.5
    return Transcript(tuple(segments), duration=start)


def load_sample(*, is_bare: bool = False) -> tuple[Transcript, dict[str, Any]]:
    """The sample meeting and its reference."""
    reference = json.loads(SAMPLE.read_text())
    segments = tuple(
        _write_segment(u["start"], u["end"], u["text"], u["speaker"], is_bare=is_bare)
        for u in reference["utterances"]
    )
    return Transcript(segments, duration=reference["duration_seconds"]), reference


def _write_segment(start: float, end: float, text: str, speaker: str, *, is_bare: bool) -> Segment:
    if is_bare:
        return Segment(start, end, re.sub(r"[^\w' ]", "", text.lower()))
    return Segment(start, end, text, speaker=speaker)
