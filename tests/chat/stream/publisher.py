"""Another process of the service, in which things happen in a room.

Usage: python -m tests.chat.stream.publisher DATABASE FIRST LAST
"""

import sys

from django.db import connection

import intellibooks.asgi  # noqa: F401 - sets Django up, as in a web process
from tests.chat.stream.rooms import happen


def main(database: str, first: str, last: str) -> None:
    connection.settings_dict["NAME"] = database  # of the test, not of the machine
    happen(*range(int(first), int(last) + 1))


if __name__ == "__main__":
    main(*sys.argv[1:])
