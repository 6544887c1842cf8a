"""Tokens of an identity provider (OpenID Connect, Clerk), checked with its published keys."""

import logging
from functools import cache
from typing import Any

import jwt
from django.conf import settings

from intellibooks.errors import DomainError, NotAuthenticated
from intellibooks.identity import Identity

logger = logging.getLogger(__name__)

# Of public keys only: a token "signed" with a public key as an HMAC secret is none (RFC 8725).
ALGORITHMS = ["RS256", "ES256"]
LEEWAY_SECONDS = 10
KEYS_KEPT_SECONDS = 300
FETCH_TIMEOUT_SECONDS = 5
FETCH_PAUSE_SECONDS = 30  # unknown key ids cannot make us ask the provider all the time
LONGEST_SUBJECT = 150


class ProviderUnreachable(DomainError):
    status = 503
    code = "identity_unavailable"
    detail = "Identity provider unavailable"


@cache
def get_keys(url: str) -> jwt.PyJWKClient:
    """Blocks for FETCH_TIMEOUT_SECONDS at most: never call it on the event loop."""
    return jwt.PyJWKClient(
        url,
        cache_jwk_set=True,
        lifespan=KEYS_KEPT_SECONDS,
        timeout=FETCH_TIMEOUT_SECONDS,
        cooldown_duration=FETCH_PAUSE_SECONDS,
    )


def identify_jwt(text: str) -> Identity:
    """Who the token speaks of. Raises NotAuthenticated, ProviderUnreachable."""
    if not settings.JWT_JWKS_URL:
        raise NotAuthenticated("The token is not valid.")
    try:
        claims = decode_claims(text)
    except jwt.PyJWKClientConnectionError as error:
        logger.error("the keys of %s cannot be fetched: %s", settings.JWT_ISSUER, error)
        raise ProviderUnreachable("Nobody can be identified now. Please try again.") from error
    except (jwt.PyJWTError, ValueError) as error:
        raise NotAuthenticated("The token is not valid.") from error
    subject = str(claims["sub"])
    if not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise NotAuthenticated("The token names nobody.")
    return Identity(
        user_id=subject,
        is_verified=True,
        via="jwt",
        credential=f"jwt:{claims['jti']}" if claims.get("jti") else "",
        expires_at=float(claims["exp"]),
    )


def decode_claims(text: str) -> dict[str, Any]:
    """Raises PyJWTError."""
    if jwt.get_unverified_header(text).get("alg") not in ALGORITHMS:
        raise jwt.InvalidAlgorithmError
    key = get_keys(settings.JWT_JWKS_URL).get_signing_key_from_jwt(text)
    claims: dict[str, Any] = jwt.decode(
        text,
        key,
        algorithms=ALGORITHMS,
        issuer=settings.JWT_ISSUER,
        audience=settings.JWT_AUDIENCE or None,
        leeway=LEEWAY_SECONDS,
        options={"require": ["exp", "iat", "sub"], "verify_aud": bool(settings.JWT_AUDIENCE)},
    )
    parties = settings.JWT_AUTHORIZED_PARTIES
    if parties and claims.get("azp") not in parties:
        raise jwt.InvalidTokenError("azp")
    return claims
