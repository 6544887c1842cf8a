"""The product's settings, read in the environment of a test run."""

import tests.environment  # noqa: F401 - first, because the settings read the environment
from intellibooks.settings import *  # noqa: F403
