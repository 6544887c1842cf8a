"""Every answer tells the browser what it may do with it, whoever gave it."""

import os
import subprocess
import sys
from ipaddress import ip_network
from typing import Any

import httpx
import pytest
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connections
from pytest_django import Settings

from intellibooks import answer_headers
from intellibooks.asgi import application
from intellibooks.limits.addresses import TrustProxies

pytestmark = pytest.mark.django_db(transaction=True)

SAME = {
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
}


async def ask(
    method: str, path: str, headers: dict[str, str] | None = None, service: Any = application
) -> httpx.Response:
    transport = httpx.ASGITransport(service, client=("127.0.0.1", 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8004") as client:
        answer = await client.request(method, path, headers=headers)
    await sync_to_async(connections.close_all)()
    return answer


@pytest.mark.parametrize(
    ("path", "policy"),
    [
        ("/api/meetings", answer_headers.ANSWERS),
        ("/api/no/such/address", answer_headers.ANSWERS),
        ("/health", answer_headers.ANSWERS),
        ("/asyncapi.yaml", answer_headers.ANSWERS),
        ("/api/docs", answer_headers.STYLED),
        ("/admin/login/", answer_headers.PAGES),
        ("/admin/django_rq/", answer_headers.QUEUES),
        ("/static/admin/css/base.css", answer_headers.PAGES),
        ("/nowhere", answer_headers.PAGES),
    ],
)
@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")  # WhiteNoise's files
async def test_each_kind_of_answer_has_its_headers(path: str, policy: str) -> None:
    answer = await ask("GET", path)
    assert {name: answer.headers[name] for name in SAME} == SAME
    assert answer.headers["content-security-policy"] == policy
    assert "camera=()" in answer.headers["permissions-policy"]


async def test_a_page_keeps_the_policy_that_it_says_itself() -> None:
    answer = await ask("GET", "/console/")
    assert answer.headers.get_list("referrer-policy") == ["no-referrer"]
    assert "connect-src 'self'" in answer.headers["content-security-policy"]


async def test_a_refusal_before_django_has_them_too() -> None:
    answer = await ask("POST", "/api/meetings/start", {"Content-Length": "999999999999"})
    assert answer.status_code == 413
    assert answer.headers["content-security-policy"] == answer_headers.ANSWERS
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_the_page_of_the_documentation_needs_no_inline_script() -> None:
    page = (await ask("GET", "/api/docs")).text
    assert "<script>" not in page
    assert page.count("<script src=") == 3


@pytest.fixture
def https_only(settings: Settings) -> Any:
    """The service as it starts with HTTPS_ONLY behind a proxy on this machine."""
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 60
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.0/8")]
    return TrustProxies(ASGIHandler())


async def test_plain_http_is_redirected_but_for_probes(https_only: Any) -> None:
    answer = await ask("GET", "/api/meetings", service=https_only)
    place = answer.headers["location"]
    assert (answer.status_code, place) == (301, "https://localhost:8004/api/meetings")
    assert (await ask("GET", "/api/health", service=https_only)).status_code == 200


async def test_what_the_proxy_got_over_tls_is_answered(https_only: Any) -> None:
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}
    answer = await ask("GET", "/api/meetings", forwarded, https_only)
    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"].startswith("max-age=60")


def run_check(**env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "intellibooks.settings", **env}
    return subprocess.run(  # noqa: S603 - our own command
        command, env=environment, capture_output=True, text=True, check=False
    )


def test_a_service_set_up_in_earnest_has_nothing_to_warn_of() -> None:
    done = run_check(AUTH_MODE="required", HTTPS_ONLY="true", TRUSTED_PROXIES="10.0.0.0/8")
    assert done.returncode == 0, done.stderr


def test_https_without_the_proxy_that_ends_it_stops_the_start() -> None:
    done = run_check(HTTPS_ONLY="true")
    assert done.returncode != 0
    assert "HTTPS_ONLY" in done.stderr
    assert "TRUSTED_PROXIES" in done.stderr


def test_the_deploy_check_tells_what_an_open_service_lacks() -> None:
    with pytest.raises(SystemCheckError, match=r"security\.W008"):
        call_command("check", deploy=True, fail_level="WARNING")
