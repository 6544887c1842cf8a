"""All settings in one file. Every variable has a default that works on a fresh machine."""

import sys
import warnings

from intellibooks import env
from intellibooks.settings_features import *  # noqa: F403 - the names are settings
from intellibooks.settings_place import BASE_DIR, DATA_DIR
from intellibooks.settings_security import *  # noqa: F403 - the names are settings
from intellibooks.settings_stores import *  # noqa: F403 - the names are settings
from intellibooks.settings_tracing import *  # noqa: F403 - the names are settings
from intellibooks.settings_tracing import TRACING

VERSION = "0.1.0"

# --- Where we are ---------------------------------------------------------------------------
DEBUG = env.flag("DEBUG", default=False)
HOST = env.text("HOST", "127.0.0.1")
PORT = env.port("PORT", 8004, root=BASE_DIR)
SECRET_KEY = env.secret("SECRET_KEY") or env.persistent_secret(DATA_DIR / "secret_key")
LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = [*LOOPBACK_HOSTS, *env.names("ALLOWED_HOSTS", (HOST,))]
if "0.0.0.0" in ALLOWED_HOSTS:  # noqa: S104 - bound to every address: any of its names may be asked
    ALLOWED_HOSTS = ["*"]

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
    *("content-type", "x-user-id", "authorization", "x-csrftoken", "x-request-id"),
    *("range", "if-range", "if-match", "if-none-match"),
)
CORS_EXPOSE_HEADERS = (
    *("accept-ranges", "content-range", "etag", "content-disposition"),
    *("retry-after", "x-request-id"),
)
CSRF_TRUSTED_ORIGINS = CORS_ALLOWED_ORIGINS

INSTALLED_APPS = [
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
if sys.argv[1:2] == ["runserver"]:  # nothing else uses it, and Twisted is a sixth of each start
    INSTALLED_APPS.insert(0, "daphne")
MIDDLEWARE = [
    "intellibooks.metrics.middleware.MeasureRequests",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "intellibooks.static_files.CompressedFiles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "intellibooks.origins.RefuseForeignOrigins",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "intellibooks.queue_pages.GuardQueues",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "intellibooks.admin_audit.AuditAdmin",
    "intellibooks.api_errors.AnswerDomainErrors",
]
if TRACING:
    MIDDLEWARE.insert(0, "intellibooks.tracing_requests.TraceRequests")
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
FILE_UPLOAD_HANDLERS = [
    "intellibooks.upload_handlers.KeepInMemory",
    "intellibooks.upload_handlers.KeepInFile",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["intellibooks.auth.authentication.Credentials"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "intellibooks.negotiation.PlainCasesFirst",
    "DEFAULT_PARSER_CLASSES": [
        "intellibooks.json_parser.StrictJSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["intellibooks.auth.permissions.MayKnock"],
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
        "intellibooks.openapi.tell_success_as_200",
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
LOG_FORMAT = env.choice("LOG_FORMAT", "line", ("line", "json"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "intellibooks.log_lines.LineFormatter"},
        "json": {"()": "intellibooks.log_json.JsonFormatter"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "stream": sys.stderr}
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "rq": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
    },
}
