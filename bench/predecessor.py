"""The yardstick: how the service that this one replaces took a chunk, written anew and reduced.

The upload's bytes become a JSON list of numbers under a key of their own; then the session, one
JSON document with a list that grows, is read, changed and written back. Left out, in its favour:
the framework, a real form parser, locks (two requests of one session lose an update), fsync.
"""

import json
import os
import time
import uuid
from typing import Any

from redis.asyncio import Redis

STORE = Redis.from_url(os.environ["PREDECESSOR_REDIS"])
TTL_SECONDS = 24 * 3600


async def application(scope: Any, receive: Any, send: Any) -> None:
    answer: dict[str, Any] = {"ready": True}
    parts = scope["path"].strip("/").split("/")
    if parts[-1] == "start":
        answer = await start_session()
    elif parts[-1] == "chunk":
        answer = await keep_chunk(parts[-2], await read_body(receive))
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(answer).encode()})


async def read_body(receive: Any) -> bytes:
    pieces, more = [], True
    while more:
        message = await receive()
        pieces.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(pieces)


async def start_session() -> dict[str, Any]:
    session = {"session_id": str(uuid.uuid4()), "status": "recording", "chunks": []}
    await STORE.set(f"session:{session['session_id']}", json.dumps(session), ex=TTL_SECONDS)
    return session


async def keep_chunk(session_id: str, body: bytes) -> dict[str, Any]:
    fields = {}
    for part in body.split(body[: body.index(b"\r\n")])[1:-1]:
        head, _, value = part.partition(b"\r\n\r\n")
        fields[head.split(b'name="')[1].split(b'"')[0]] = value[:-2]
    index, audio = int(fields[b"chunk_index"]), fields[b"audio_chunk"]
    key = f"session:{session_id}:chunk:{index}"
    await STORE.set(key, json.dumps(list(audio)), ex=TTL_SECONDS)
    session = json.loads(await STORE.get(f"session:{session_id}") or "")
    session["chunks"].append({"index": index, "size": len(audio), "at": time.time(), "text": None})
    await STORE.set(f"session:{session_id}", json.dumps(session), ex=TTL_SECONDS)
    await STORE.rpush("queue", json.dumps({"session_id": session_id, "index": index}))
    return {"success": True, "chunk_index": index, "queued": True}
