"""Tasks that end when they are told to, whatever a library made of it."""

import asyncio


def honour_cancellation() -> None:
    """Raises CancelledError where this task was cancelled and something caught that.

    redis-py looks at a new connection within ``asyncio.timeout(0)``, which takes a cancellation
    of the same moment for its own. A task that went on would listen for ever.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
