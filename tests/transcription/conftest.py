"""Speech to text needs no Redis and no database: its tests run without them."""

import pytest


@pytest.fixture(autouse=True)
def _empty_redis() -> None:
    """Stands in front of the fixture of that name that would start a Redis."""
