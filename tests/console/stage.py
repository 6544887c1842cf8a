"""Meetings written straight into the database of a running service, by a process of its own.

A browser test has an event loop in its thread, in which Django refuses to touch a database.
"""

from typing import Any

from tests.intellibooks.serve_process import ServeProcess, run_manage

HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"


def run(name: str, serve: ServeProcess) -> str:
    """The id of the meeting that ``staged_meetings`` writes under that name."""
    script = f"from tests.console.staged_meetings import write; print(write({name!r}))"
    env: dict[str, Any] = {**serve.env}
    done = run_manage("shell", "-c", script, data_dir=serve.data_dir, **env)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]
