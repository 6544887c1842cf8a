import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest

from intellibooks.auth import jwks
from intellibooks.auth.jwks import ProviderUnreachable, identify_jwt
from intellibooks.errors import NotAuthenticated
from tests.intellibooks.auth.people import bearing
from tests.intellibooks.auth.provider import AUDIENCE, ISSUER, Provider, running_provider


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    with running_provider() as running:
        settings.JWT_JWKS_URL = running.url
        settings.JWT_ISSUER = ISSUER
        settings.JWT_AUDIENCE = AUDIENCE
        settings.JWT_AUTHORIZED_PARTIES = ()
        yield running


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_token_of_the_issuer_names_its_subject(provider: Provider, algorithm: str) -> None:
    identity = identify_jwt(provider.sign(algorithm))
    assert (identity.user_id, identity.is_verified, identity.is_staff) == ("alice", True, False)
    assert identity.expires_at is not None


REFUSED: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "another audience": {"aud": "somebody-else"},
    "no audience": {"aud": None},
    "expired": {"exp": int(time.time()) - 60},
    "no expiry": {"exp": None},
    "not yet valid": {"nbf": int(time.time()) + 600},
    "no subject": {"sub": None},
    "empty subject": {"sub": ""},
    "endless subject": {"sub": "a" * 500},
}


@pytest.mark.parametrize("changes", REFUSED.values(), ids=REFUSED)
def test_token_that_is_not_for_us_is_refused(provider: Provider, changes: dict[str, Any]) -> None:
    with pytest.raises(NotAuthenticated):
        identify_jwt(provider.sign(**changes))


def spell(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def test_algorithm_none_is_refused(provider: Provider) -> None:
    claims = jwt.decode(provider.sign(), options={"verify_signature": False})
    unsigned = f"{spell({'alg': 'none', 'kid': provider.key_id})}.{spell(claims)}."
    with pytest.raises(NotAuthenticated):
        identify_jwt(unsigned)


def test_public_key_is_no_hmac_secret(provider: Provider) -> None:
    claims = jwt.decode(provider.sign(), options={"verify_signature": False})
    content = f"{spell({'alg': 'HS256', 'kid': provider.key_id})}.{spell(claims)}"
    digest = hmac.new(provider.public_pem(), content.encode(), hashlib.sha256).digest()
    forged = f"{content}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"
    with pytest.raises(NotAuthenticated):
        identify_jwt(forged)


def test_changed_claims_are_refused(provider: Provider) -> None:
    head, _, signature = provider.sign().split(".")
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "mallory", "iat": 1, "exp": 9999999999}
    with pytest.raises(NotAuthenticated):
        identify_jwt(f"{head}.{spell(claims)}.{signature}")


def test_rotated_key_is_fetched(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jwks, "FETCH_PAUSE_SECONDS", 0)
    jwks.get_keys.cache_clear()
    identify_jwt(provider.sign())
    old = provider.sign()
    provider.rotate("second")
    assert identify_jwt(provider.sign()).user_id == "alice"
    with pytest.raises(NotAuthenticated):
        identify_jwt(old)


def test_keys_are_fetched_once(provider: Provider) -> None:
    for _ in range(3):
        identify_jwt(provider.sign())
    assert provider.fetches == 1


def test_unknown_key_ids_do_not_make_us_ask_each_time(provider: Provider) -> None:
    identify_jwt(provider.sign())
    for number in range(5):
        forged = jwt.encode({"sub": "x"}, provider.rsa, "RS256", headers={"kid": f"k{number}"})
        with pytest.raises(NotAuthenticated):
            identify_jwt(forged)
    assert provider.fetches <= 2


def test_provider_that_is_away_is_not_the_callers_fault(provider: Provider, settings: Any) -> None:
    settings.JWT_JWKS_URL = "http://127.0.0.1:9/keys"
    with pytest.raises(ProviderUnreachable):
        identify_jwt(provider.sign())


@pytest.mark.parametrize(("party", "is_taken"), [("https://app.example", True), ("x", False)])
def test_authorized_party_is_checked(
    provider: Provider, settings: Any, party: str, is_taken: bool
) -> None:
    settings.JWT_AUTHORIZED_PARTIES = ("https://app.example",)
    token = provider.sign(azp=party)
    if is_taken:
        assert identify_jwt(token).user_id == "alice"
    else:
        with pytest.raises(NotAuthenticated):
            identify_jwt(token)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("required")
def test_rest_takes_a_jwt(provider: Provider) -> None:
    started = bearing(provider.sign()).post("/api/meetings/start").json()
    path = f"/api/meetings/{started['session_id']}"
    assert bearing(provider.sign()).get(path).status_code == 200
    assert bearing(provider.sign(sub="bob")).get(path).status_code == 404
