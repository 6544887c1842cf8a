"""A speech engine that costs the same for every sound: what a whisper-server answers, made up.

The service reaches it as any whisper-server, by WHISPER_SERVER_URL.
"""

import asyncio
import json
import os
from typing import Any

WORK_SECONDS = 0.1
SAID = "we send the letter to all customers on thursday"
SEGMENT = {"text": f" {SAID}", "start": 0.5, "end": 4.0, "words": []}
EVIDENCE = {"avg_logprob": -0.2, "no_speech_prob": 0.01}
HEARD = {"language": "english", "text": SAID, "segments": [{**SEGMENT, **EVIDENCE}]}


async def application(scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body", False):
        pass
    answer: dict[str, Any] = {"status": "ok"}
    if scope["path"] == "/inference":
        await asyncio.sleep(float(os.environ.get("ENGINE_SECONDS", WORK_SECONDS)))
        answer = HEARD
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(answer).encode()})
