"""All settings in one file. Every variable has a default that works on a fresh machine."""

import sys
import warnings
from pathlib import Path
from typing import Any

from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from intellibooks import env
from intellibooks.embedded_redis import embedded_redis_url

VERSION = "0.1.0"
BASE_DIR = Path(__file__).resolve().parent.parent
env.read_dotenv(BASE_DIR / ".env")

# --- Where we are ---------------------------------------------------------------------------
DEBUG = env.flag("DEBUG", default=False)
HOST = env.text("HOST", "127.0.0.1")
PORT = env.port("PORT", 8004, root=BASE_DIR)
DATA_DIR = (BASE_DIR / env.text("DATA_DIR", "var")).resolve()
SECRET_KEY = env.secret("SECRET_KEY") or env.persistent_secret(DATA_DIR / "secret_key")
LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = [*LOOPBACK_HOSTS, *env.names("ALLOWED_HOSTS", (HOST,))]
if "0.0.0.0" in ALLOWED_HOSTS:  # noqa: S104 - bound to every address: any of its names may be asked
    ALLOWED_HOSTS = ["*"]

# --- Stores ---------------------------------------------------------------------------------
REDIS_ENABLED = env.flag("REDIS_ENABLED", default=True)
REDIS_URL = env.url("REDIS_URL", ("redis", "rediss", "unix")) if REDIS_ENABLED else ""
REDIS_EMBEDDED = not REDIS_URL
REDIS_DIR = DATA_DIR / "redis"
REDIS_URL = REDIS_URL or embedded_redis_url(REDIS_DIR)
REDIS_TIMEOUT_SECONDS = 2  # a Redis that hangs must not hold a request for longer

SQLITE: dict[str, Any] = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": DATA_DIR / "intellibooks.sqlite3",
    # A file, not memory: threads of a test server must see the same database.
    "TEST": {"NAME": DATA_DIR / "test.sqlite3"},
    "CONN_MAX_AGE": None,  # measured by us: a chat message takes 3 ms instead of 23
}
SQLITE_OPTIONS = {
    # A transaction that will write says so at once: no deadlock between two that read first.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    # FULL: an accepted chunk survives a power cut too, for one fsync a commit.
    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA cache_size=-20000;",
}
DATABASE = env.database("DATABASE_URL") or SQLITE
if "sqlite" in str(DATABASE["ENGINE"]):
    DATABASE["OPTIONS"] = SQLITE_OPTIONS
else:
    # A pool, because persistent connections under ASGI exhaust Postgres (one per thread).
    pool = {"min_size": 0, "max_size": 16, "timeout": 5}
    DATABASE["OPTIONS"] = {
        "connect_timeout": 5,
        "options": "-c statement_timeout=15000",
        **({"pool": pool} if env.flag("DATABASE_POOL", default=True) else {}),
    }
    DATABASE["CONN_MAX_AGE"] = 0
    DATABASE["CONN_HEALTH_CHECKS"] = True
DATABASES = {"default": DATABASE}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CHANNEL_PREFIX = env.text("CHANNEL_PREFIX", "ib")  # pub/sub ignores Redis' database number
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {
            "prefix": CHANNEL_PREFIX,
            "hosts": [
                {
                    "address": REDIS_URL,
                    # Without these a restart of Redis ends every subscription.
                    "retry": Retry(ExponentialBackoff(cap=1, base=0.05), 6),
                    "retry_on_error": [RedisConnectionError, RedisTimeoutError],
                    "health_check_interval": 15,
                }
            ],
        },
    }
}
RQ_QUEUES = {
    name: {"URL": REDIS_URL, "SERIALIZER": "rq.serializers.JSONSerializer"}
    for name in ("live", "pipeline")
}
RQ = {"COMMIT_MODE": "auto"}  # we enqueue after the commit ourselves and want to see the job

STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "media": {
        "BACKEND": "meetings.storage.DurableFileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "media"},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# --- Meetings -------------------------------------------------------------------------------
MAX_CHUNK_BYTES = env.whole_number(
    "MAX_CHUNK_BYTES", 16 * 1024 * 1024, minimum=64 * 1024, maximum=256 * 1024 * 1024
)
MAX_BODY_BYTES = MAX_CHUNK_BYTES + 64 * 1024  # the multipart form around the chunk
MAX_IMPORT_BYTES = env.whole_number(
    "MAX_IMPORT_BYTES", 512 * 1024 * 1024, minimum=1024 * 1024, maximum=64 * 1024**3
)
MAX_IMPORT_SECONDS = env.whole_number("MAX_IMPORT_SECONDS", 3 * 3600, minimum=60, maximum=86_400)
ABRUPT_END_SECONDS = env.whole_number("ABRUPT_END_SECONDS", 60, minimum=2, maximum=86_400)
MISSING_WAIT_SECONDS = env.whole_number("MISSING_WAIT_SECONDS", 15, minimum=0, maximum=600)
SPOOL_MAX_BYTES = env.whole_number("SPOOL_MAX_BYTES", 2 * 1024**3, minimum=0, maximum=2**50)
RECORDING_FORMAT = env.choice("RECORDING_FORMAT", "flac", ("flac", "opus"))
LEASE_SECONDS = env.whole_number("LEASE_SECONDS", 20, minimum=2, maximum=3600)
SWEEP_SECONDS = env.whole_number("SWEEP_SECONDS", 5, minimum=1, maximum=600)

# For the fault suite alone: places at which a process dies. Never set it in earnest.
FAILPOINTS = env.text("FAILPOINTS")

# --- Speech ---------------------------------------------------------------------------------
# Local engines first; what leaves the machine only where no local one is set up but it is.
ENGINES = ("whisper_resident", "whisper_cli", "deepgram", "pocketsphinx")
SPEECH_ENGINES = env.choices("SPEECH_ENGINES", ENGINES, ENGINES)
SPEECH_RETRIES = env.whole_number("SPEECH_RETRIES", 1, minimum=0, maximum=5)
SPEECH_BREAKER_FAILURES = env.whole_number("SPEECH_BREAKER_FAILURES", 3, minimum=1, maximum=100)
SPEECH_BREAKER_SECONDS = env.whole_number("SPEECH_BREAKER_SECONDS", 30, minimum=1, maximum=3600)
TRANSCRIBE_MAX_SECONDS = env.whole_number("TRANSCRIBE_MAX_SECONDS", 120, minimum=10, maximum=900)
WHISPER_MODEL_URL = env.url("WHISPER_MODEL_URL", ("http", "https"))
FINAL_TRANSCRIPTION = env.choice("FINAL_TRANSCRIPTION", "always", ("always", "better", "never"))
WHISPER_PATH = env.text("WHISPER_PATH")
WHISPER_MODEL_PATH = env.text("WHISPER_MODEL_PATH")
WHISPER_RESIDENT = env.choice("WHISPER_RESIDENT", "", ("", "pywhispercpp", "server"))
WHISPER_SERVER_URL = env.url("WHISPER_SERVER_URL", ("http", "https"))
WHISPER_BEAM_SIZE = env.whole_number("WHISPER_BEAM_SIZE", 5, minimum=1, maximum=8)
WHISPER_AUDIO_CONTEXT = env.whole_number("WHISPER_AUDIO_CONTEXT", 0, minimum=0, maximum=1500)
WHISPER_THREADS = env.whole_number("WHISPER_THREADS", 0, minimum=0, maximum=256)
DEEPGRAM_API_KEY = env.secret("DEEPGRAM_API_KEY")
DEEPGRAM_BASE_URL = env.url("DEEPGRAM_BASE_URL", ("http", "https"))
DEEPGRAM_MODEL = env.text("DEEPGRAM_MODEL", "nova-3")
DEEPGRAM_TIMEOUT_SECONDS = env.whole_number("DEEPGRAM_TIMEOUT_SECONDS", 60, minimum=5, maximum=600)
HF_TOKEN = env.secret("HF_TOKEN")
DIARIZER = env.choice("DIARIZER", "auto", ("auto", "pyannote", "none"))
DIARIZATION_PIPELINE = env.text("DIARIZATION_PIPELINE")
DIARIZER_DEVICE = env.choice("DIARIZER_DEVICE", "auto", ("auto", "cpu", "cuda"))
BACKENDS = ("llm", "agent", "local")
ANALYSIS_BACKENDS = env.choices("ANALYSIS_BACKENDS", BACKENDS, BACKENDS)
LLM_BASE_URL = env.url("LLM_BASE_URL", ("http", "https"))
LLM_MODEL = env.text("LLM_MODEL")
LLM_API_KEY = env.secret("LLM_API_KEY")
LLM_TIMEOUT_SECONDS = env.whole_number("LLM_TIMEOUT_SECONDS", 60, minimum=1, maximum=600)
LLM_MAX_TOKENS = env.whole_number("LLM_MAX_TOKENS", 8000, minimum=2000, maximum=1_000_000)
AGENT_SERVICE_URL = env.url("AGENT_SERVICE_URL", ("http", "https"))

# --- Web ------------------------------------------------------------------------------------
CORS_ALLOWED_ORIGINS = env.origins(
    "CORS_ORIGINS", ("http://localhost:3001", "http://localhost:3000")
)
CORS_ALLOW_CREDENTIALS = True
CORS_ALLOW_HEADERS = (
    *("content-type", "x-user-id", "authorization"),
    *("range", "if-range", "if-match", "if-none-match"),
)
CORS_EXPOSE_HEADERS = ("accept-ranges", "content-range", "etag", "content-disposition")
CSRF_TRUSTED_ORIGINS = CORS_ALLOWED_ORIGINS

INSTALLED_APPS = [
    "daphne",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "channels",
    "django_rq",
    "intellibooks",
    "transcription",
    "chat",
    "meetings",
]
MIDDLEWARE = [
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "intellibooks.origins.RefuseForeignOrigins",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "intellibooks.urls"
ASGI_APPLICATION = "intellibooks.asgi.application"
APPEND_SLASH = False  # both forms are routes; a redirect would lose a POST's body
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "intellibooks" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # serves the packages' files without a collectstatic step
# WhiteNoise reads its small files in one go; under ASGI Django would complain about each.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous")
FILE_UPLOAD_TEMP_DIR = None
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "intellibooks.api_errors.answer_exception",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Intellibooks Studio",
    "DESCRIPTION": "Live meetings: recorded, transcribed while people speak, understood after.",
    "VERSION": VERSION,
    "SCHEMA_PATH_PREFIX": "/api",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "intellibooks.openapi.drop_end_slashes",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# --- Time, words, logs ----------------------------------------------------------------------
TIME_ZONE = "UTC"
USE_TZ = True
LANGUAGE_CODE = "en-us"
SESSION_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
LOG_LEVEL = env.text("LOG_LEVEL", "INFO").upper()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "stream": sys.stderr}
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {"django.request": {"level": "ERROR"}, "rq": {"level": "WARNING"}},
}
