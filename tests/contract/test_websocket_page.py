"""What docs/websocket.md shows is what is sent."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from chat.client_frames import CLIENT_FRAMES
from chat.consumers import UNAVAILABLE
from chat.server_frames import SERVER_FRAMES
from chat.stream import limits, outbox, socket
from intellibooks.auth import watch
from tests.contract.frames import find_faults

PAGE = (Path(__file__).parents[2] / "docs" / "websocket.md").read_text()


def read_examples(heading: str) -> list[dict[str, Any]]:
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [json.loads(text) for text in re.findall(r"```json\n(.*?)```", section, re.DOTALL)]


@pytest.mark.parametrize(
    ("heading", "shapes"), [("From the service", SERVER_FRAMES), ("From you", CLIENT_FRAMES)]
)
def test_each_frame_has_an_example_that_is_one(heading: str, shapes: dict[str, Any]) -> None:
    examples = read_examples(heading)
    assert {example["type"] for example in examples} == shapes.keys()
    for example in examples:
        assert find_faults(example, shapes) == [], example


def test_the_page_names_every_close_code() -> None:
    codes = {limits.FLOOD, socket.ACCESS_LOST, outbox.TOO_SLOW, UNAVAILABLE}
    codes |= {watch.NOT_AUTHENTICATED, watch.NOT_ALLOWED}
    assert {int(code) for code in re.findall(r"^\| (4\d\d\d) \|", PAGE, re.MULTILINE)} == codes
