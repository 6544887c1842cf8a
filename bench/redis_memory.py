"""What Redis holds, by kind of key."""

import re
from collections import Counter
from collections.abc import Iterable

from redis import Redis

# Ids and numbers of one meeting or job, so that keys of one kind fall together.
VARIABLE = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|chunk-[0-9a-f]{32}-\d+|[0-9a-f]{32}|\d+")


def name_kind(key: str) -> str:
    return VARIABLE.sub("*", key)


def measure_keys(redis: Redis) -> Counter[str]:
    """Kind of key -> bytes by MEMORY USAGE, every element counted."""
    keys = list(redis.scan_iter(count=1000))
    with redis.pipeline(transaction=False) as pipe:
        for key in keys:
            pipe.memory_usage(key, samples=0)
        sizes = pipe.execute()
    return sum_kinds((key.decode(), size or 0) for key, size in zip(keys, sizes, strict=True))


def sum_kinds(sizes: Iterable[tuple[str, int]]) -> Counter[str]:
    kinds: Counter[str] = Counter()
    for key, size in sizes:
        kinds[name_kind(key)] += size
    return kinds


def read_memory(redis: Redis) -> dict[str, int]:
    """All that the server uses, and what of it the data take (without buffers and tables)."""
    memory = redis.info("memory")
    return {name: int(memory[name]) for name in ("used_memory", "used_memory_dataset")}
