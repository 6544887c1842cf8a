"""Every failure of the REST API as one body: a fixed text, a sentence for a person, a code."""

import logging
import math
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response

from intellibooks.errors import (
    DomainError,
    ErrorBody,
    FieldProblem,
    InvalidRequest,
    NotAuthenticated,
    NotFound,
    RateLimited,
    StorageUnavailable,
    encode_unexpected,
)
from intellibooks.request_id import current_request_id

logger = logging.getLogger(__name__)

RETRY_SECONDS = "5"
CODES = {400: "invalid", 401: "not_authenticated", 403: "forbidden", 404: "not_found"}
CODES |= {405: "method_not_allowed", 413: "too_large", 415: "unsupported_media_type"}
CODES |= {429: "rate_limited"}


def answer_exception(error: Exception, context: dict[str, Any]) -> Response:
    """DRF's exception handler: no traceback and no inside detail reaches a client."""
    if isinstance(error, DomainError):
        return answer_domain(error)
    if isinstance(error, Http404):
        return answer_domain(NotFound())
    if isinstance(error, exceptions.ValidationError):
        return answer_domain(explain_invalid(error))
    if isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, exceptions.APIException):
        return answer_framework(error)
    if isinstance(error, OperationalError | InterfaceError):
        logger.error("the database does not answer: %s", error)
        return answer_domain(StorageUnavailable("The database does not answer. Please try again."))
    logger.error("unexpected error in %s", context.get("view"), exc_info=error)
    return Response(encode_unexpected(current_request_id()), status=500)


def answer_domain(error: DomainError) -> Response:
    return Response(name_request(error.body()), status=error.status, headers=list_headers(error))


def list_headers(error: DomainError) -> dict[str, str]:
    """What a client's machinery reads: when to come again, how to say who one is."""
    if isinstance(error, RateLimited):
        return {"Retry-After": str(max(1, math.ceil(error.retry_after)))}
    if isinstance(error, NotAuthenticated):
        return {"WWW-Authenticate": "Bearer"}
    return {"Retry-After": RETRY_SECONDS} if error.status == StorageUnavailable.status else {}


def name_request(body: Any) -> dict[str, Any]:
    """The body with the request's id, by which its lines in the log are found."""
    request_id = current_request_id()
    return {**body, "request_id": request_id} if request_id else dict(body)


def answer_framework(error: exceptions.APIException) -> Response:
    """What DRF itself refuses: a malformed body, a wrong method, a wrong content type."""
    text = str(error.detail)
    body: ErrorBody = {
        "detail": text,
        "error": text,
        "code": CODES.get(error.status_code, "invalid"),
    }
    return Response(name_request(body), status=error.status_code)


def explain_invalid(error: exceptions.ValidationError) -> InvalidRequest:
    """422 with each field's problem, and the first of them as the sentence."""
    problems = list_problems(error.get_full_details())
    first = f"{problems[0]['field']}: {problems[0]['detail']}" if problems else ""
    return InvalidRequest(first, problems)


def list_problems(details: Any, field: str = "body") -> list[FieldProblem]:
    if isinstance(details, dict) and "message" in details:
        return [{"field": field, "detail": str(details["message"]), "code": details["code"]}]
    named = details.items() if isinstance(details, dict) else [(field, it) for it in details]
    return [
        problem
        for name, value in named
        for problem in list_problems(value, field if name == "non_field_errors" else str(name))
    ]


def answer_unknown_address(request: HttpRequest, exception: Exception) -> JsonResponse:
    """Django's handler404."""
    body = NotFound("There is nothing at this address.").body()
    return JsonResponse(name_request(body), status=404)


def answer_crash(request: HttpRequest) -> JsonResponse:
    """Django's handler500."""
    return JsonResponse(encode_unexpected(current_request_id()), status=500)


def answer_bad_request(request: HttpRequest, exception: Exception) -> JsonResponse:
    """Django's handler400: a host name that is not ours, too many fields."""
    body = {"detail": "Bad request", "error": "The request is not acceptable.", "code": "invalid"}
    return JsonResponse(name_request(body), status=400)


class AnswerDomainErrors:
    """Django middleware: the same body where no DRF view is in between (the admin's login)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        body = name_request(error.body())
        return JsonResponse(body, status=error.status, headers=list_headers(error))
