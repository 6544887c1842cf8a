"""What the workers run: ids in, one function called. Each may run twice and does its work once."""

from meetings import drafting, pipeline


def transcribe_chunk(meeting_id: str, index: int) -> None:
    drafting.transcribe_chunk(meeting_id, index)


def process_meeting(meeting_id: str) -> None:
    pipeline.process_meeting(meeting_id)
