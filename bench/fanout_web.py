"""Becomes the product's web process, with every flag that `manage.py serve` gives it.

Usage: python -m bench.fanout_web HOST PORT. Only the application is another: the product's own
with one frame more.
"""

import os
import sys

from intellibooks.serving import build_web_command

PRODUCT, WITH_SHOUT = "intellibooks.asgi:application", "bench.fanout_application:application"


def main(host: str, port: str) -> None:
    command = [str(word) for word in build_web_command(host, int(port))]
    command[command.index(PRODUCT)] = WITH_SHOUT
    os.execv(command[0], command)  # noqa: S606 - our own


if __name__ == "__main__":
    main(*sys.argv[1:])
