"""The AsyncAPI file: whole, and about the frames that there are."""

import re
from typing import Any

import pytest
import yaml
from django.test import Client

from chat.client_frames import CLIENT_FRAMES
from chat.stream.handlers import HANDLERS
from tests.contract.frames import find_faults, read_document, verify_asked


def find_references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in find_references(value)]
    if isinstance(node, list):
        return [found for value in node for found in find_references(value)]
    return []


def test_the_service_serves_its_description() -> None:
    answer = Client().get("/asyncapi.yaml", headers={"host": "localhost:8004"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/yaml; charset=utf-8"
    document = yaml.safe_load(answer.content)
    assert document["asyncapi"] == "3.0.0"
    assert document["servers"]["this"] == {"host": "localhost:8004", "protocol": "ws"}


def test_everything_that_the_description_refers_to_is_in_it() -> None:
    document = read_document()
    for reference in find_references(document):
        node = document
        for part in reference.removeprefix("#/").split("/"):
            assert part in node, reference
            node = node[part]


def test_each_operation_names_messages_of_the_channel() -> None:
    document = read_document()
    for operation in document["operations"].values():
        names = [re.sub(r".*/", "", message["$ref"]) for message in operation["messages"]]
        assert set(names) <= document["channels"]["room"]["messages"].keys()
        assert len(names) >= 10


def test_every_frame_that_is_understood_is_described_and_the_other_way_round() -> None:
    assert CLIENT_FRAMES.keys() == HANDLERS.keys()


@pytest.mark.parametrize(
    "frame",
    [
        {"content": "no type is a message"},
        {"type": "history", "before": 7, "limit": 100},
        {"type": "typing"},
    ],
)
def test_a_plain_frame_is_as_described(frame: dict[str, Any]) -> None:
    verify_asked(frame)


@pytest.mark.parametrize(
    "frame",
    [
        {"content": ""},
        {"type": "history", "limit": 101},
        {"type": "resume"},
        {"type": "read", "seq": -1},
        {"type": "no_such_type"},
        {"type": "ping", "field": "that nobody knows"},
    ],
)
def test_what_is_not_described_is_found(frame: dict[str, Any]) -> None:
    assert find_faults(frame, CLIENT_FRAMES)
