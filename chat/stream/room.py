"""A room as one process has it: its sockets, and how far they have been told."""

import asyncio
from collections.abc import Sequence

from chat.frames import FrameText, measure_age
from chat.stream.outbox import Outbox, Outgoing
from intellibooks.metrics.process import FANOUT_SECONDS, FRAMES


class Room:
    """Hands frames to its sockets in the order of the event log, each once.

    Frames may come twice, late or never: ``seq`` tells. One that is ahead of its turn waits in
    ``early`` until those before it have come, or have been read from the log.
    """

    __slots__ = ("early", "filling", "outboxes", "seq", "session_id", "timer")

    def __init__(self, session_id: str, seq: int) -> None:
        self.session_id = session_id
        self.seq = seq  # of the newest kept frame that the sockets were given
        self.outboxes: dict[str, Outbox] = {}
        self.early: dict[int, tuple[FrameText, str]] = {}
        self.timer: asyncio.TimerHandle | None = None
        self.filling = asyncio.Lock()

    def receive(self, frames: Sequence[FrameText], sender: str = "") -> None:
        for frame in frames:
            if not frame.seq:
                self.hand_out(frame, sender)
            elif frame.seq > self.seq:
                # The first has the sender's name; what is read from the log has none.
                self.early.setdefault(frame.seq, (frame, sender))
                self.hand_out_in_turn()
        if frames and frames[-1].seq and not self.early:
            FANOUT_SECONDS.observe(measure_age(frames[-1].text))

    def hand_out_in_turn(self) -> None:
        while (due := self.early.pop(self.seq + 1, None)) is not None:
            self.seq += 1
            self.hand_out(*due)

    def hand_out(self, frame: FrameText, sender: str) -> None:
        """To every socket but the sender's: encoded once, nothing per member but the send."""
        outgoing = Outgoing(frame)
        sent_by = self.outboxes.get(sender)
        for outbox in self.outboxes.values():
            if outbox is not sent_by:
                outbox.put(outgoing)
        FRAMES.inc(len(self.outboxes) - (sent_by is not None))

    def skip(self, to_seq: int) -> None:
        """Go on behind what cannot be had; the sockets are told that REST has it."""
        for outbox in self.outboxes.values():
            outbox.skip(self.seq, to_seq)
        self.seq = max(self.seq, to_seq)
        self.early = {seq: due for seq, due in self.early.items() if seq > self.seq}
        self.hand_out_in_turn()

    def restart(self) -> None:
        """The room was deleted, and its log counts from 1 again."""
        self.seq = 0
        self.early.clear()
        for outbox in self.outboxes.values():
            outbox.seq = 0
