"""A second machine on the stores of the first: web process, workers, watchdog, kept alive."""

import argparse
import contextlib

import django
import httpx

from tests.intellibooks.serve_process import ServeProcess, wait_until


class SecondMachine(ServeProcess):
    """Starts this module. Its ``serve`` runs elsewhere: here are neither Redis nor migrations."""

    program = ("-m", "tests.faults.second_machine")

    def wait_until_ready(self) -> "SecondMachine":
        wait_until(lambda: self.is_ready() or self.process.poll() is not None, 30)
        assert self.process.poll() is None, self.output
        return self

    def is_ready(self) -> bool:
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"http://127.0.0.1:{self.port}/api/ready", timeout=5).is_success
        return False


def main() -> None:
    django.setup()
    # after django.setup()
    from intellibooks.serving import build_children  # noqa: PLC0415
    from intellibooks.supervisor import Supervisor  # noqa: PLC0415

    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int)
    Supervisor(build_children("127.0.0.1", parser.parse_args().port, {})).run()


if __name__ == "__main__":
    main()
