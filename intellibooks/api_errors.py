"""Every failure of the REST API as one body: a fixed text, a sentence for a person, a code."""

import logging
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response

from intellibooks.errors import (
    DomainError,
    ErrorBody,
    FieldProblem,
    InvalidRequest,
    NotFound,
    StorageUnavailable,
    encode_unexpected,
)

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
    return Response(encode_unexpected(), status=500)


def answer_domain(error: DomainError) -> Response:
    headers = {"Retry-After": RETRY_SECONDS} if error.status == StorageUnavailable.status else None
    return Response(error.body(), status=error.status, headers=headers)


def answer_framework(error: exceptions.APIException) -> Response:
    """What DRF itself refuses: a malformed body, a wrong method, a wrong content type."""
    text = str(error.detail)
    body: ErrorBody = {
        "detail": text,
        "error": text,
        "code": CODES.get(error.status_code, "invalid"),
    }
    return Response(body, status=error.status_code)


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
    return JsonResponse(NotFound("There is nothing at this address.").body(), status=404)


def answer_crash(request: HttpRequest) -> JsonResponse:
    """Django's handler500."""
    return JsonResponse(encode_unexpected(), status=500)


def answer_bad_request(request: HttpRequest, exception: Exception) -> JsonResponse:
    """Django's handler400: a host name that is not ours, too many fields."""
    body = {"detail": "Bad request", "error": "The request is not acceptable.", "code": "invalid"}
    return JsonResponse(body, status=400)
