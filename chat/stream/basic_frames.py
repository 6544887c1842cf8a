"""What every room answers: a ping, a resume."""

from typing import Any

from chat.stream.incoming import read_seq
from chat.stream.socket import RoomSocket


async def answer_ping(socket: RoomSocket, frame: dict[str, Any]) -> None:
    await socket.reply("pong")


async def resume(socket: RoomSocket, frame: dict[str, Any]) -> None:
    await socket.resume(read_seq(frame, "last_seq"))
