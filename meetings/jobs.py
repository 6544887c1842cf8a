"""What the workers run: ids in, one function called. Each may run twice and does its work once."""

from intellibooks.log_json import about_meeting
from meetings import drafting, pipeline


def transcribe_chunk(meeting_id: str, index: int) -> None:
    with about_meeting(meeting_id):
        drafting.transcribe_chunk(meeting_id, index)


def process_meeting(meeting_id: str) -> None:
    with about_meeting(meeting_id):
        pipeline.process_meeting(meeting_id)
