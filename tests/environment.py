"""The environment of a test run, set before Django's settings are read.

Every run has a data directory and a channel prefix of its own. DATABASE_URL and REDIS_URL
are left as they are, so that CI can name real servers.
"""

import atexit
import os
import shutil
import tempfile
import uuid

DATA_DIR = tempfile.mkdtemp(prefix="ib-test-")  # short: a unix socket's path lives in it
OWNER = os.getpid()


def remove_data_dir() -> None:
    if os.getpid() == OWNER:  # not in a process that a test forked
        shutil.rmtree(DATA_DIR, ignore_errors=True)


atexit.register(remove_data_dir)
os.environ["DATA_DIR"] = DATA_DIR
os.environ["DATABASE_POOL"] = "false"  # a pool keeps Postgres' test database from being dropped
os.environ["CHANNEL_PREFIX"] = f"test-{uuid.uuid4().hex[:8]}"
# Side by side (-n 2) each process has two databases of the Redis that REDIS_URL names: its own,
# and the next one for a whole service that it starts.
if (worker := os.environ.get("PYTEST_XDIST_WORKER", "")) and os.environ.get("REDIS_URL"):
    server = os.environ["REDIS_URL"].rpartition("/")[0]
    os.environ["REDIS_URL"] = f"{server}/{2 * int(worker.removeprefix('gw'))}"
os.environ["HOST"] = "127.0.0.1"
os.environ["PORT"] = "8004"
