"""How a log line looks: with its request's id, and without anybody's secrets."""

import logging
import re

from intellibooks.request_id import current_request_id

HIDDEN = "[hidden]"
SECRETS = (
    re.compile(r"()\bibt_[\w-]{8,}"),
    re.compile(r"()\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*"),
    re.compile(r"(?i)(\b(?:bearer|basic)[\s,]+)[\w.~+/=-]{6,}"),
    re.compile(
        r"(?i)(\b(?:authorization|cookie|set-cookie|x-csrftoken|sec-websocket-protocol)\b"
        r"[\"']?\s*[:=,]\s*[\"']?)[^\"'\r\n]+"
    ),
    re.compile(
        r"(?i)(\b\w*(?:ticket|share|share_token|token|password|passwd|secret|api_key|sessionid)"
        r"[\"']?\s*[:=]\s*[\"']?)[^\s\"'&,;)}\]]+"
    ),
    re.compile(r"(/(?:share|public)/)[\w-]{16,}"),
    re.compile(r"(\w://[^\s/:@]*:)[^\s/@]+(?=@)"),
)


def redact(text: str) -> str:
    """The text with tokens, tickets, cookies and passwords blotted out."""
    for pattern in SECRETS:
        text = pattern.sub(rf"\1{HIDDEN}", text)
    return text


class LineFormatter(logging.Formatter):
    """Redacts the finished line: the traceback below a message may quote a secret too."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s%(request)s")

    def format(self, record: logging.LogRecord) -> str:
        request_id = current_request_id()
        record.request = f" [{request_id}]" if request_id else ""
        return redact(super().format(record))
