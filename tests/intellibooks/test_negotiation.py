import pytest
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.renderers import BrowsableAPIRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from intellibooks.json_parser import StrictJSONParser
from intellibooks.negotiation import PlainCasesFirst

PARSERS = (StrictJSONParser(), FormParser(), MultiPartParser())
RENDERERS = (JSONRenderer(), BrowsableAPIRenderer())
TYPES = [
    "application/json",
    "Application/JSON; charset=utf-8",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
    "text/plain",
    "nonsense",
    "",
    "application/" + "x" * 300,
]
ACCEPTS = ["*/*", "", "application/json", "text/html,*/*;q=0.1", "application/*", "image/png"]


def ask(content_type: str = "", accept: str | None = None, query: str = "") -> Request:
    headers = {} if accept is None else {"Accept": accept}
    request = APIRequestFactory().generic("POST", f"/{query}", "x", content_type, headers=headers)
    return Request(request)


@pytest.mark.parametrize("content_type", TYPES)
def test_parser_is_the_one_that_drf_chooses(content_type: str) -> None:
    usual = DefaultContentNegotiation().select_parser(ask(content_type), PARSERS)
    assert PlainCasesFirst().select_parser(ask(content_type), PARSERS) is usual


def choose(negotiation: DefaultContentNegotiation, request: Request) -> object:
    try:
        renderer, media_type = negotiation.select_renderer(request, RENDERERS)
    except NotAcceptable:
        return None
    return type(renderer), media_type


@pytest.mark.parametrize("accept", [None, *ACCEPTS])
@pytest.mark.parametrize("query", ["", "?format=json", "?format=api"])
def test_renderer_is_the_one_that_drf_chooses(accept: str | None, query: str) -> None:
    usual = choose(DefaultContentNegotiation(), ask(accept=accept, query=query))
    assert choose(PlainCasesFirst(), ask(accept=accept, query=query)) == usual
