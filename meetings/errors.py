"""What a caller of a meeting can do wrong; ``detail`` is fixed, the frontend matches it."""

from intellibooks.errors import DomainError, NotFound


class SessionNotFound(NotFound):
    detail = "Session not found"


class MeetingNotRecording(DomainError):
    code = "not_recording"
    detail = "Session is not in recording state"


class MeetingNotFailed(DomainError):
    status = 409
    code = "conflict"
    detail = "Meeting has not failed"


class EmptyChunk(DomainError):
    code = "empty_chunk"
    detail = "Empty audio chunk"


class ChecksumMismatch(DomainError):
    status = 422
    code = "invalid"
    detail = "Checksum mismatch"


class MeetingNotCompleted(DomainError):
    code = "not_ready"
    detail = "Meeting not yet completed"


class MetadataNotAvailable(NotFound):
    code = "not_ready"
    detail = "Metadata not yet available"
