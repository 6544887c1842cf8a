"""Which parser reads a body and which renderer writes the answer: DRF's choice, found sooner."""

from collections.abc import Iterable, Sequence
from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

# What programs send, and browsers for a `fetch`: they take whatever we have.
ANYTHING = "*/*"


class PlainCasesFirst(DefaultContentNegotiation):
    """The usual headers are compared as they stand; every other goes DRF's way, which reads each
    media type with the parser for e-mail, which an upload would pay for eight times.
    """

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        plain = (request.content_type or "").partition(";")[0].strip().lower()
        for parser in parsers:
            if parser.media_type == plain:
                return parser
        found: BaseParser | None = super().select_parser(request, parsers)
        return found

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        ours: Sequence[BaseRenderer] = list(renderers)
        asked: Any = format_suffix or request.query_params.get(self.settings.URL_FORMAT_OVERRIDE)
        if not asked and request.headers.get("Accept", ANYTHING) == ANYTHING:
            return ours[0], str(ours[0].media_type)
        found: tuple[BaseRenderer, str] = super().select_renderer(request, ours, format_suffix)
        return found
