"""What a client wishes for its connection, from the query of the address."""

from dataclasses import dataclass
from urllib.parse import parse_qs

# What each choice leaves out; the old frontend knows transcript_update alone.
MUTED = {
    "full": frozenset[str](),
    "delta": frozenset({"transcript_update"}),
    "off": frozenset({"transcript_update", "segment"}),
}
LARGEST_SEQ = 2**63 - 1
MOST_DIGITS = len(str(LARGEST_SEQ))


@dataclass(frozen=True, slots=True)
class ConnectionOptions:
    """``last_seq`` is the newest event the client has, None where it does not resume."""

    last_seq: int | None = None
    muted: frozenset[str] = frozenset()


def read_options(query: bytes) -> ConnectionOptions:
    """The options; one that makes no sense is as good as none."""
    try:
        fields = parse_qs(query.decode("ascii"), max_num_fields=32)
    except ValueError:
        return ConnectionOptions()
    first = {name: values[0] for name, values in fields.items()}
    return ConnectionOptions(
        last_seq=read_last_seq(first.get("last_seq", "")),
        muted=MUTED.get(first.get("transcript", "full"), MUTED["full"]),
    )


def read_last_seq(text: str) -> int | None:
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        return None
    return min(int(text), LARGEST_SEQ)
