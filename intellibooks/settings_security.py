"""The settings of who may come in, and of how much one may do."""

import intellibooks.settings_place  # noqa: F401 - first: a .env file may set what is read here
from intellibooks import env
from intellibooks.identity import OPEN, REQUIRED
from intellibooks.limits.rates import Rate

# --- Who ------------------------------------------------------------------------------------
AUTH_MODE = env.choice("AUTH_MODE", OPEN, (OPEN, REQUIRED))
ALLOW_OPEN = env.flag("ALLOW_OPEN", default=False)
JWT_JWKS_URL = env.url("JWT_JWKS_URL", ("http", "https"))
JWT_ISSUER = env.text("JWT_ISSUER")
JWT_AUDIENCE = env.text("JWT_AUDIENCE")
JWT_AUTHORIZED_PARTIES = env.names("JWT_AUTHORIZED_PARTIES", ())
if JWT_JWKS_URL and not JWT_ISSUER:
    raise env.SettingError("JWT_ISSUER", "", "the issuer whose tokens JWT_JWKS_URL has the keys of")
REVOCATION_CHECK_SECONDS = env.whole_number("REVOCATION_CHECK_SECONDS", 15, minimum=1, maximum=3600)
AUTHENTICATION_BACKENDS = ["intellibooks.auth.passwords.LimitedPasswords"]
HTTPS_ONLY = env.flag("HTTPS_ONLY", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.flag("SECURE_COOKIES", default=HTTPS_ONLY)
SESSION_COOKIE_AGE = 14 * 24 * 3600  # seconds

# --- HTTPS: a proxy in front ends TLS and says so in X-Forwarded-Proto ------------------------
SECURE_SSL_REDIRECT = HTTPS_ONLY
SECURE_REDIRECT_EXEMPT = [r"^(api/)?health/?$", r"^api/ready/?$", r"^metrics/?$"]  # asked inside
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS_ONLY else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS_ONLY
# Whether a domain joins the browsers' own list is for its owner to say, not for a program in it.
SILENCED_SYSTEM_CHECKS = ["security.W021"]

# --- How much -------------------------------------------------------------------------------
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES")
if HTTPS_ONLY and not TRUSTED_PROXIES:  # or every answer would be a redirect to itself
    raise env.SettingError("HTTPS_ONLY", "true", "true only with TRUSTED_PROXIES, which end TLS")
LIMITS: dict[str, Rate | None] = {
    "messages": env.rate("LIMIT_MESSAGES", "20/s"),
    "connects": env.rate("LIMIT_CONNECTS", "1200/min"),
    "starts": env.rate("LIMIT_STARTS", "120/min"),
    "uploads": env.rate("LIMIT_UPLOADS", "100/s"),
    "transcribe": env.rate("LIMIT_TRANSCRIBE", "60/min"),
    "logins": env.rate("LIMIT_LOGINS", "10/min"),
}
LIMIT_SOCKETS = env.whole_number("LIMIT_SOCKETS", 500, minimum=0, maximum=1_000_000)
