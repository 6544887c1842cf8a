import logging

import pytest

from intellibooks.auth.tokens import PREFIX
from intellibooks.log_lines import LineFormatter, redact

JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl"
LINES = {
    "token": f"token {PREFIX}s3cretS3CRET-s3cret_x was shown",
    "header": "Authorization: Bearer s3cretS3CRET",
    "headers": "{'Authorization': 'Bearer s3cretS3CRET', 'Host': 'x'}",
    "bytes": "(b'authorization', b'Bearer s3cretS3CRET')",
    "cookie": "Cookie: sessionid=s3cretS3CRET; csrftoken=s3cretS3CRET",
    "ticket": "GET /ws/chat/x?ticket=s3cretS3CRET&last_seq=4",
    "link": "GET /api/meetings/x?share=s3cretS3CRET",
    "public": "GET /api/conversations/public/s3cretS3CRETs3cret",
    "subprotocol": "Sec-WebSocket-Protocol: bearer, s3cretS3CRET",
    "password": "{'username': 'alice', 'password': 's3cretS3CRET'}",
    "form": "username=alice&password=s3cretS3CRET",
    "url": "postgres://user:s3cretS3CRET@host/db does not answer",
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_secret_is_blotted_out(line: str) -> None:
    shown = redact(line)
    assert "s3cret" not in shown
    assert "[hidden]" in shown


def test_jwt_is_blotted_out() -> None:
    assert redact(f"got {JWT} from x") == "got [hidden] from x"


@pytest.mark.parametrize(
    "line",
    [
        "meeting 3f6c2f8e-1b1e-4b0c-9d2c-0a5b6c7d8e9f stopped",
        "the database does not answer: connection refused",
        "bearer of bad news",
        "https://example.org:8004/api/docs?format=json",
    ],
)
def test_ordinary_line_stays_as_it_is(line: str) -> None:
    assert redact(line) == line


def test_traceback_is_redacted_too() -> None:
    try:
        raise ValueError("bad token " + PREFIX + "abcdefgh" * 3)
    except ValueError as error:
        facts = (type(error), error, error.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, "x", 1, "it failed", None, facts)
    assert "abcdefgh" * 3 not in LineFormatter().format(record)
