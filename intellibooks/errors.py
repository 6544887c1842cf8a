"""What a caller can do wrong, and the one shape in which every transport says so."""

from typing import Any, ClassVar, NotRequired, TypedDict


class FieldProblem(TypedDict):
    field: str
    detail: str
    code: str


class ErrorBody(TypedDict):
    """``detail`` is a fixed text clients match; ``error`` is a sentence for a person."""

    detail: str
    error: str
    code: str
    errors: NotRequired[list[FieldProblem]]


class DomainError(Exception):
    """A refusal that the caller can understand and act on; subclasses fix its texts."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "invalid"
    detail: ClassVar[str] = "Invalid request"

    def __init__(self, error: str = "") -> None:
        self.error = error or self.detail
        super().__init__(self.error)

    def body(self) -> ErrorBody:
        return {"detail": self.detail, "error": self.error, "code": self.code}


class NotFound(DomainError):
    status = 404
    code = "not_found"
    detail = "Not found"


class InvalidRequest(DomainError):
    status = 422
    code = "invalid"
    detail = "Invalid request"

    def __init__(self, error: str = "", problems: list[FieldProblem] | None = None) -> None:
        super().__init__(error)
        self.problems = problems or []

    def body(self) -> ErrorBody:
        return {**super().body(), "errors": self.problems}


class TooLarge(DomainError):
    status = 413
    code = "too_large"
    detail = "Payload too large"


class TooSlow(DomainError):
    status = 408
    code = "too_slow"
    detail = "Request timeout"


class StorageUnavailable(DomainError):
    status = 503
    code = "storage_unavailable"
    detail = "Storage unavailable"


def encode_unexpected(request_id: str = "") -> dict[str, Any]:
    """The body of an answer to a failure that is ours: it names nothing of the inside."""
    body: dict[str, Any] = {
        "detail": "Internal server error",
        "error": "Something went wrong on the server. Nothing recorded is lost; please try again.",
        "code": "internal",
    }
    return {**body, "request_id": request_id} if request_id else body


class Forbidden(DomainError):
    """One may know of the thing, but not do this with it; the text is fixed by the contract."""

    status = 403
    code = "forbidden"
    detail = "Access denied"

    def body(self) -> ErrorBody:
        return {**super().body(), "detail": self.error}


class NotAuthenticated(DomainError):
    status = 401
    code = "not_authenticated"
    detail = "Authentication required"


class Conflict(DomainError):
    status = 409
    code = "conflict"
    detail = "Conflict"


class RateLimited(DomainError):
    """Too much at once; ``retry_after`` is in seconds."""

    status = 429
    code = "rate_limited"
    detail = "Too many requests"

    def __init__(self, error: str = "", retry_after: float = 1.0) -> None:
        super().__init__(error)
        self.retry_after = retry_after
