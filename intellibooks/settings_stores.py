"""The settings of the stores: database, Redis, audio files."""

import os
from typing import Any

from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from intellibooks import env
from intellibooks.embedded_redis import embedded_redis_url
from intellibooks.redis_address import read_credentials
from intellibooks.redis_cluster import QUEUE_PREFIX, build_queue_pool
from intellibooks.settings_place import DATA_DIR

REDIS_ENABLED = env.flag("REDIS_ENABLED", default=True)
REDIS_URL = env.url("REDIS_URL", ("redis", "rediss", "unix")) if REDIS_ENABLED else ""
REDIS_SENTINELS = env.addresses("REDIS_SENTINELS") if REDIS_ENABLED else []
REDIS_SENTINEL_MASTER = env.text("REDIS_SENTINEL_MASTER", "mymaster")
REDIS_CLUSTER_NODES = env.addresses("REDIS_CLUSTER_NODES") if REDIS_ENABLED else []
if (REDIS_SENTINELS or REDIS_CLUSTER_NODES) and not REDIS_URL:
    REDIS_URL = "redis://by-setting/0"  # its address counts for nothing
if REDIS_CLUSTER_NODES:
    if REDIS_SENTINELS:
        allowed = "empty where REDIS_CLUSTER_NODES is set: it is a cluster or has sentinels"
        raise env.SettingError("REDIS_SENTINELS", env.text("REDIS_SENTINELS"), allowed)
    if read_credentials(REDIS_URL).get("db"):
        raise env.SettingError("REDIS_URL", ".../N", "database 0: a Redis Cluster has no other")
    os.environ["RQ_KEY_PREFIX"] = QUEUE_PREFIX  # RQ reads it when it is imported
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
    DATABASE.setdefault("CONN_MAX_AGE", 0)  # ?conn_max_age= of the URL, where there is no pool
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
# Our own code enqueues with its own client; this is what the admin's pages ask.
QUEUE_SERVER: dict[str, Any] = {"URL": REDIS_URL}
if REDIS_CLUSTER_NODES:
    queue_pool = build_queue_pool(REDIS_CLUSTER_NODES, **{**read_credentials(REDIS_URL), "db": 0})
    QUEUE_SERVER = {"HOST": "", "PORT": 0, "REDIS_CLIENT_KWARGS": {"connection_pool": queue_pool}}
elif REDIS_SENTINELS:
    QUEUE_SERVER = {
        "SENTINELS": REDIS_SENTINELS,
        "MASTER_NAME": REDIS_SENTINEL_MASTER,
        "CONNECTION_KWARGS": read_credentials(REDIS_URL),
    }
RQ_QUEUES = {
    name: {**QUEUE_SERVER, "SERIALIZER": "rq.serializers.JSONSerializer"}
    for name in ("live", "pipeline")
}
RQ = {"COMMIT_MODE": "auto"}  # we enqueue after the commit ourselves and want to see the job

MEDIA_STORAGE = env.choice("MEDIA_STORAGE", "files", ("files", "s3"))
MEDIA: dict[str, Any] = {
    "BACKEND": "meetings.storage.DurableFileSystemStorage",
    "OPTIONS": {"location": DATA_DIR / "media"},
}
S3 = {
    "bucket": env.text("MEDIA_S3_BUCKET"),
    "endpoint": env.url("MEDIA_S3_ENDPOINT", ("http", "https")),
    "region": env.text("MEDIA_S3_REGION"),
    "prefix": env.text("MEDIA_S3_PREFIX"),
    "access_key": env.secret("MEDIA_S3_ACCESS_KEY"),
    "secret_key": env.secret("MEDIA_S3_SECRET_KEY"),
}
if MEDIA_STORAGE == "s3":
    if not S3["bucket"]:
        raise env.SettingError("MEDIA_S3_BUCKET", "", "the bucket that MEDIA_STORAGE=s3 writes to")
    MEDIA = {"BACKEND": "meetings.object_storage.ObjectStorage", "OPTIONS": S3}
# Every audio file that we write, wherever MEDIA is; see meetings/encryption.
MEDIA_ENCRYPTION_KEYS = env.media_keys("MEDIA_ENCRYPTION_KEYS")
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "media": MEDIA,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
