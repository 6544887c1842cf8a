"""How much a run of the fuzz tests tries."""

import os
from typing import Any

from hypothesis import HealthCheck, Phase, settings

# The same examples in each run, so that one that fails fails everywhere.
FACTOR = int(os.environ.get("FUZZ_FACTOR", "1"))


def limit_fuzz(examples: int) -> Any:
    """Hypothesis' settings for so many examples, times FUZZ_FACTOR."""
    return settings(
        max_examples=examples * FACTOR,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
