"""Limits of time, told apart from everything else that a test holds true."""


class TooSlow(AssertionError):
    """Something took longer than it may, or stuttered. Another program on the machine can be the
    reason, so pytest tries such a test twice more (``--only-rerun`` in pyproject.toml); no other
    failure is.
    """


def check_seconds(took: float, limit: float) -> None:
    if took >= limit:
        raise TooSlow(f"{took:.2f} s, not within {limit:g} s")
