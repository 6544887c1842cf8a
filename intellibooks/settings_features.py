"""The settings of features: earlier results, what other services are told, the assistant."""

import intellibooks.settings_place  # noqa: F401 - first: a .env file may set what is read here
from intellibooks import env

# --- Results --------------------------------------------------------------------------------
STAGE_REVISIONS = env.whole_number("STAGE_REVISIONS", 10, minimum=0, maximum=1000)

# --- Webhooks -------------------------------------------------------------------------------
# Private networks that may be told all the same; everything public may.
WEBHOOK_ALLOWED_NETWORKS = env.networks("WEBHOOK_ALLOWED_NETWORKS")
WEBHOOK_LOG_DAYS = env.whole_number("WEBHOOK_LOG_DAYS", 30, minimum=1, maximum=3650)

# --- Retention: days after which something goes; 0 keeps it ------------------------------------
RETENTION_DAYS = env.whole_number("RETENTION_DAYS", 0, minimum=0, maximum=36_500)
RETENTION_AUDIO_DAYS = env.whole_number("RETENTION_AUDIO_DAYS", 0, minimum=0, maximum=36_500)
EVENT_RETENTION_DAYS = env.whole_number("EVENT_RETENTION_DAYS", 0, minimum=0, maximum=36_500)
AUDIT_RETENTION_DAYS = env.whole_number("AUDIT_RETENTION_DAYS", 0, minimum=0, maximum=36_500)

# --- The stream of a room -----------------------------------------------------------------------
# What may wait for a socket that does not read; beyond it is closed with 4408 and may resume.
SOCKET_QUEUE_FRAMES = env.whole_number("SOCKET_QUEUE_FRAMES", 256, minimum=8, maximum=100_000)
SOCKET_QUEUE_BYTES = env.whole_number(
    "SOCKET_QUEUE_BYTES", 4 * 1024 * 1024, minimum=64 * 1024, maximum=1024**3
)
RESUME_MAX_EVENTS = env.whole_number("RESUME_MAX_EVENTS", 2000, minimum=0, maximum=100_000)
STREAM_CHECK_SECONDS = env.whole_number("STREAM_CHECK_SECONDS", 5, minimum=1, maximum=3600)

# --- Assistant ------------------------------------------------------------------------------
CHAT_RESPONDER = "meetings.assistant.responder.respond"
# A message is for people unless it calls the assistant; research and smart always ask it.
ASSISTANT_ANSWERS = env.choice(
    "ASSISTANT_ANSWERS", "mentions", ("mentions", "alone", "always", "never")
)
ASSISTANT_TIMEOUT_SECONDS = env.whole_number(
    "ASSISTANT_TIMEOUT_SECONDS", 30, minimum=1, maximum=300
)
