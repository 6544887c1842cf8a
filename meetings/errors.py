"""What a caller of a meeting can do wrong; ``detail`` is fixed, the frontend matches it."""

from intellibooks.errors import DomainError, NotFound


class SessionNotFound(NotFound):
    detail = "Session not found"


class MeetingNotRecording(DomainError):
    code = "not_recording"
    detail = "Session is not in recording state"


class EmptyChunk(DomainError):
    code = "empty_chunk"
    detail = "Empty audio chunk"


class MeetingNotCompleted(DomainError):
    code = "not_ready"
    detail = "Meeting not yet completed"


class MetadataNotAvailable(NotFound):
    code = "not_ready"
    detail = "Metadata not yet available"
