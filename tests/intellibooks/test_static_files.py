"""Static files over the wire."""

import gzip
from typing import Any

import pytest
from django.test import Client

from bench.console_weight import weigh_sent
from intellibooks.console_modules import STATIC

pytestmark = pytest.mark.django_db
SCRIPT = "/static/console/app.js"


def fetch(path: str = SCRIPT, **headers: str) -> Any:
    return Client().get(path, headers={"Accept-Encoding": "gzip, deflate, br", **headers})


def test_script_is_sent_compressed_and_is_the_same() -> None:
    answer = fetch()
    assert (answer.status_code, answer.headers["Content-Encoding"]) == (200, "gzip")
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    assert len(answer.content) == weigh_sent([STATIC / "app.js"])
    assert gzip.decompress(answer.content) == (STATIC / "app.js").read_bytes()


@pytest.mark.parametrize("wanted", ["", "identity", "gzip;q=0", "br"])
def test_who_takes_no_gzip_gets_the_file_itself(wanted: str) -> None:
    answer = fetch(**{"Accept-Encoding": wanted})
    assert "Content-Encoding" not in answer.headers
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert b"".join(answer.streaming_content) == (STATIC / "app.js").read_bytes()


def test_known_file_is_not_sent_again() -> None:
    answer = fetch(**{"If-None-Match": fetch().headers["ETag"]})
    assert answer.status_code == 304


def test_part_of_a_file_is_a_part_of_the_file() -> None:
    answer = fetch(Range="bytes=0-9")
    assert (answer.status_code, "Content-Encoding" in answer.headers) == (206, False)
    assert b"".join(answer.streaming_content) == (STATIC / "app.js").read_bytes()[:10]


def test_pages_are_not_compressed() -> None:
    for path in ("/console/", "/api/health"):
        assert "Content-Encoding" not in fetch(path).headers
