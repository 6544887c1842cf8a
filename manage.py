#!/usr/bin/env python
"""Django's command line for Intellibooks Studio."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

EXIT_BAD_SETTING = 78  # EX_CONFIG of sysexits.h


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "intellibooks.settings")
    try:
        _ = settings.DATABASES  # a wrong setting ends here, in one line instead of a traceback
    except ImproperlyConfigured as error:
        sys.stderr.write(f"Cannot start: {error}\n")
        sys.exit(EXIT_BAD_SETTING)
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
